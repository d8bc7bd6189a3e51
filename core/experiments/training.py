"""A plain training, step by step: no clipping, no warm-up, no augmentation. ``settings`` says what may vary."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import torch
from torch.nn import functional as F
from torch.optim.sgd import sgd

from core.data.datasets import Dataset
from core.experiments.data import batches
from core.experiments.network import build
from core.experiments.settings import LabConfig
from core.model import NormNet
from core.training import penalties
from core.training.vector import as_vector, mask


@dataclass(frozen=True)
class Step:
    """One batch that was learned.

    number: from 1.  of: all of them.  loss: cross-entropy of the batch before the step, nats; may be infinite or nan.
    """

    number: int
    of: int
    loss: float


class LabTraining:
    """The steps of one training, as an iterator, and its network, whose weights each step changes.

    It ends early once the loss is no number: nothing can be learned from there.
    data: the images that ``config`` uses, as ``part`` gives them.
    """

    def __init__(self, config: LabConfig, data: Dataset) -> None:
        self.config = config
        self.data = data
        self.model: NormNet = build(config)

    def __iter__(self) -> Generator[Step, None, None]:
        config, model = self.config, self.model.train()
        vector = as_vector(model)
        penalized = mask(model, [weight for _, weight in penalties.penalized(model)])
        velocity = torch.zeros_like(vector)
        total = steps(config, self.data)
        for done, (x, y) in enumerate(islice(batches(self.data, config), total)):
            model.train()  # whoever looks on may have switched it
            loss = F.cross_entropy(model(x), y)
            gradient = vector.grad
            assert gradient is not None  # it is part of the vector
            gradient.zero_()
            loss.backward()
            with torch.no_grad():
                gradient.addcmul_(vector.sign(), penalized, value=config.l1)
                gradient.addcmul_(vector, penalized, value=2 * config.l2)
                sgd(
                    [vector],
                    [gradient],
                    [velocity],
                    fused=True,
                    weight_decay=0,
                    momentum=config.momentum,
                    lr=learning_rate(done, total, config),
                    dampening=0,
                    nesterov=False,
                    maximize=False,
                )
            value = float(loss.detach())
            yield Step(done + 1, total, value)
            if not math.isfinite(value):
                return


def steps(config: LabConfig, data: Dataset) -> int:
    """Batches of a training."""
    if config.order == "random":
        batches_each = math.ceil(len(data.train_images) / config.batch_size)
    else:
        batches_each = int((data.train_labels.bincount() // config.batch_size).sum())
    return min(config.steps or math.inf, config.epochs * batches_each)  # type: ignore[return-value]  # inf is never least


def learning_rate(step: int, total: int, config: LabConfig) -> float:
    """Of the ``step``-th of so many, from 0: constant, or half a cosine to 0 (arXiv 1608.03983)."""
    return config.lr if config.decay == "none" else config.lr / 2 * (1 + math.cos(math.pi * step / total))


@contextmanager
def no_denormals() -> Iterator[None]:
    """Inside the block this thread takes numbers below 1e-38 for 0: many layers without a norm are slow otherwise."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
