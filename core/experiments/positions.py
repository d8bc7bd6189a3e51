"""What a slider's positions come to: each measured once, kept, and those beside it known by their coordinates."""

from __future__ import annotations

import statistics
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from core.experiments.one_thread import in_one_thread
from core.training.stopwatch import Clock

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Place = tuple[Any, ...]
"""A position of several controls: a value of each."""
REMEMBERED = 5
"""Measures whose median says how long a position takes."""
GENTLE = 5
"""By how much a measure that nobody waits for is nicer; no more, since somebody may come to wait for it."""
IN_DIRECTION = 2
"""Positions ahead in the direction of a move; against it, one."""


class Positions(Generic[K, V]):
    """Measures positions, each in a thread of its own that is torch's only one, and keeps the last ``most`` of them.

    Whoever asks for one that is being measured waits for it: nothing is measured twice at a time. What it gives is
    shared by all who ask, and nobody changes it. Any thread may ask.

    measure: from a position to what it comes to.  clock: gives seconds.
    """

    def __init__(self, measure: Callable[[K], V], most: int, *, clock: Clock = time.monotonic) -> None:
        self._measure = measure
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._found: OrderedDict[K, Future[V]] = OrderedDict()
        self._seconds: deque[float] = deque(maxlen=REMEMBERED)

    def __contains__(self, key: K) -> bool:
        """Whether it is measured, or being so."""
        with self._lock:
            return key in self._found

    @property
    def seconds(self) -> float:
        """What a position takes: the median of the last ones, 0 before there is one."""
        with self._lock:
            return statistics.median(self._seconds) if self._seconds else 0.0

    def at(self, key: K, *, gently: bool = False) -> V:
        """What the position comes to; raises what its measure raised, and is then measured anew when asked again.

        gently: with a lower priority than all that somebody waits for.
        """
        with self._lock:
            found = self._found.get(key)
            if own := found is None:
                found = self._found[key] = Future()
            self._found.move_to_end(key)
        assert found is not None
        if own:
            self._fill(key, found, gently)
        return found.result()

    def _fill(self, key: K, found: Future[V], gently: bool) -> None:
        began = self._clock()
        try:
            value = in_one_thread(lambda: self._measure(key), nicer=GENTLE if gently else 0)
        except BaseException as error:
            with self._lock:
                del self._found[key]
            found.set_exception(error)
            return
        found.set_result(value)
        with self._lock:
            self._seconds.append(self._clock() - began)
            for old in [key for key, other in self._found.items() if other.done()][: len(self._found) - self._most]:
                del self._found[old]


def beside(axes: Sequence[Sequence[Any]], at: Place, before: Place | None = None) -> list[Place]:
    """The positions that are likely to come after ``at``, the likeliest first.

    Along the axis on which ``at`` differs from ``before``: two further on, and the one on the other side. Without such
    a move, or with one along several axes: one on each side along the first axis.

    axes: the values of each coordinate, in order.
    """
    moved = [] if before is None else [i for i, (now, was) in enumerate(zip(at, before, strict=True)) if now != was]
    axis = moved[0] if len(moved) == 1 else 0
    values = list(axes[axis])
    place = values.index(at[axis])
    if len(moved) == 1 and before is not None and before[axis] in values:
        way = 1 if place > values.index(before[axis]) else -1
        steps = [*(way * step for step in range(1, IN_DIRECTION + 1)), -way]
    else:
        steps = [1, -1]
    return [(*at[:axis], values[place + step], *at[axis + 1 :]) for step in steps if 0 <= place + step < len(values)]
