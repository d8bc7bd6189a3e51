"""Background runs: a queue of races in threads, and immutable snapshots to look at meanwhile.

A page never waits for a race and a race never knows of a page: it submits configurations, gets an id,
and asks for the snapshot of that id as often as it likes. Workers are cancelled and joined before the
process ends, since a thread that is inside torch at that moment aborts it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from weakref import WeakSet

from core.catalogue import DATASETS, FALLBACK, DatasetName
from core.config import ConfigError, RunConfig
from core.data import datasets as data
from core.data.datasets import Dataset
from core.data.download import DataError, Progress
from core.jobs.limits import limits
from core.jobs.memory import give_back
from core.jobs.race import Load, Race, Start
from core.jobs.snapshots import RaceSnapshot
from core.records.store import RunStore
from core.training.stopwatch import Clock

JOIN_SECONDS = 10.0
"""How long the end of a process waits for data on their way: they come from outside, and outside may hang."""

_log = logging.getLogger(__name__)


class BusyError(RuntimeError):
    """The queue is full. The message is one sentence for the visitor."""


def load_or_digits(
    name: DatasetName, progress: Progress | None = None, root: Path | None = None
) -> tuple[Dataset, str]:
    """The app's loader: the data set, or digits and a sentence that says why."""
    try:
        return data.load(name, root, progress=progress), ""
    except (DataError, ConfigError) as error:
        title = DATASETS[FALLBACK].title
        return data.load(FALLBACK), f"{error} The race goes on with {title}, which come with the app."


@dataclass(frozen=True)
class _Entry:
    """A race and its turn: the future waits, runs, or is done."""

    race: Race
    turn: Future[None]

    @property
    def waits(self) -> bool:
        return not (self.turn.running() or self.turn.done())


