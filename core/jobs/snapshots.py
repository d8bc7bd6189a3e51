"""A race at one moment, for whoever looks on: immutable, and made from the events of its runs."""

from __future__ import annotations

import time
from dataclasses import dataclass, fields
from typing import Any, Literal

from core.config import RunConfig
from core.records.record import EpochRow
from core.training.events import BatchDone, Diverged, EpochDone, EvaluationProgress, Event, RunCompleted, RunStarted

VariantStatus = Literal["waiting", "training", "testing", "complete", "interrupted", "diverged", "failed"]
RaceStatus = Literal["queued", "preparing", "running", "complete", "interrupted", "failed"]
ENDED: tuple[str, ...] = ("complete", "interrupted", "diverged", "failed")
CURVE_POINTS_PER_EPOCH = 24


def epoch_row(event: EpochDone) -> EpochRow:
    """What a record keeps of an epoch that has just ended."""
    return EpochRow(**{f.name: getattr(event, f.name) for f in fields(EpochRow)})


@dataclass(frozen=True)
class CurvePoint:
    """Mean training loss since the point before; ``epoch`` counts fractions, 0.5 is half of the first."""

    epoch: float
    train_loss: float


@dataclass(frozen=True, kw_only=True)
class VariantSnapshot:
    """One variant at one moment.

    epoch, batch: the current ones, counted from 1 (0 before the start); batches: in an epoch.
    rows: finished epochs.  curve: training loss between epochs.  images_per_second: of training since
    the start.  remaining: estimated seconds, None before there is a rate.  message: why it ended early.
    """

    config: RunConfig
    label: str
    status: VariantStatus = "waiting"
    epoch: int = 0
    batch: int = 0
    batches: int = 0
    rows: tuple[EpochRow, ...] = ()
    curve: tuple[CurvePoint, ...] = ()
    images_per_second: float = 0.0
    remaining: float | None = None
    parameters: int = 0
    message: str = ""

    @property
    def run_id(self) -> str:
        """The name of this variant's record."""
        return self.config.run_id

    @property
    def progress(self) -> float:
        """Share of all batches of all epochs that are done, 0..1."""
        if self.status == "complete":
            return 1.0
        if not self.batches or not self.epoch:
            return 0.0
        return min(1.0, ((self.epoch - 1) * self.batches + self.batch) / (self.batches * self.config.epochs))

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in ENDED


@dataclass(frozen=True, kw_only=True)
class RaceSnapshot:
    """One race at one moment.

    position: races ahead in the queue, 0 when it is its turn.  note: what the visitor should know, such
    as another data set than asked for.  downloaded: bytes on disk while data is being downloaded.
    elapsed: seconds since it began to run.  expected_wait: seconds until its turn, None where unknown.
    stopping: it was told to stop and has not ended yet.
    """

    race_id: str
    status: RaceStatus
    variants: tuple[VariantSnapshot, ...]
    position: int = 0
    note: str = ""
    message: str = ""
    downloaded: int = 0
    elapsed: float = 0.0
    expected_wait: float | None = None
    stopping: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in ENDED


class Tracker:
    """Folds the events of one run into the changes of its snapshot."""

    def __init__(self, config: RunConfig) -> None:
        self._config = config
        self._rows: tuple[EpochRow, ...] = ()
        self._curve: tuple[CurvePoint, ...] = ()
        self._losses: list[float] = []
        self._batches = 0
        self._began = time.monotonic()
        self.ended = False

    def take(self, event: Event, rate: float) -> dict[str, Any]:
        """The fields of the variant's snapshot that ``event`` changes; ``rate`` in images a second."""
        if isinstance(event, RunStarted):
            self._batches, self._began = event.batches, time.monotonic()
            return {"status": "training", "batches": event.batches, "parameters": event.parameters, "epoch": 1}
        if isinstance(event, BatchDone):
            self._losses.append(event.loss)
            every = max(1, self._batches // CURVE_POINTS_PER_EPOCH)
            if event.batch % every == 0 or event.batch == event.batches:
                point = CurvePoint(event.epoch - 1 + event.batch / event.batches, sum(self._losses) / len(self._losses))
                self._curve = (*self._curve, point)
                self._losses = []
            done = (event.epoch - 1) * event.batches + event.batch
            left = event.batches * self._config.epochs - done
            return {
                "status": "training",
                "epoch": event.epoch,
                "batch": event.batch,
                "curve": self._curve,
                "images_per_second": rate,
                "remaining": (time.monotonic() - self._began) / done * left,
            }
        if isinstance(event, EvaluationProgress):
            return {"status": "testing"} if event.images < event.total else {}
        if isinstance(event, EpochDone):
            row = epoch_row(event)
            self._rows = (*self._rows, row)
            return {"rows": self._rows, "images_per_second": rate}
        if isinstance(event, Diverged):
            self.ended = True
            return {"status": "diverged", "message": event.reason, "remaining": None}
        if isinstance(event, RunCompleted):
            self.ended = True
            return {"status": "complete", "remaining": None, "images_per_second": event.images_per_second}
        return {}
