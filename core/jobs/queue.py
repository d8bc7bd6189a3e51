"""Background runs: a queue of races and other jobs in threads, and immutable snapshots to look at meanwhile.

A page never waits for a race and a race never knows of a page: it submits configurations, gets an id,
and asks for the snapshot of that id as often as it likes. A job waits for its data outside the queue and gets into
it once they are there, so a slow download holds up nobody else. Workers are cancelled and joined before the process
ends, since a thread that is inside torch at that moment aborts it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from core.catalogue import DATASETS
from core.config import RunConfig
from core.jobs.at_exit import close_at_exit, closed
from core.jobs.entry import Entry
from core.jobs.job import Job, Load
from core.jobs.limits import limits
from core.jobs.memory import give_back
from core.jobs.race import Race, Start
from core.jobs.snapshots import JobSnapshot, RaceSnapshot
from core.jobs.supply import Supply, load_or_fallback
from core.records.owners import Owners
from core.records.store import RunStore
from core.training.stopwatch import Clock

JOIN_SECONDS = 10.0
"""How long the end of a process waits for data on their way: they come from outside, and outside may hang."""
BROKEN = "it stopped on an error of the server; its log says more"
SHUTTING_DOWN = "The server is shutting down; start again in a moment."
FULL = "{waiting} others are waiting already; try again in a few minutes."
FULL_OF_ONE = "Another one is waiting already; try again in a few minutes."
YOURS_WAITS = "One of yours is waiting already; stop it, or start the next one when it runs."
YOURS_WAIT = "{waiting} of yours are waiting already; stop one of them, or start the next one when one runs."

_log = logging.getLogger(__name__)


class BusyError(RuntimeError):
    """Nothing can be added to the queue. The message is one sentence for the visitor."""


class RaceRegistry:
    """The races of one process, and its other jobs: one runs, the others wait their turn, ended ones stay to be seen.

    Of those whose data are there the one that was submitted first comes next. Create one registry in a process and
    share it. ``close`` cancels and joins everything, and runs by itself when the interpreter ends.

    store: where runs are recorded.  owners: note which session's races wrote which records.  load: gives the data.
    threads: of torch for each variant, the cores shared out by default.  start: starts a run, ``train`` by default;
    may be set later.  clock: gives seconds.
    join_seconds: how long ``close`` waits for data on their way.
    rate: images a second of the last complete race, None before there is one.  rate_batch: its batch size.
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
        owners: Owners | None = None,
    ) -> None:
        self.store = store
        self._owners = owners
        self.start = start
        self.rate: float | None = None
        self.rate_batch: int | None = None
        self._threads = threads
        self._clock = clock
        self._join_seconds = join_seconds
        self._entries: dict[str, Entry] = {}
        self._running: Entry | None = None
        self._supply = Supply(load, clock=clock)
        self._preparing: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._closed = False
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="normlens-queue")
        if store is not None:
            store.mark_interrupted()
        close_at_exit(self)

    def submit(self, configs: Sequence[RunConfig], owner: str = "") -> str:
        """Queue a race and return its id, by which it can be seen and stopped.

        owner: a secret of the session that it belongs to, which may have a few races waiting; without one there is
        no such limit. Raises ``ConfigError`` for bad variants and ``BusyError`` where the queue has no place.
        """
        allowed = limits()
        allowed.check(configs)
        race = Race(
            configs,
            store=self._owners.writer(owner) if self._owners is not None and owner else self.store,
            threads=self._threads,
            deadline=60 * allowed.race_minutes,
            start=self.start,
            clock=self._clock,
            public=True,
        )
        return self.enter(race, owner)

    def enter(self, job: Job, owner: str = "") -> str:
        """Queue a job and return its id; owner and ``BusyError`` as of ``submit``."""
        allowed = limits()
        entry = Entry(job, owner)
        thread = threading.Thread(
            target=self._prepare, args=(entry,), daemon=True, name=f"normlens-prepare-{job.job_id}"
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
            self._entries[job.job_id] = entry
            self._forget()
            self._preparing = [*(other for other in self._preparing if other.is_alive()), thread]
            thread.start()
        return job.job_id

    def snapshot(self, race_id: str) -> RaceSnapshot | None:
        """The race now, with its place in the queue; None for an id that this process does not know."""
        found = self.job(race_id)
        return found if isinstance(found, RaceSnapshot) else None

    def job(self, job_id: str) -> JobSnapshot | None:
        """The same of any job."""
        with self._lock:
            entry = self._entries.get(job_id)
            if entry is None:
                return None
            queue = self._in_turn()
        return self._placed(entry, queue)

    def jobs(self) -> list[JobSnapshot]:
        """All that are known, in the order in which they were submitted, without their places."""
        with self._lock:
            return [entry.job.snapshot() for entry in self._entries.values()]

    def watch(self, watch_id: str) -> RaceSnapshot | None:
        """The same by the id under which a race can be seen, but not stopped."""
        found = (job.race_id for job in self.jobs() if isinstance(job, RaceSnapshot) and job.watch_id == watch_id)
        return self.snapshot(next(found, ""))

    def running(self) -> str:
        """The id under which the race that runs now can be seen; empty where none does."""
        with self._lock:
            job = None if self._running is None or self._running.ended else self._running.job
            return job.watch_id if isinstance(job, Race) else ""

    def owned(self, owner: str) -> list[RaceSnapshot]:
        """The races of one session that run or wait, in the order of their turn; none for no owner."""
        with self._lock:
            queue = self._in_turn()
        placed = [self._placed(entry, queue) for entry in queue if owner and entry.owner == owner]
        return [job for job in placed if isinstance(job, RaceSnapshot)]

    def known(self, owner: str) -> dict[str, JobSnapshot]:
        """All jobs of one session by id, those that have ended as well; none for no owner."""
        with self._lock:
            entries = {key: entry for key, entry in self._entries.items() if owner and entry.owner == owner}
        return {job_id: entry.job.snapshot() for job_id, entry in entries.items()}

    def discard(self, job_id: str) -> None:
        """Know a job that has ended no more."""
        with self._lock:
            if job_id in self._entries and self._entries[job_id].ended:
                del self._entries[job_id]

    def estimate(self, configs: Sequence[RunConfig]) -> float | None:
        """Seconds that a race of ``configs`` would take, from the rate of the last race here.

        None before one, and where its batch size was another: small batches take many times as long.
        """
        if self.rate is None or any(config.batch_size != self.rate_batch for config in configs):
            return None
        return sum(config.epochs * DATASETS[config.dataset].train_images for config in configs) / self.rate

    def cancel(self, job_id: str, variant: int | None = None) -> None:
        """Stop a job, or one variant of a race; unknown ids are ignored."""
        with self._lock:
            entry = self._entries.get(job_id)
        if entry is None:
            return
        if variant is None:
            entry.job.cancel()
        elif isinstance(entry.job, Race):
            entry.job.cancel(variant)
        with self._lock:
            if entry.ended:
                entry.data = None  # nobody will train on them

    def busy(self) -> int:
        """How many jobs run or wait."""
        with self._lock:
            return len(self._in_turn())

    @property
    def idle(self) -> bool:
        """Whether no job runs or waits, and it is not closed."""
        with self._lock:
            return not self._closed and not self._in_turn()

    def when_idle(self, work: Callable[[], None]) -> bool:
        """Do ``work``, of less than a second, in the thread of the jobs where there is none now; whether there is."""
        with self._lock:
            if self._closed or self._in_turn():
                return False
            self._worker.submit(work)
            return True

    def close(self) -> None:
        """Cancel everything and wait for the threads: nothing of torch runs afterwards."""
        with self._lock:
            self._closed = True
            left = self._in_turn()
            preparing = list(self._preparing)
        for entry in left:
            entry.job.cancel()
        # a download that hangs is not inside torch and may be left behind; a worker may not
        self._supply.close(self._join_seconds)
        for thread in preparing:
            thread.join(self._join_seconds)
        self._worker.shutdown(cancel_futures=True)
        closed(self)

    def _in_turn(self) -> list[Entry]:
        # what runs, what waits for its turn, what waits for its data; called with the lock held
        left = [entry for entry in self._entries.values() if not entry.ended]
        return sorted(left, key=lambda entry: (entry is not self._running, entry.data is None))

    def _placed(self, entry: Entry, queue: Sequence[Entry]) -> JobSnapshot:
        snapshot = entry.job.snapshot()
        before = queue[: queue.index(entry)] if entry in queue and snapshot.status == "queued" else []
        waits = [self._seconds_left(other.job) for other in before]
        known = None if None in waits else sum(w for w in waits if w is not None)
        return replace(snapshot, position=len(before), expected_wait=known)

    def _seconds_left(self, job: Job) -> float | None:
        left = job.snapshot().remaining
        return self.estimate(job.configs) if left is None and isinstance(job, Race) else left

    def _forget(self) -> None:
        # the oldest ended ones make room; those that run or wait stay
        for job_id in [key for key, entry in self._entries.items() if entry.ended]:
            if len(self._entries) <= limits().keep_races:
                break
            del self._entries[job_id]

    def _prepare(self, entry: Entry) -> None:
        """In a thread of its own: wait for the data of a job, then let it into the queue."""
        job, seconds = entry.job, 60 * limits().data_minutes
        try:
            data = job.prepare(
                lambda name, progress: self._supply.get(
                    name, progress, seconds=seconds, unwanted=lambda: job.snapshot().ended
                )
            )
            with self._lock:
                if data is not None and not self._closed:
                    entry.data = data
                    self._worker.submit(self._train_next)
        except Exception:
            self._broken(job)

    def _train_next(self) -> None:
        """In the queue's thread, once for each job that got into it."""
        with self._lock:
            entry = next((e for e in self._entries.values() if e.data is not None and not e.ended), None)
            if entry is None:  # stopped meanwhile
                return
            self._running, data, entry.data = entry, entry.data, None
        try:
            last = entry.job.train(data)
            if isinstance(last, RaceSnapshot) and last.rate:
                self.rate, self.rate_batch = last.rate, last.variants[0].config.batch_size
        except Exception:
            self._broken(entry.job)
        finally:
            with self._lock:
                self._running = None
            del data
            give_back()

    def _broken(self, job: Job) -> None:
        # it does not take the queue with it
        _log.exception("job %s stopped on an error", job.job_id)
        job.fail(BROKEN)