class RaceRegistry:
    """The races of one process: one runs, the others wait their turn, ended ones stay to be looked at.

    Create one in a process and share it. ``close`` cancels and joins everything, and runs by itself when
    the interpreter ends.

    store: where runs are recorded.  load: gives the data.  threads: of torch for each variant, the cores shared
    out by default.  start: starts a run, ``train`` by default; may be set later.  clock: gives seconds.
    join_seconds: how long ``close`` waits for data on their way.
    rate: images a second of the last complete race, None before there is one.
    """

    def __init__(
        self,
        store: RunStore | None = None,
        load: Load = load_or_digits,
        *,
        threads: int | None = None,
        start: Start | None = None,
        clock: Clock = time.monotonic,
        join_seconds: float = JOIN_SECONDS,
    ) -> None:
        self.store = store
        self.start = start
        self.rate: float | None = None
        self._load = load
        self._threads = threads
        self._clock = clock
        self._join_seconds = join_seconds
        self._entries: dict[str, _Entry] = {}
        self._data: Future[tuple[Dataset, str]] | None = None  # on their way
        self._lock = threading.Lock()
        self._closed = False
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="normlens-queue")
        if store is not None:
            store.mark_interrupted()
        _open.add(self)

    def submit(self, configs: Sequence[RunConfig]) -> str:
        """Queue a race and return its id.

        Raises ``ConfigError`` for bad variants and ``BusyError`` where the queue is full.
        """
        allowed = limits()
        allowed.check(configs)
        race = Race(
            configs,
            store=self.store,
            threads=self._threads,
            deadline=60 * allowed.race_minutes,
            start=self.start,
            clock=self._clock,
        )
        with self._lock:
            if self._closed:
                raise BusyError("The server is shutting down; start the race again in a moment.")
            if sum(entry.waits for entry in self._entries.values()) >= allowed.max_waiting:
                raise BusyError(f"{allowed.max_waiting} races are waiting already; try again in a few minutes.")
            turn = self._worker.submit(self._run, race)
            self._entries[race.race_id] = _Entry(race, turn)
            self._forget()
        turn.add_done_callback(lambda turn: _ended(race, turn))
        return race.race_id

    def snapshot(self, race_id: str) -> RaceSnapshot | None:
        """The race now, with its place in the queue; None for an id that this process does not know."""
        with self._lock:
            entry = self._entries.get(race_id)
            if entry is None:
                return None
            queue = self._in_turn()
            before = queue[: queue.index(entry)] if entry.waits else []
        waits = [self._seconds_left(other.race) for other in before]
        known = None if None in waits else sum(w for w in waits if w is not None)
        return replace(entry.race.snapshot(), position=len(before), expected_wait=known)

    def estimate(self, configs: Sequence[RunConfig]) -> float | None:
        """Seconds that a race of ``configs`` would take, from the rate of the last race here; None before one."""
        if self.rate is None:
            return None
        return sum(config.epochs * DATASETS[config.dataset].train_images for config in configs) / self.rate

    def cancel(self, race_id: str, variant: int | None = None) -> None:
        """Stop a race or one of its variants; unknown ids are ignored."""
        with self._lock:
            entry = self._entries.get(race_id)
        if entry is None:
            return
        if variant is None:
            entry.turn.cancel()  # where it waits; a race that runs is told to stop
        entry.race.cancel(variant)

    def busy(self) -> int:
        """How many races run or wait."""
        with self._lock:
            return len(self._in_turn())

    def close(self) -> None:
        """Cancel everything and wait for the threads: nothing of torch runs afterwards."""
        with self._lock:
            self._closed = True
            left = self._in_turn()
            data = self._data
        for entry in left:
            entry.race.cancel()
        if data is not None:
            # a download that hangs is not inside torch and may be left behind; a worker may not
            wait([data], timeout=self._join_seconds)
            with contextlib.suppress(InvalidStateError):  # they have come
                data.set_exception(DataError("the data did not come before the server ended"))
        self._worker.shutdown(cancel_futures=True)
        _open.discard(self)

    def _in_turn(self) -> list[_Entry]:
        # what runs and what waits, in order; called with the lock held
        return [entry for entry in self._entries.values() if not entry.turn.done()]

    def _seconds_left(self, race: Race) -> float | None:
        left = race.snapshot().remaining
        return self.estimate(race.configs) if left is None else left

    def _forget(self) -> None:
        # the oldest ended races make room; those that run or wait stay
        for race_id in [key for key, entry in self._entries.items() if entry.race.snapshot().ended]:
            if len(self._entries) <= limits().keep_races:
                break
            del self._entries[race_id]

    def _run(self, race: Race) -> None:
        try:
            self.rate = race.run(self._get).rate or self.rate
        finally:
            give_back()

    def _get(self, name: DatasetName, progress: Progress) -> tuple[Dataset, str]:
        """The data, from a thread of their own: the end of a process waits for the queue's thread, but not for them."""
        data: Future[tuple[Dataset, str]] = Future()

        def bring() -> None:
            with contextlib.suppress(InvalidStateError):  # nobody waits any more
                try:
                    data.set_result(self._load(name, progress))
                except BaseException as error:
                    data.set_exception(error)

        with self._lock:
            if self._closed:
                raise DataError("the server is shutting down")
            self._data = data
        threading.Thread(target=bring, daemon=True, name="normlens-data").start()
        try:
            return data.result()
        finally:
            self._data = None


def _ended(race: Race, turn: Future[None]) -> None:
    # a future keeps its exception to itself: a race that breaks is logged here, and does not take the queue with it
    error = None if turn.cancelled() else turn.exception()
    if error is not None:
        _log.error("race %s stopped on an error", race.race_id, exc_info=error)
        race.fail("the race stopped on an error of the server; its log says more")


_open: WeakSet[RaceRegistry] = WeakSet()


def _close_all() -> None:
    for registry in list(_open):
        registry.close()


# The interpreter joins the threads of every executor before it calls what atexit knows: a race would then run to its
# end first. What threading knows runs before that join, since it was registered after it; there is no public way.
threading._register_atexit(_close_all)  # type: ignore[attr-defined]
