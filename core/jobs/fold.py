"""Folds the events of a run into its state at one moment: what a record keeps and what a race shows."""

from __future__ import annotations

import time
from dataclasses import fields, replace
from typing import Literal

from core.jobs.snapshots import CurvePoint, EarlyPoint, VariantSnapshot
from core.records.record import EpochRow
from core.training.events import BatchDone, Diverged, EpochDone, EvaluationProgress, Event, RunCompleted, RunStarted
from core.training.stopwatch import Clock

CURVE_POINTS_PER_EPOCH = 24


def is_point(epoch: int, batch: int, batches: int) -> bool:
    """Whether the curve of the training loss has a point after this batch, all counted from 1.

    Some CURVE_POINTS_PER_EPOCH an epoch. Where that is not every batch, more in the first epoch until its first
    regular point, since much happens there: after each of as many batches, and then after each doubling.
    """
    every = max(1, batches // CURVE_POINTS_PER_EPOCH)
    if batch % every == 0 or batch == batches:
        return True
    return epoch == 1 and batch < every and (batch <= CURVE_POINTS_PER_EPOCH or batch.bit_count() == 1)


class Fold:
    """The events of one run, as its state.

    state: of this moment, immutable; a new one with every event that changes it.
    """

    def __init__(self, state: VariantSnapshot, *, clock: Clock = time.monotonic) -> None:
        self.state = state
        self._clock = clock
        self._began = clock()
        self._losses: list[float] = []  # since the curve's last point

    def fold(self, event: Event, rate: float) -> VariantSnapshot:
        """The state after ``event``; ``rate`` in training images a second so far."""
        state = self.state
        if isinstance(event, RunStarted):
            self._began = self._clock()
            state = replace(state, status="training", batches=event.batches, parameters=event.parameters, epoch=1)
        elif isinstance(event, BatchDone):
            state = self._batch(event, rate)
        elif isinstance(event, EvaluationProgress):
            state = replace(state, status="testing") if event.images < event.total else state
        elif isinstance(event, EpochDone):
            row = EpochRow(**{f.name: getattr(event, f.name) for f in fields(EpochRow)})
            state = replace(state, rows=(*state.rows, row), images_per_second=rate)
        elif isinstance(event, Diverged):
            state = replace(state, status="diverged", message=event.reason, remaining=None)
        elif isinstance(event, RunCompleted):
            state = replace(state, status="complete", images_per_second=event.images_per_second, remaining=None)
        self.state = state
        return state

    def looked(self, point: EarlyPoint) -> VariantSnapshot:
        """The state with one more look at the test accuracy within the first epoch."""
        self.state = replace(self.state, early=(*self.state.early, point))
        return self.state

    def answered(self, chance: str) -> VariantSnapshot:
        """The state with a word on what the network answers after its last epoch: empty, or that it only guesses."""
        self.state = replace(self.state, chance=chance)
        return self.state

    def kept(self, kept: bool) -> VariantSnapshot:
        """The state once its record was written, or could not be."""
        self.state = replace(self.state, kept=kept)
        return self.state

    def stop(self, status: Literal["interrupted", "failed"], message: str) -> VariantSnapshot:
        """The state of a run that no event ends: somebody stopped it, or something broke."""
        self.state = replace(self.state, status=status, message=message, remaining=None)
        return self.state

    def _batch(self, event: BatchDone, rate: float) -> VariantSnapshot:
        self._losses.append(event.loss)
        curve = self.state.curve
        if is_point(event.epoch, event.batch, event.batches):
            mean = sum(self._losses) / len(self._losses)
            curve = (*curve, CurvePoint(event.epoch - 1 + event.batch / event.batches, mean))
            self._losses = []
        done = (event.epoch - 1) * event.batches + event.batch
        left = event.batches * self.state.config.epochs - done
        return replace(
            self.state,
            status="training",
            epoch=event.epoch,
            batch=event.batch,
            curve=curve,
            images_per_second=rate,
            remaining=(self._clock() - self._began) / done * left,
        )
