"""Turns the events of a run into its record, epoch by epoch."""

from __future__ import annotations

import logging
import platform
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from numpy.typing import NDArray

from core import __version__
from core.jobs.fold import Fold
from core.jobs.snapshots import VariantSnapshot
from core.records.chance import at_chance
from core.records.record import Predictions, Run, RunRecord, RunSummary, Status
from core.records.store import RunStore
from core.training.events import Diverged, EpochDone, Event, RunCompleted, RunStarted
from core.training.loop import Training

_log = logging.getLogger(__name__)


def environment(threads: int) -> dict[str, str | int]:
    """Versions and machine of a run, for its record."""
    return {
        "normlens": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": "cpu",
        "processor": platform.processor() or platform.machine(),
        "threads": threads,
    }


class Recorder:
    """Turns the events of one run into its record, saved after every epoch and at the end.

    fold: what folds the events into the run's state, from which the record is made; one of its own by default.
    must_keep: whether a record that cannot be written is an error, or only noted in the run's state.
    """

    def __init__(
        self,
        training: Training,
        store: RunStore | None,
        threads: int,
        fold: Fold | None = None,
        *,
        must_keep: bool = True,
    ) -> None:
        self._training = training
        self._store = store
        self._threads = threads
        self._must_keep = must_keep
        self._fold = fold or Fold(VariantSnapshot(config=training.config, label=training.config.label))
        self._summary = RunSummary(config=training.config, status="running")
        self._last: tuple[Mapping[str, NDArray[Any]], Predictions] | None = None

    @property
    def record(self) -> Run:
        """What there is of the run now: without arrays until its first epoch has ended."""
        return RunRecord(self._summary, *self._last) if self._last is not None else self._summary

    def note(self, event: Event) -> VariantSnapshot:
        """Note one event and return the run's state after it; an epoch's end also saves."""
        state = self._fold.fold(event, self._training.images_per_second)
        if isinstance(event, RunStarted):
            self._summary = replace(self._summary, parameters=state.parameters, environment=environment(self._threads))
        elif isinstance(event, EpochDone):
            self._last = self._weights(), self._predictions()
            self._fold.answered(at_chance(self._last[1]))
            self._summary = replace(self._summary, epochs=state.rows, images_per_second=state.images_per_second)
            if event.epoch < self._summary.config.epochs:  # the last one is saved as complete, a moment later
                self._save()
        elif isinstance(event, RunCompleted):
            self._finish("complete")
        elif isinstance(event, Diverged):
            self._finish("diverged", state.message)
        return self._fold.state

    def interrupt(self, message: str) -> None:
        """The run was stopped: what it finished is kept as interrupted."""
        if self._summary.status == "running":
            self._finish("interrupted", message)

    def _finish(self, status: Status, message: str = "") -> None:
        self._summary = replace(self._summary, status=status, message=message)
        self._save()

    def _save(self) -> None:
        if self._store is None or not self._summary.parameters:
            return
        try:
            self._store.save(self.record)
        except OSError:
            if self._must_keep:
                raise
            _log.warning("%s cannot be kept", self._summary.run_id, exc_info=True)
            self._fold.kept(False)
        else:
            self._fold.kept(True)

    def _weights(self) -> dict[str, NDArray[Any]]:
        state = self._training.model.state_dict()
        return {name: tensor.detach().contiguous().numpy().copy() for name, tensor in state.items()}

    def _predictions(self) -> Predictions:
        data, evaluation = self._training.data, self._training.evaluation
        assert evaluation is not None  # an epoch has just ended
        return Predictions.of(
            data.test_labels.numpy(), evaluation.probabilities.numpy(), data.test_images.numpy(), data.fingerprint
        )
