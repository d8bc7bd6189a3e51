"""The images of an experiment: the first of a data set, or those held out of its training images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor

from core.catalogue import CLASSES
from core.data.batches import Batch, standardize, to_float
from core.data.datasets import Dataset, hold_out
from core.experiments.settings import LabConfig


def part(data: Dataset, config: LabConfig) -> Dataset:
    """``data`` with the images that ``config`` uses; mean and standard deviation stay those of the whole set."""
    if config.validation:
        data = hold_out(data)
    return replace(
        data,
        train_images=data.train_images[: config.images],
        train_labels=data.train_labels[: config.images],
        test_images=data.test_images[: config.tests],
        test_labels=data.test_labels[: config.tests],
    )


def network_input(images: Tensor, data: Dataset) -> Tensor:
    """uint8 (N, 28, 28) -> float32 (N, 1, 28, 28), standardized as in training."""
    return standardize(to_float(images), data)


def batches(data: Dataset, config: LabConfig) -> Iterator[Batch]:
    """All batches of a training, epoch after epoch, in orders of the seed: (B, 1, 28, 28) float and (B,) labels.

    In ``one class`` order only whole batches are used, those of all classes mixed.
    """
    generator = torch.Generator().manual_seed(config.seed)
    for _ in range(config.epochs):
        for index in _order(data.train_labels, config, generator):
            yield network_input(data.train_images[index], data), data.train_labels[index]


def _order(labels: Tensor, config: LabConfig, generator: torch.Generator) -> list[Tensor]:
    order = torch.randperm(len(labels), generator=generator)
    if config.order == "random":
        return list(order.split(config.batch_size))
    own = [order[labels[order] == label].split(config.batch_size) for label in range(CLASSES)]
    whole = [batch for batches in own for batch in batches if len(batch) == config.batch_size]
    return [whole[i] for i in torch.randperm(len(whole), generator=generator).tolist()]
