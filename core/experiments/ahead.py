"""Positions measured before anyone asks for them, one at a time, while the server has nothing else to do."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Protocol

from core.experiments.positions import Positions
from core.jobs import memory

Part = tuple[Positions[Any, Any], Hashable]
"""One measure of a position of a page's controls."""
DEAR = 0.06
"""Seconds above which a position is worth measuring before it is asked for."""
MOST = 6
"""Measures on their way in a whole server."""
LOOK_SECONDS = 0.05
"""How often is looked whether a page is still being run."""

_log = logging.getLogger(__name__)


class IdleQueue(Protocol):
    """The queue of a server's jobs, as far as it is needed here."""

    @property
    def idle(self) -> bool:
        """Whether nothing runs or waits, and the end has not come."""
        ...

    def when_idle(self, work: Callable[[], None]) -> bool:
        """Do ``work`` in the thread of its jobs, where it is idle; whether it is."""
        ...


class Ahead:
    """What is to be measured ahead on one server, in the thread of its jobs: so none runs meanwhile, and its end waits.

    A job that is submitted waits for one position at most; the others are dropped, as they are where memory is short.

    occupied: whether a page is being run for anyone; nothing is begun as long.  short: whether memory is.
    """

    def __init__(
        self, queue: IdleQueue, occupied: Callable[[], bool], *, short: Callable[[], bool] = memory.short
    ) -> None:
        self._queue = queue
        self._occupied = occupied
        self._short = short
        self._lock = threading.Lock()
        self._wanted: deque[Part] = deque()
        self._at_work = False

    def want(self, parts: Iterable[Part]) -> None:
        """Measure all parts of one position when there is time for it, where that takes long enough to be worth it.

        What is known already is left out, and what comes after ``MOST`` that wait.
        """
        new = [(positions, key) for positions, key in dict.fromkeys(parts) if key not in positions]
        if sum(positions.seconds for positions, _ in new) <= DEAR:
            return
        with self._lock:
            self._wanted += [part for part in new if part not in self._wanted][: MOST - len(self._wanted)]
            if self._wanted and not self._at_work:
                self._at_work = self._queue.when_idle(self._work)
            if not self._at_work:
                self._wanted.clear()

    def drop(self) -> None:
        """Want none of it any more: somebody asks for something else. What is being measured is brought to its end."""
        with self._lock:
            self._wanted.clear()

    def _work(self) -> None:
        """In the thread of the jobs."""
        while (wanted := self._next()) is not None:
            positions, key = wanted
            try:
                if key not in positions:
                    positions.at(key, gently=True)
            except Exception:  # whoever asks for it is told
                _log.warning("a position could not be measured ahead", exc_info=True)

    def _next(self) -> Part | None:
        while self._queue.idle and self._occupied():
            time.sleep(LOOK_SECONDS)
        with self._lock:
            if not self._queue.idle or self._short():
                self._wanted.clear()
            self._at_work = bool(self._wanted)
            return self._wanted.popleft() if self._wanted else None
