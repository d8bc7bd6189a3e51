"""What a training run says while it goes on: frozen events that turn into JSON.

The order of one run: ``RunStarted``, then for every epoch ``BatchDone`` (one a batch),
``EvaluationProgress`` (one a chunk of the test set) and ``EpochDone``; last ``RunCompleted`` or ``Diverged``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


def plain(value: Any) -> Any:
    """``value`` as strict JSON can hold it: a number that is not finite becomes None, however deep it lies."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events.

    run_id: the run that speaks.  label: its legend text.
    """

    run_id: str
    label: str

    @property
    def name(self) -> str:
        """The event's type as a JSON line carries it, such as ``epoch_done``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    def to_json(self) -> dict[str, Any]:
        """A dictionary of ``plain`` values, ``event`` first."""
        return {"event": self.name, **plain(asdict(self))}


@dataclass(frozen=True, kw_only=True)
class RunStarted(Event):
    """Before the first batch.

    config: the run's fields.  parameters: trainable numbers.  batches: batches in an epoch.
    epochs: epochs in the run.  train_images, test_images: sizes of the two sets.
    """

    config: dict[str, Any]
    parameters: int
    batches: int
    epochs: int
    train_images: int
    test_images: int


@dataclass(frozen=True, kw_only=True)
class BatchDone(Event):
    """After one step of the optimizer.

    epoch, batch: counted from 1.  batches: in an epoch.  loss: cross-entropy of this batch, before
    the step, penalties left out.  images: trained on so far in the run.
    """

    epoch: int
    batch: int
    batches: int
    loss: float
    images: int


@dataclass(frozen=True, kw_only=True)
class EvaluationProgress(Event):
    """After one chunk of the test set.

    epoch: counted from 1.  images: tested so far.  total: in the test set.
    """

    epoch: int
    images: int
    total: int


@dataclass(frozen=True, kw_only=True)
class EpochDone(Event):
    """After the test set was seen.

    epoch: counted from 1.  train_loss, train_accuracy: mean over the epoch's batches as they were
    trained on (augmented, weights still moving), cross-entropy and percent.  test_loss,
    test_accuracy: over the whole test set.  penalty: what l1 and l2 added to the last batch's loss.
    seconds: of this epoch, test included.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    penalty: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Diverged(Event):
    """The loss stopped being a finite number; the run is over, its earlier epochs stand.

    epoch, batch: where, counted from 1.  reason: one sentence.
    """

    epoch: int
    batch: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class RunCompleted(Event):
    """After the last epoch.

    test_accuracy (percent), test_loss: of the final weights.  train_seconds: from start to end, tests
    included.  images_per_second: training images over the seconds spent training.
    parameters: trainable numbers.
    """

    test_accuracy: float
    test_loss: float
    train_seconds: float
    images_per_second: float
    parameters: int
