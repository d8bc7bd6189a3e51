"""Several variants trained side by side, one thread each."""

from __future__ import annotations

import contextlib
import logging
import math
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

import torch

from core.config import ConfigError, RunConfig, with_dataset
from core.data.batches import Batch
from core.data.datasets import Dataset, hold_out
from core.data.download import DataError, reason_for_visitors
from core.jobs.cores import threads_each
from core.jobs.early import EarlyLook
from core.jobs.feed import Feed, feeds
from core.jobs.fold import Fold
from core.jobs.job import Load
from core.jobs.keeping import can_keep
from core.jobs.recorder import Recorder
from core.jobs.snapshots import JobStatus, RaceSnapshot, VariantSnapshot
from core.jobs.words import what_stopped
from core.labels import distinct_labels
from core.records.record import Run
from core.records.store import RunStore
from core.training.events import Event
from core.training.loop import Training, train
from core.training.stopwatch import Clock

_log = logging.getLogger(__name__)

OnEvent = Callable[[int, Event], None]
"""Called in a worker's thread with the variant's position and its event."""


class Start(Protocol):
    """Starts a run, as ``train`` does."""

    def __call__(self, config: RunConfig, data: Dataset, *, batches: Iterator[Batch]) -> Training:
        """``batches``: those of the whole run."""


BROKEN = "training stopped on an error of the server; its log says more"
LOOK_SECONDS = 0.5
"""How often a race looks at its deadline, and lets the signals of a process have their turn."""


