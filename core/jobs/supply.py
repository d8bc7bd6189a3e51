"""Data sets on their way to the races: each brought once, however many wait for it, and nobody waits for ever.

A download has a thread of its own. Whoever wants its data looks again and again whether they are there, whether
there is any need for them still, and whether the time is over; once nobody waits, the download is ended, too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from pathlib import Path

from core.catalogue import DATASETS, FALLBACK, DatasetName
from core.config import ConfigError
from core.data import datasets as data
from core.data.datasets import Dataset
from core.data.download import DataError, Progress, reason_for_visitors
from core.jobs.job import Load
from core.training.stopwatch import Clock

LOOK_SECONDS = 0.1
"""How often one who waits looks whether to go on waiting."""
GOES_ON = "{reason} The race goes on with the data set {title}, which comes with the app."
LATE = "{title} did not come within {minutes:g} minutes."


class _Unwanted(Exception):
    """Ends a download that nobody waits for: no error of a network, so no mirror is asked instead."""


def load_or_fallback(
    name: DatasetName, progress: Progress | None = None, root: Path | None = None
) -> tuple[Dataset, str]:
    """The app's loader: the data set, or ``FALLBACK`` and a sentence for visitors that says why."""
    try:
        return data.load(name, root, progress=progress), ""
    except (DataError, ConfigError) as error:
        reason = reason_for_visitors(error)
        return data.load(FALLBACK), GOES_ON.format(reason=reason, title=DATASETS[FALLBACK].title)


class _Delivery:
    """One data set on its way.

    received: bytes so far.  waiting: how many wait for it.
    """

    def __init__(self) -> None:
        self.data: Future[tuple[Dataset, str]] = Future()
        self.received = 0
        self.waiting = 0


class Supply:
    """Brings data sets by ``load``, each in a thread of its own; ``clock`` gives seconds."""

    def __init__(self, load: Load, *, clock: Clock) -> None:
        self._load = load
        self._clock = clock
        self._lock = threading.Lock()
        self._closed = False
        self._deliveries: dict[DatasetName, _Delivery] = {}  # that can be waited for
        self._threads: list[threading.Thread] = []  # of those and of the unwanted ones that have not ended

    def get(
        self, name: DatasetName, progress: Progress, *, seconds: float, unwanted: Callable[[], bool]
    ) -> tuple[Dataset, str]:
        """The data set, and a note where it is another one. Blocks.

        After ``seconds`` it is the one that needs no download, with a sentence that says so. Raises ``DataError``
        where there are no data, and within ``LOOK_SECONDS`` where they are ``unwanted`` or the supply is closed.
        """
        end = self._clock() + seconds
        delivery = self._join(name)
        try:
            while not delivery.data.done():
                if self._closed or unwanted():
                    raise DataError("nobody waits for these data any more")
                if self._clock() >= end:
                    return self._instead(name, LATE.format(title=DATASETS[name].title, minutes=seconds / 60))
                progress(delivery.received)
                wait([delivery.data], timeout=LOOK_SECONDS)
            return delivery.data.result()
        finally:
            self._leave(name, delivery)

    def close(self, seconds: float) -> None:
        """Let nobody wait any more, and wait for the threads, but not longer: outside may hang, and is not torch."""
        with self._lock:
            self._closed = True
            left = list(self._threads)
        end = time.monotonic() + seconds
        for thread in left:
            thread.join(max(0.0, end - time.monotonic()))

    def _join(self, name: DatasetName) -> _Delivery:
        with self._lock:
            if self._closed:
                raise DataError("the server is shutting down")
            delivery = self._deliveries.get(name)
            if delivery is None:
                delivery = self._deliveries[name] = _Delivery()
                # a daemon: where outside hangs, the end of a process leaves it behind
                thread = threading.Thread(target=self._bring, args=(name, delivery), daemon=True, name="normlens-data")
                self._threads = [*(other for other in self._threads if other.is_alive()), thread]
                thread.start()
            delivery.waiting += 1
        return delivery

    def _leave(self, name: DatasetName, delivery: _Delivery) -> None:
        with self._lock:
            delivery.waiting -= 1
            # whoever comes now does not get one that is about to end
            if not delivery.waiting and self._deliveries.get(name) is delivery:
                del self._deliveries[name]

    def _bring(self, name: DatasetName, delivery: _Delivery) -> None:
        def progress(received: int) -> None:
            delivery.received = received
            if not delivery.waiting or self._closed:
                raise _Unwanted

        try:
            delivery.data.set_result(self._load(name, progress))
        except BaseException as error:
            delivery.data.set_exception(error)

    def _instead(self, name: DatasetName, reason: str) -> tuple[Dataset, str]:
        if name == FALLBACK:
            raise DataError(reason)
        return self._load(FALLBACK, lambda _: None)[0], GOES_ON.format(reason=reason, title=DATASETS[FALLBACK].title)
