"""What a training came to: its loss over the last batches, and what is said of one that failed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from core.catalogue import CLASSES
from core.data.datasets import Dataset
from core.experiments.data import part
from core.experiments.settings import LabConfig
from core.experiments.training import LabTraining

LAST = 20
"""Batches whose mean loss is the training's: one alone is noise."""
CHANCE = math.log(CLASSES)
"""Cross-entropy of a guess that gives every class the same probability, nats: where a dead network stays."""


@dataclass(frozen=True)
class FinalLoss:
    """Of one training.

    loss: mean cross-entropy of the last ``LAST`` batches, nats; that of chance where it diverged.
    diverged: whether the loss became infinite or nan.
    """

    loss: float
    diverged: bool


def final_loss(config: LabConfig, data: Dataset, tell: Callable[[float], None] = lambda share: None) -> FinalLoss:
    """Train; ``data`` is the whole set.

    tell: takes the share of the steps that are done, and may raise to end the training.
    """
    losses = []
    for step in LabTraining(config, part(data, config)):
        losses.append(step.loss)
        tell(step.number / step.of)
    return ended(losses)


def ended(losses: list[float]) -> FinalLoss:
    """The same of the losses of all steps."""
    if not all(math.isfinite(loss) for loss in losses):
        return FinalLoss(CHANCE, diverged=True)
    last = losses[-LAST:]
    return FinalLoss(math.fsum(last) / len(last), diverged=False)