class Race:
    """Several variants on the same batches, one thread each.

    Equal seeds give equal initial weights (where shapes agree) and equal batches, which are made once for all of them;
    so each variant gets the numbers that it would get alone at the same thread count. Who is ahead leaves the processor
    to the others, so all end at about the same time.

    public: whether visitors of a server look on. They are told that something broke, and not what: that is for the
    server's log. A folder of runs that cannot be written does not end their race. They get ``EarlyLook``.
    """

    def __init__(
        self,
        configs: Sequence[RunConfig],
        *,
        store: RunStore | None = None,
        threads: int | None = None,
        on_event: OnEvent | None = None,
        deadline: float | None = None,
        start: Start | None = None,
        clock: Clock = time.monotonic,
        public: bool = False,
    ) -> None:
        _check(configs)
        self.race_id = secrets.token_hex(8)
        self.watch_id = secrets.token_hex(8)  # drawn apart: nobody can tell one from the other
        self.threads = threads or threads_each(len(configs))
        self.records: dict[int, Run] = {}
        self.error: Exception | None = None
        self._store = store
        self._on_event = on_event
        self._deadline = deadline  # seconds from the start of training
        self._begin = start or train
        self._clock = clock
        self._public = public
        self._stop_reason = ""
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._stopped: set[int] = set()
        self._workers: list[threading.Thread] = []
        self._done = [threading.Event() for _ in configs]
        self._began: float | None = None
        named = zip(configs, distinct_labels(configs), strict=True)
        variants = tuple(VariantSnapshot(config=config, label=label) for config, label in named)
        self._snapshot = RaceSnapshot(
            race_id=self.race_id, watch_id=self.watch_id, status="preparing", variants=variants
        )

    @property
    def job_id(self) -> str:
        """``race_id``, as the queue has it of every job."""
        return self.race_id

    @property
    def configs(self) -> tuple[RunConfig, ...]:
        """The variants' configurations, in order."""
        return tuple(v.config for v in self._snapshot.variants)

    def snapshot(self) -> RaceSnapshot:
        """The state now: immutable, and cheap enough to ask for many times a second."""
        with self._lock:
            running = self._snapshot.status == "running"
            return replace(self._snapshot, elapsed=self._elapsed()) if running else self._snapshot

    def cancel(self, variant: int | None = None) -> None:
        """Stop one variant, or all: at once before the training, then within a batch or a chunk of an evaluation.

        Finished epochs are kept.
        """
        if variant is None:
            self._stop.set()
            with self._lock:
                if self._snapshot.status in ("queued", "preparing"):
                    self._end("interrupted", "stopped before it began")
                elif not self._snapshot.ended:
                    self._snapshot = replace(self._snapshot, stopping=True)
        else:
            self._stopped.add(variant)

    def run(self, load: Load) -> RaceSnapshot:
        """Get the data, train all variants side by side and return the last snapshot. Blocks.

        load: gives the data set of a name, and a note where it gives another one.
        """
        data = self.prepare(load)
        return self.snapshot() if data is None else self.train(data)

    def train(self, data: Dataset) -> RaceSnapshot:
        """Train all variants side by side on what ``prepare`` gave, and return the last snapshot. Blocks."""
        with self._lock:
            if self._snapshot.ended:  # stopped before its turn
                return self._snapshot
            self._began = self._clock()
            self._snapshot = replace(self._snapshot, status="running")
        shared = feeds(self.configs, data)
        self._workers = [
            threading.Thread(target=self._work, args=(i, data, feed), daemon=True, name=f"normlens-{self.race_id}-{i}")
            for i, feed in enumerate(shared)
        ]
        try:
            for worker in self._workers:
                worker.start()
            self._join(self._began)
        except BaseException:  # in a notebook the interrupt arrives here, and nobody would stop the workers
            self._stop.set()
            self._join(self._began)
            raise
        with self._lock:
            ends = {v.status for v in self._snapshot.variants}
            if "failed" in ends:
                self._end("failed", next(v.message for v in self._snapshot.variants if v.status == "failed"))
            else:
                self._end("interrupted" if "interrupted" in ends else "complete", self._stop_reason)
        return self.snapshot()

    def prepare(self, load: Load) -> Dataset | None:
        """The data of the race; None where it has ended already: stopped meanwhile, or failed without them. Blocks."""
        with self._lock:
            if self._snapshot.ended:
                return None
        if self._public and self._store is not None and not can_keep(self._store.root):
            with self._lock:
                variants = tuple(replace(v, kept=False) for v in self._snapshot.variants)
                self._snapshot = replace(self._snapshot, variants=variants)
        note, data = "", None
        try:
            data, note = load(self.configs[0].dataset, lambda size: self._change(downloaded=size))
            for config in self.configs:
                (hold_out(data) if config.validation else data).check_batch_size(config.batch_size)
        except (DataError, ConfigError) as error:
            self.error = error
            reason = reason_for_visitors(error) if self._public and isinstance(error, DataError) else error
            self.fail(f"{note} {reason}".strip())
            return None
        with self._lock:
            if self._snapshot.ended:  # stopped, whatever its data have come to
                return None
            variants = self._snapshot.variants
            if note:
                variants = tuple(replace(v, config=with_dataset(v.config, data.name)) for v in variants)
            self._snapshot = replace(self._snapshot, status="queued", note=note, variants=variants)
        return data

    def _join(self, began: float) -> None:
        for worker, done in zip(self._workers, self._done, strict=True):
            # not by join: one that an interrupt breaks off takes the thread for ended, though it runs on
            while worker.ident is not None and not done.is_set():
                left = math.inf if self._deadline is None else began + self._deadline - self._clock()
                if left <= 0 and not self._stop.is_set():
                    self._stop_reason = f"stopped at the time limit of {self._deadline:.0f} seconds"
                    self._stop.set()
                done.wait(LOOK_SECONDS if left <= 0 else min(left, LOOK_SECONDS))
        for worker in self._workers:
            if worker.ident is not None:  # an interrupt may have come before it was started
                worker.join()

    def fail(self, message: str) -> None:
        """End the race as failed, from outside, where it has not ended already."""
        with self._lock:
            if not self._snapshot.ended:
                self._end("failed", message)

    def _end(self, status: JobStatus, message: str) -> None:
        # called with the lock held
        variants = tuple(
            v if v.ended else replace(v, status="interrupted", remaining=None) for v in self._snapshot.variants
        )
        self._snapshot = replace(
            self._snapshot, status=status, message=message, elapsed=self._elapsed(), variants=variants
        )

    def _elapsed(self) -> float:
        return 0.0 if self._began is None else self._clock() - self._began

    def _change(self, **values: Any) -> None:
        with self._lock:
            self._snapshot = replace(self._snapshot, **values)

    def _show(self, i: int, state: VariantSnapshot) -> None:
        with self._lock:
            variants = self._snapshot.variants
            self._snapshot = replace(self._snapshot, variants=(*variants[:i], state, *variants[i + 1 :]))

    def _work(self, i: int, data: Dataset, feed: Feed) -> None:
        try:
            self._train(i, data, feed)
        finally:
            feed.leave(i)
            self._done[i].set()

    def _stops(self, i: int) -> bool:
        return self._stop.is_set() or i in self._stopped

    def _train(self, i: int, data: Dataset, feed: Feed) -> None:
        torch.set_num_threads(self.threads)  # a new thread inherits the number of another
        config = self.configs[i]
        fold = Fold(self._snapshot.variants[i], clock=self._clock)
        training = recorder = None
        try:
            training = self._begin(config, data, batches=feed.reader(i))
            recorder = Recorder(training, self._store, self.threads, fold, must_keep=not self._public)
            look = EarlyLook(training.data) if self._public else None
            for event in training:
                self._show(i, recorder.note(event))
                if self._on_event is not None:
                    self._on_event(i, event)
                if look and (point := look.point(event, training.model, lambda: self._stops(i))):
                    self._show(i, fold.looked(point))
                feed.pace(i, lambda: self._stops(i))
                if self._stops(i):
                    break
            if not fold.state.ended:
                message = f"stopped after {len(fold.state.rows)} of {config.epochs} epochs"
                recorder.interrupt(message)
                self._show(i, fold.stop("interrupted", message))
        except Exception as error:  # whatever it was, the visitor sees a sentence and the queue goes on
            _log.exception("%s stopped on an error", config.label)
            message = BROKEN if self._public else what_stopped(error)
            with contextlib.suppress(Exception):
                if recorder is not None:
                    recorder.interrupt(message)
            self._show(i, fold.stop("failed", message))
        finally:
            if training is not None:
                training.close()
            if recorder is not None:
                self.records[i] = recorder.record


def _check(configs: Sequence[RunConfig]) -> None:
    if not configs:
        raise ConfigError("a race needs at least one variant")
    if len({config.run_id for config in configs}) < len(configs):
        raise ConfigError("two variants are the same run; change or remove one")
    if len({config.dataset for config in configs}) > 1:
        raise ConfigError("the variants name different data sets; use one for all of them")
