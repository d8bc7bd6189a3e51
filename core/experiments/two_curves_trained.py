"""The trainings of ``two_curves``: the weights of every second step, tested with each kind of statistics."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import partial

from core.catalogue import DatasetName, NormName
from core.experiments.averages import RunningAverage, loss_and_error
from core.experiments.data import network_input, part
from core.experiments.experiment import Context, Row, Scalar
from core.experiments.settings import LabConfig
from core.experiments.statistics import batch_norms, reestimated
from core.experiments.training import LabTraining

NORMS_HERE: tuple[NormName, ...] = ("bn", "gn", "ln")
TRAINING = partial(LabConfig, batch_size=64, epochs=2, steps=100, lr=0.03, momentum=0.9)
"""Chosen on held-out training images with seeds 0 to 2, so that all three norms learn."""
EVERY = 2
"""Steps from one test to the next."""
PRECISE_IMAGES = 1000
"""Training images of the precise statistics; arXiv 2105.07576 takes 1,000 to 10,000."""
MOMENTUM = 0.1
"""Of the running average: torch's default, the weight of the new batch."""
OTHER_MOMENTA = (0.01, 0.3, 1.0)


def trials(seeds: Sequence[int], quick: bool) -> list[LabConfig]:
    """One training for every norm."""
    dataset: DatasetName = "mnist-small" if quick else "mnist"
    return [TRAINING(norm=norm, dataset=dataset, seed=seed) for seed in seeds for norm in NORMS_HERE]


def measure(config: LabConfig, context: Context) -> list[Row]:
    """Train, and every second step test the weights of that moment with each kind of statistics."""
    data = part(context.data(config.dataset), config)
    training = LabTraining(config, data)
    x, labels = network_input(data.test_images, data), data.test_labels
    some = network_input(data.train_images[:PRECISE_IMAGES], data)
    for layer in batch_norms(training.model):
        layer.momentum = 1.0  # the buffers then hold the last batch's, and training is as ever
    averages = [RunningAverage(training.model, m) for m in (MOMENTUM, *OTHER_MOMENTA)] if config.norm == "bn" else []
    rows: list[Row] = []
    for step in training:
        context.tell(step.number / step.of)
        for average in averages:
            average.add(training.model)
        if step.number % EVERY:
            continue
        place: dict[str, Scalar] = {"norm": config.norm, "seed": config.seed, "step": step.number}
        for average in averages:
            found = loss_and_error(average.applied(training.model), x, labels)
            rows.append({**place, "statistics": "running", "momentum": average.momentum, **found})
        only = reestimated(training.model, some) if averages else copy.deepcopy(training.model).eval()
        rows.append({**place, "statistics": "precise" if averages else "own", **loss_and_error(only, x, labels)})
    return rows
