"""Background runs: a queue of races in threads, and immutable snapshots to look at meanwhile.

A page never waits for a race and a race never knows of a page: it submits configurations, gets an id,
and asks for the snapshot of that id as often as it likes. A race waits for its data outside the queue and gets into
it once they are there, so a slow download holds up nobody else. Workers are cancelled and joined before the process
ends, since a thread that is inside torch at that moment aborts it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from weakref import WeakSet

from core.catalogue import DATASETS
from core.config import RunConfig
from core.data.datasets import Dataset
from core.jobs.limits import limits
from core.jobs.memory import give_back
from core.jobs.race import Load, Race, Start
from core.jobs.snapshots import RaceSnapshot
from core.jobs.supply import Supply, load_or_fallback
from core.records.store import RunStore
from core.training.stopwatch import Clock

JOIN_SECONDS = 10.0
"""How long the end of a process waits for data on their way: they come from outside, and outside may hang."""
BROKEN = "the race stopped on an error of the server; its log says more"
SHUTTING_DOWN = "The server is shutting down; start the race again in a moment."
FULL = "{waiting} races are waiting already; try again in a few minutes."
FULL_OF_ONE = "A race is waiting already; try again in a few minutes."
YOURS_WAITS = "A race of yours is waiting already; stop it, or start the next one when it runs."
YOURS_WAIT = "{waiting} races of yours are waiting already; stop one of them, or start the next one when one runs."

_log = logging.getLogger(__name__)


class BusyError(RuntimeError):
    """No race can be added to the queue. The message is one sentence for the visitor."""


@dataclass(eq=False)
class _Entry:
    """A race, whose it is, and its data once they are there and it waits for its turn."""

    race: Race
    owner: str
    data: Dataset | None = None

    @property
    def ended(self) -> bool:
        return self.race.snapshot().ended

    @property
    def waits(self) -> bool:
        return self.race.snapshot().status in ("queued", "preparing")


class RaceRegistry:
    """The races of one process: one runs, the others wait their turn, ended ones stay to be looked at.

    Of those whose data are there the one that was submitted first comes next. Create one registry in a process and
    share it. ``close`` cancels and joins everything, and runs by itself when the interpreter ends.

    store: where runs are recorded.  load: gives the data.  threads: of torch for each variant, the cores shared
    out by default.  start: starts a run, ``train`` by default; may be set later.  clock: gives seconds.
    join_seconds: how long ``close`` waits for data on their way.
    rate: images a second of the last complete race, None before there is one.
    """

    def __init__(
        self,
        store: RunStore | None = None,
        load: Load = load_or_fallback,
        *,
        threads: int | None = None,
        start: Start | None = None,
        clock: Clock = time.monotonic,
        join_seconds: float = JOIN_SECONDS,
    ) -> None:
        self.store = store
        self.start = start
        self.rate: float | None = None
        self._threads = threads
        self._clock = clock
        self._join_seconds = join_seconds
        self._entries: dict[str, _Entry] = {}
        self._running: _Entry | None = None
        self._supply = Supply(load, clock=clock)
        self._preparing: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._closed = False
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="normlens-queue")
        if store is not None:
            store.mark_interrupted()
        _open.add(self)

    def submit(self, configs: Sequence[RunConfig], owner: str = "") -> str:
        """Queue a race and return its id, by which it can be seen and stopped.

        owner: a secret of the session that it belongs to, which may have a few races waiting; without one there is
        no such limit. Raises ``ConfigError`` for bad variants and ``BusyError`` where the queue has no place.
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
            public=True,
        )
        entry = _Entry(race, owner)
        thread = threading.Thread(
            target=self._prepare, args=(entry,), daemon=True, name=f"normlens-prepare-{race.race_id}"
        )
        with self._lock:
            if self._closed:
                raise BusyError(SHUTTING_DOWN)
            waiting = [other for other in self._entries.values() if other.waits]
            yours = sum(other.owner == owner for other in waiting) if owner else 0
            if yours >= allowed.max_waiting_each:
                raise BusyError(YOURS_WAITS if yours == 1 else YOURS_WAIT.format(waiting=yours))
            if len(waiting) >= allowed.max_waiting:
                raise BusyError(FULL_OF_ONE if len(waiting) == 1 else FULL.format(waiting=len(waiting)))
            self._entries[race.race_id] = entry
            self._forget()
            self._preparing = [*(other for other in self._preparing if other.is_alive()), thread]
            thread.start()
        return race.race_id

    def snapshot(self, race_id: str) -> RaceSnapshot | None:
        """The race now, with its place in the queue; None for an id that this process does not know."""
        with self._lock:
            entry = self._entries.get(race_id)
            if entry is None:
                return None
            queue = self._in_turn()
        return self._placed(entry, queue)

    def watch(self, watch_id: str) -> RaceSnapshot | None:
        """The same by the id under which a race can be seen, but not stopped."""
        with self._lock:
            race_id = next((key for key, entry in self._entries.items() if entry.race.watch_id == watch_id), "")
        return self.snapshot(race_id)

    def running(self) -> str:
        """The id under which the race that runs now can be seen; empty where none does."""
        with self._lock:
            return "" if self._running is None or self._running.ended else self._running.race.watch_id

    def owned(self, owner: str) -> list[RaceSnapshot]:
        """The races of one session that run or wait, in the order of their turn; none for no owner."""
        with self._lock:
            queue = self._in_turn()
        return [self._placed(entry, queue) for entry in queue if owner and entry.owner == owner]

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
        entry.race.cancel(variant)
        with self._lock:
            if entry.ended:
                entry.data = None  # nobody will train on them

    def busy(self) -> int:
        """How many races run or wait."""
        with self._lock:
            return len(self._in_turn())

    def close(self) -> None:
        """Cancel everything and wait for the threads: nothing of torch runs afterwards."""
        with self._lock:
            self._closed = True
            left = self._in_turn()
            preparing = list(self._preparing)
        for entry in left:
            entry.race.cancel()
        # a download that hangs is not inside torch and may be left behind; a worker may not
        self._supply.close(self._join_seconds)
        for thread in preparing:
            thread.join(self._join_seconds)
        self._worker.shutdown(cancel_futures=True)
        _open.discard(self)

    def _in_turn(self) -> list[_Entry]:
        # what runs, what waits for its turn, what waits for its data; called with the lock held
        left = [entry for entry in self._entries.values() if not entry.ended]
        return sorted(left, key=lambda entry: (entry is not self._running, entry.data is None))

    def _placed(self, entry: _Entry, queue: Sequence[_Entry]) -> RaceSnapshot:
        snapshot = entry.race.snapshot()
        before = queue[: queue.index(entry)] if entry in queue and snapshot.status == "queued" else []
        waits = [self._seconds_left(other.race) for other in before]
        known = None if None in waits else sum(w for w in waits if w is not None)
        return replace(snapshot, position=len(before), expected_wait=known)

    def _seconds_left(self, race: Race) -> float | None:
        left = race.snapshot().remaining
        return self.estimate(race.configs) if left is None else left

    def _forget(self) -> None:
        # the oldest ended races make room; those that run or wait stay
        for race_id in [key for key, entry in self._entries.items() if entry.ended]:
            if len(self._entries) <= limits().keep_races:
                break
            del self._entries[race_id]

    def _prepare(self, entry: _Entry) -> None:
        """In a thread of its own: wait for the data of a race, then let it into the queue."""
        race, seconds = entry.race, 60 * limits().data_minutes
        try:
            data = race.prepare(
                lambda name, progress: self._supply.get(
                    name, progress, seconds=seconds, unwanted=lambda: race.snapshot().ended
                )
            )
            with self._lock:
                if data is not None and not self._closed:
                    entry.data = data
                    self._worker.submit(self._train_next)
        except Exception:
            self._broken(race)

    def _train_next(self) -> None:
        """In the queue's thread, once for each race that got into it."""
        with self._lock:
            entry = next((e for e in self._entries.values() if e.data is not None and not e.ended), None)
            if entry is None:  # stopped meanwhile
                return
            self._running, data, entry.data = entry, entry.data, None
        assert data is not None
        try:
            self.rate = entry.race.train(data).rate or self.rate
        except Exception:
            self._broken(entry.race)
        finally:
            with self._lock:
                self._running = None
            del data
            give_back()

    def _broken(self, race: Race) -> None:
        # it does not take the queue with it
        _log.exception("race %s stopped on an error", race.race_id)
        race.fail(BROKEN)


_open: WeakSet[RaceRegistry] = WeakSet()


def _close_all() -> None:
    for registry in list(_open):
        registry.close()


# The interpreter joins the threads of every executor before it calls what atexit knows: a race would then run to its
# end first. What threading knows runs before that join, since it was registered after it; there is no public way.
threading._register_atexit(_close_all)  # type: ignore[attr-defined]
