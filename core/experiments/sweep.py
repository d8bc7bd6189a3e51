"""The trials of an experiment as a job of the queue: side by side, each in a thread, watched and stopped from outside.

A quick form, live on a server. ``core.experiments`` knows ``core.jobs``, and not the other way round.
"""

from __future__ import annotations

import logging
import math
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Any

import torch

from core.catalogue import FALLBACK, DatasetName
from core.data.datasets import Dataset
from core.data.download import DataError, reason_for_visitors
from core.experiments.experiment import Context, Trial
from core.experiments.run import THREADS, measured
from core.experiments.table import Done, Table
from core.jobs.cores import cores
from core.jobs.job import Load
from core.jobs.snapshots import JobSnapshot, JobStatus
from core.training.stopwatch import Clock

BROKEN = "a trial stopped on an error of the server; its log says more"
BEFORE_ITS_TURN = "stopped before it began"
AT_THE_LIMIT = "stopped at the time limit of {seconds:.0f} seconds"
LOOK_SECONDS = 0.5
"""How often a sweep looks at its deadline."""
TOLD_FROM = 0.05
"""The share from which on the time left is told from the work that is done."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class SweepSnapshot(JobSnapshot):
    """One sweep at one moment.

    sweep_id: the name under which it can be seen and stopped.  table: what its trials have come to so far.
    total: of its trials.  share: of its work that is done, 0..1.  expected: seconds for all of it; None where unknown.
    """

    sweep_id: str
    table: Table
    total: int
    share: float = 0.0
    expected: float | None = None

    @property
    def done(self) -> int:
        """How many trials are through."""
        return len(self.table.done)

    @property
    def remaining(self) -> float | None:
        """By the rate so far; before there is one, by what was expected."""
        if self.ended:
            return None
        if self.share >= TOLD_FROM:
            return self.elapsed * (1 - self.share) / self.share
        return None if self.expected is None else max(0.0, self.expected - self.elapsed)


class _StoppedError(Exception):
    """Ends a trial in the middle."""


class Sweep:
    """Trials of one experiment in its quick form, as many side by side as there are cores, each on one torch thread.

    Each gets the numbers that it would get alone. ``cancel`` ends it within a step of a training; what is through stays
    in the table.

    known: an earlier table of the same trials, by whose seconds they count.  expected: seconds for all of them, told by
    ``known`` by default.  at_once: trials side by side.  deadline: seconds after which it is stopped.  clock: gives
    seconds.
    """

    def __init__(
        self,
        trials: Sequence[Trial],
        *,
        known: Table | None = None,
        expected: float | None = None,
        at_once: int | None = None,
        deadline: float = math.inf,
        clock: Clock = time.monotonic,
    ) -> None:
        if len({trial.experiment for trial in trials}) != 1:
            raise ValueError("a sweep is of the trials of one experiment, and of one at least")
        self.sweep_id = secrets.token_hex(8)
        self._trials = {trial.key: trial for trial in trials}
        self._at_once = min(len(self._trials), at_once or cores())
        self._weights = weights(trials, known)
        self._deadline = deadline
        self._clock = clock
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._stop_reason = ""
        self._began: float | None = None
        self._shares = dict.fromkeys(self._trials, 0.0)
        self._snapshot = SweepSnapshot(
            sweep_id=self.sweep_id,
            status="preparing",
            table=Table(trials[0].experiment, quick=True),
            total=len(self._trials),
            expected=expected or seconds_expected(trials, known, self._at_once),
        )

    @property
    def job_id(self) -> str:
        """``sweep_id``, as the queue has it of every job."""
        return self.sweep_id

    def snapshot(self) -> SweepSnapshot:
        """The state now: immutable."""
        with self._lock:
            share = math.fsum(self._weights[key] * share for key, share in self._shares.items())
            running = self._snapshot.status == "running"
            return (
                replace(self._snapshot, share=min(1.0, share), elapsed=self._elapsed()) if running else self._snapshot
            )

    def cancel(self) -> None:
        """Stop it: at once before its turn, else as soon as its trials say how far they are."""
        self._stop.set()
        with self._lock:
            if self._snapshot.status in ("queued", "preparing"):
                self._end("interrupted", BEFORE_ITS_TURN)
            elif not self._snapshot.ended:
                self._snapshot = replace(self._snapshot, stopping=True)

    def fail(self, message: str) -> None:
        """End it as failed, from outside, where it has not ended already."""
        with self._lock:
            if not self._snapshot.ended:
                self._end("failed", message)

    def prepare(self, load: Load) -> Mapping[DatasetName, Dataset] | None:
        """The data sets of its trials, by name; None where it has ended already. Blocks."""
        names = {getattr(trial.settings, "dataset", FALLBACK) for trial in self._trials.values()}
        try:
            found = {name: load(name, self._downloaded) for name in names}
        except DataError as error:
            self.fail(reason_for_visitors(error))
            return None
        if others := [note for name, (data, note) in found.items() if data.name != name]:
            self.fail(others[0])  # the experiment speaks of the data that it asked for
            return None
        self._move("queued")
        return None if self.snapshot().ended else {name: data for name, (data, _) in found.items()}

    def train(self, data: Mapping[DatasetName, Dataset], /) -> SweepSnapshot:
        """Run all trials and return the last snapshot. Blocks."""
        with self._lock:
            if self._snapshot.ended:  # stopped before its turn
                return self._snapshot
            self._began = self._clock()
            self._snapshot = replace(self._snapshot, status="running")
        with ThreadPoolExecutor(self._at_once, thread_name_prefix=f"normlens-{self.sweep_id}") as pool:
            try:
                self._watch({pool.submit(self._do, trial, data) for trial in self._trials.values()})
            finally:
                self._stop.set()  # of what is still to come, where something broke
        with self._lock:
            if not self._snapshot.ended:
                whole = len(self._snapshot.table.done) == self._snapshot.total
                self._end("complete" if whole else "interrupted", "" if whole else self._stop_reason)
        return self.snapshot()

    def _watch(self, left: set[Future[None]]) -> None:
        while left:
            done, left = wait(left, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                error = future.exception()
                if error is not None and not isinstance(error, _StoppedError):
                    _log.error("a trial of %s stopped on an error", self._snapshot.table.experiment, exc_info=error)
                    self.fail(BROKEN)
                    return
            if self._elapsed() > self._deadline and not self._stop.is_set():
                self._stop_reason = AT_THE_LIMIT.format(seconds=self._deadline)
                self._stop.set()

    def _do(self, trial: Trial, data: Mapping[DatasetName, Dataset]) -> None:
        """In a thread of its own."""
        self._tell(trial.key, 0.0)
        torch.set_num_threads(THREADS)
        done = measured(trial, Context(data=data.__getitem__, tell=lambda share: self._tell(trial.key, share)))
        with self._lock:
            table = self._snapshot.table
            found = {**table.done, trial.key: done}
            ordered: dict[str, Done] = {key: found[key] for key in self._trials if key in found}
            self._shares[trial.key] = 1.0
            self._snapshot = replace(self._snapshot, table=replace(table, done=ordered))

    def _tell(self, key: str, share: float) -> None:
        if self._stop.is_set():
            raise _StoppedError
        self._shares[key] = min(1.0, max(0.0, share))

    def _downloaded(self, size: int) -> None:
        self._change(downloaded=size)

    def _move(self, status: JobStatus) -> None:
        with self._lock:
            if not self._snapshot.ended:
                self._snapshot = replace(self._snapshot, status=status)

    def _change(self, **values: Any) -> None:
        with self._lock:
            self._snapshot = replace(self._snapshot, **values)

    def _end(self, status: JobStatus, message: str) -> None:
        # called with the lock held
        share = len(self._snapshot.table.done) / self._snapshot.total
        self._snapshot = replace(self._snapshot, status=status, message=message, elapsed=self._elapsed(), share=share)

    def _elapsed(self) -> float:
        return 0.0 if self._began is None else self._clock() - self._began


def seconds_expected(trials: Sequence[Trial], known: Table | None, at_once: int | None = None) -> float | None:
    """Seconds that so many trials side by side take by those of ``known``; None where it has not all of them."""
    if known is None or known.missing(trials):
        return None
    seconds = [known.done[trial.key].seconds for trial in trials]
    return max(math.fsum(seconds) / min(len(trials), at_once or cores()), *seconds)


def weights(trials: Sequence[Trial], known: Table | None) -> dict[str, float]:
    """The share of each trial in the work, by its key: by the seconds of ``known``, else all alike."""
    if known is None or known.missing(trials) or not sum(known.done[trial.key].seconds for trial in trials):
        return {trial.key: 1 / len(trials) for trial in trials}
    seconds = {trial.key: known.done[trial.key].seconds for trial in trials}
    return {key: value / math.fsum(seconds.values()) for key, value in seconds.items()}
