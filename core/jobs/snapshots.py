"""A race, or another job, at one moment, for whoever looks on: immutable.

``fold`` makes the variants of a race from the events of their runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.catalogue import DATASETS
from core.config import RunConfig
from core.records.record import EpochRow

VariantStatus = Literal["waiting", "training", "testing", "complete", "interrupted", "diverged", "failed"]
JobStatus = Literal["queued", "preparing", "running", "complete", "interrupted", "failed"]
ENDED: tuple[str, ...] = ("complete", "interrupted", "diverged", "failed")


@dataclass(frozen=True)
class CurvePoint:
    """Mean training loss since the point before; ``epoch`` counts fractions, 0.5 is half of the first."""

    epoch: float
    train_loss: float


@dataclass(frozen=True)
class EarlyPoint:
    """Test accuracy (percent) on so many ``images`` within the first epoch, never recorded. epoch: as in the curve."""

    epoch: float
    test_accuracy: float
    images: int


@dataclass(frozen=True, kw_only=True)
class VariantSnapshot:
    """One variant at one moment.

    epoch, batch: the current ones, counted from 1 (0 before the start); batches: in an epoch.
    rows: finished epochs.  curve: training loss between epochs.  early: looks at the test accuracy within
    the first epoch.  images_per_second: of training since
    the start.  remaining: estimated seconds, None before there is a rate.  message: why it ended early.
    chance: a sentence where the answers after the last finished epoch are at chance level, else empty.
    kept: False where its record cannot be written.
    """

    config: RunConfig
    label: str
    status: VariantStatus = "waiting"
    epoch: int = 0
    batch: int = 0
    batches: int = 0
    rows: tuple[EpochRow, ...] = ()
    curve: tuple[CurvePoint, ...] = ()
    early: tuple[EarlyPoint, ...] = ()
    images_per_second: float = 0.0
    remaining: float | None = None
    parameters: int = 0
    message: str = ""
    chance: str = ""
    kept: bool = True

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
class JobSnapshot:
    """One job of the queue at one moment.

    status: ``preparing`` until its data are there, ``queued`` from then on until its turn.
    position: jobs ahead in the queue, 0 when it is its turn.  message: why it ended early.
    downloaded: bytes on disk while data is being downloaded.  elapsed: seconds since it began to run.
    expected_wait: seconds until its turn, None where unknown.  stopping: it was told to stop and has not ended yet.
    """

    status: JobStatus
    position: int = 0
    message: str = ""
    downloaded: int = 0
    elapsed: float = 0.0
    expected_wait: float | None = None
    stopping: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in ENDED

    @property
    def remaining(self) -> float | None:
        """Estimated seconds until it is through, None before they can be told."""
        return None


@dataclass(frozen=True, kw_only=True)
class RaceSnapshot(JobSnapshot):
    """One race at one moment.

    watch_id: a name under which it can be seen; ``race_id`` is the one under which it can be stopped, too.
    note: what the visitor should know, such as another data set than asked for.
    """

    race_id: str
    watch_id: str = ""
    variants: tuple[VariantSnapshot, ...]
    note: str = ""

    @property
    def remaining(self) -> float | None:
        """Estimated seconds until the last variant is through, None before any has a rate."""
        return max((v.remaining for v in self.variants if v.remaining is not None), default=None)

    @property
    def rate(self) -> float | None:
        """Images trained on over the seconds of the whole race, tests included: what a visitor waits for.

        None before the race is complete, and where all its variants diverged in their first epoch.
        """
        images = sum(len(v.rows) * DATASETS[v.config.dataset].train_images for v in self.variants)
        return images / self.elapsed if self.status == "complete" and self.elapsed and images else None
