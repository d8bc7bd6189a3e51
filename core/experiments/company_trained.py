"""The trainings of ``company``, on batches of one class or of all, and their tests in such batches."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from core.catalogue import CLASSES, NORMS, DatasetName, NormName
from core.experiments.data import network_input, part
from core.experiments.experiment import Context, Row
from core.experiments.settings import LabConfig, Order
from core.experiments.statistics import answers, error, reestimated, with_batch_statistics
from core.experiments.training import LabTraining
from core.model import NormNet

NORMS_HERE: tuple[NormName, ...] = ("bn", "gn", "ln")
ORDERS: tuple[Order, ...] = ("random", "one class")
FULL: tuple[DatasetName, ...] = ("fashion-mnist", "mnist")
QUICK: tuple[DatasetName, ...] = ("mnist-small",)
TRAINING = partial(LabConfig, batch_size=4, epochs=2, lr=0.001, decay="cosine", tests=10_000)
"""Chosen on held-out training images with seeds 0 to 2: the settings under which GN and LN lose little."""
PRECISE_IMAGES = 1000
"""Training images whose statistics stand in for the running ones, to tell stale statistics from weights."""


def trials(seeds: Sequence[int], quick: bool) -> list[LabConfig]:
    """One training each: every norm, in both orders, on every data set."""
    return [
        TRAINING(norm=norm, order=order, dataset=dataset, seed=seed)
        for seed in seeds
        for dataset in (QUICK if quick else FULL)
        for order in ORDERS
        for norm in NORMS_HERE
    ]


def company(labels: Tensor, order: Order, size: int) -> Tensor:
    """Which images to test, ``size`` that follow each other being a batch of the kind of ``order``; whole batches only.

    labels: (N,) -> (M,) indices.
    """
    if order == "random":
        return torch.arange(len(labels) // size * size)
    own = [torch.nonzero(labels == label).flatten() for label in range(CLASSES)]
    return torch.cat([index[: len(index) // size * size] for index in own])


def error_in_company(model: NormNet, x: Tensor, labels: Tensor, config: LabConfig) -> float:
    """Wrong answers in percent with the statistics of test batches that are made as those of the training were."""
    index = company(labels, config.order, config.batch_size)
    given = answers(with_batch_statistics(model), x[index], config.batch_size)
    return 100 * float((given != labels[index]).float().mean())


def measure(config: LabConfig, context: Context) -> list[Row]:
    """Train, and test in inference mode; where the norm's sets cross images, in the company of the training, too."""
    data = part(context.data(config.dataset), config)
    training = LabTraining(config, data)
    for step in training:
        context.tell(step.number / step.of)
    model, x, labels = training.model, network_input(data.test_images, data), data.test_labels
    row: dict[str, str | int | float] = {
        "dataset": config.dataset,
        "norm": config.norm,
        "order": config.order,
        "seed": config.seed,
        "inference": round(error(model, x, labels), 3),
    }
    if NORMS[config.norm].crosses_images:
        context.tell(1.0)
        row["own"] = round(error_in_company(model, x, labels, config), 3)
        context.tell(1.0)
        some = network_input(data.train_images[:PRECISE_IMAGES], data)
        row["precise"] = round(error(reestimated(model, some), x, labels), 3)
    return [row]
