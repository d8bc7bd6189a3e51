"""Several variants trained side by side, one thread each."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch

from core.catalogue import DatasetName
from core.config import ConfigError, RunConfig, with_dataset
from core.data.datasets import Dataset, hold_out
from core.data.download import DataError, Progress
from core.jobs.recorder import Recorder
from core.jobs.snapshots import RaceSnapshot, RaceStatus, Tracker, VariantSnapshot
from core.labels import distinct_labels
from core.records.record import Run
from core.records.store import RunStore
from core.training.events import Event
from core.training.loop import train

_log = logging.getLogger(__name__)

OnEvent = Callable[[int, Event], None]
"""Called in a worker's thread with the variant's position and its event."""

Load = Callable[[DatasetName, Progress], tuple[Dataset, str]]
"""Gives the data set of a name, and a note where it gives another one instead."""


def cores() -> int:
    """The processor's cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads_each(variants: int) -> int:
    """torch threads for each of so many variants side by side: the cores, shared out."""
    return max(1, cores() // variants)


class Race:
    """Several variants on the same batches, one thread each.

    Equal seeds give equal initial weights (where shapes agree) and equal batches, so each variant gets
    the numbers that it would get alone at the same thread count.
    """

    def __init__(
        self,
        configs: Sequence[RunConfig],
        *,
        store: RunStore | None = None,
        threads: int | None = None,
        on_event: OnEvent | None = None,
        race_id: str | None = None,
        deadline: float | None = None,
    ) -> None:
        if not configs:
            raise ConfigError("a race needs at least one variant")
        if len({config.run_id for config in configs}) < len(configs):
            raise ConfigError("two variants are the same run; change or remove one")
        if len({config.dataset for config in configs}) > 1:
            raise ConfigError("the variants name different data sets; use one for all of them")
        self.race_id = race_id or secrets.token_hex(8)
        self._store = store
        self._threads = threads or threads_each(len(configs))
        self._on_event = on_event
        self._deadline = deadline  # seconds from the start of training
        self._stop_reason = ""
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._stopped: set[int] = set()
        self._workers: list[threading.Thread] = []
        self._began: float | None = None
        labels = distinct_labels(configs)
        self._snapshot = RaceSnapshot(
            race_id=self.race_id,
            status="queued",
            variants=tuple(
                VariantSnapshot(config=config, label=label) for config, label in zip(configs, labels, strict=True)
            ),
        )
        self.records: dict[int, Run] = {}
        self.error: Exception | None = None

    @property
    def configs(self) -> tuple[RunConfig, ...]:
        """The variants' configurations, in order."""
        return tuple(v.config for v in self._snapshot.variants)

    def snapshot(self) -> RaceSnapshot:
        """The state now: immutable, and cheap enough to ask for many times a second."""
        with self._lock:
            running = self._snapshot.status == "running" and self._began is not None
            elapsed = time.monotonic() - self._began if running and self._began else self._snapshot.elapsed
            return replace(self._snapshot, elapsed=elapsed)

    def cancel(self, variant: int | None = None) -> None:
        """Stop one variant, or all: within a batch or a chunk of an evaluation. Finished epochs are kept."""
        if variant is None:
            self._stop.set()
            with self._lock:
                if self._snapshot.status == "queued":
                    self._end("interrupted", "stopped before it began")
                elif not self._snapshot.ended:
                    self._snapshot = replace(self._snapshot, stopping=True)
        else:
            self._stopped.add(variant)

    def run(self, load: Load) -> RaceSnapshot:
        """Get the data, train all variants side by side and return the last snapshot. Blocks.

        load: gives the data set of a name, and a note where it gives another one.
        """
        if self._stop.is_set():
            return self.snapshot()
        self._change(status="preparing")
        note = ""
        try:
            data, note = load(self.configs[0].dataset, lambda size: self._change(downloaded=size))
            for config in self.configs:
                (hold_out(data) if config.validation else data).check_batch_size(config.batch_size)
        except (DataError, ConfigError) as error:
            self.error = error
            self.fail(f"{note} {error}".strip())
            return self.snapshot()
        if self._stop.is_set():
            with self._lock:
                self._end("interrupted", "stopped before it began")
            return self.snapshot()
        if note:
            configs = [with_dataset(config, data.name) for config in self.configs]
            with self._lock:
                variants = zip(self._snapshot.variants, configs, strict=True)
                self._snapshot = replace(
                    self._snapshot, note=note, variants=tuple(replace(v, config=c) for v, c in variants)
                )
        self._began = time.monotonic()
        self._change(status="running")
        self._workers = [
            threading.Thread(target=self._work, args=(i, data), daemon=True, name=f"normlens-{self.race_id}-{i}")
            for i in range(len(self.configs))
        ]
        for worker in self._workers:
            worker.start()
        try:
            self._join()
        except BaseException:  # in a notebook the interrupt arrives here, and nobody would stop the workers
            self._stop.set()
            self._join()
            raise
        with self._lock:
            ends = {v.status for v in self._snapshot.variants}
            if "failed" in ends:
                self._end("failed", next(v.message for v in self._snapshot.variants if v.status == "failed"))
            else:
                self._end("interrupted" if "interrupted" in ends else "complete", self._stop_reason)
        return self.snapshot()

    def _join(self) -> None:
        assert self._began is not None  # the workers have started
        end = math.inf if self._deadline is None else self._began + self._deadline
        for worker in self._workers:
            while worker.is_alive():
                left = end - time.monotonic()
                if left <= 0 and not self._stop.is_set():
                    self._stop_reason = f"stopped at the time limit of {self._deadline:.0f} seconds"
                    self._stop.set()
                worker.join(max(0.05, min(left, 3600)) if self._deadline is not None else None)

    def fail(self, message: str) -> None:
        """End the race as failed, from outside."""
        with self._lock:
            self._end("failed", message)

    def _end(self, status: RaceStatus, message: str) -> None:
        # called with the lock held
        elapsed = time.monotonic() - self._began if self._began else 0.0
        variants = tuple(
            v if v.ended else replace(v, status="interrupted", remaining=None) for v in self._snapshot.variants
        )
        self._snapshot = replace(self._snapshot, status=status, message=message, elapsed=elapsed, variants=variants)

    def _change(self, **values: Any) -> None:
        with self._lock:
            self._snapshot = replace(self._snapshot, **values)

    def _change_variant(self, i: int, **values: Any) -> None:
        with self._lock:
            variants = list(self._snapshot.variants)
            variants[i] = replace(variants[i], **values)
            self._snapshot = replace(self._snapshot, variants=tuple(variants))

    def _work(self, i: int, data: Dataset) -> None:
        torch.set_num_threads(self._threads)  # a new thread inherits the number of another
        config = self.configs[i]
        training = recorder = None
        try:
            training = train(config, data)
            recorder = Recorder(training, self._store, self._threads)
            tracker = Tracker(config)
            for event in training:
                recorder.take(event)
                changes = tracker.take(event, training.images_per_second)
                if changes:
                    self._change_variant(i, **changes)
                if self._on_event is not None:
                    self._on_event(i, event)
                if self._stop.is_set() or i in self._stopped:
                    break
            if not tracker.ended:
                message = f"stopped after {len(recorder.record.epochs)} of {config.epochs} epochs"
                recorder.interrupt(message)
                self._change_variant(i, status="interrupted", message=message, remaining=None)
        except Exception as error:  # whatever it was, the visitor sees a sentence and the queue goes on
            _log.exception("%s stopped on an error", config.label)
            message = f"training stopped on an error: {type(error).__name__}: {error}"
            with contextlib.suppress(Exception):
                if recorder is not None:
                    recorder.interrupt(message)
            self._change_variant(i, status="failed", message=message, remaining=None)
        finally:
            if training is not None:
                training.close()
            if recorder is not None:
                self.records[i] = recorder.record
