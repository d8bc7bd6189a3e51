"""The trainings of ``small_ones``: standardized weights at batches of two, weights that grow, numbers of groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from torch import nn

from core.catalogue import DatasetName
from core.experiments.data import network_input, part
from core.experiments.experiment import Context, Row, Scalar
from core.experiments.settings import LabConfig
from core.experiments.statistics import error
from core.experiments.training import LabTraining

LR = 0.0125 * 2 / 32
"""At batches of two."""
TIMES = (1, 8)
"""Learning rates of weight standardization, in units of ``LR``."""
GROUPS = (1, 2, 4, 8, 16)
L2 = 5e-3
STEPS, EVERY = 372, 31
"""Of the training whose weights are watched, and how many lie between two looks at them."""
WATCHED = 2
"""The convolution whose weights are, from 0."""


def trials(seeds: Sequence[int], quick: bool) -> list[LabConfig]:
    """GN with and without weight standardization and BN, each at two learning rates; BN with and without L2; groups."""
    data: DatasetName = "mnist-small" if quick else "mnist"
    found = []
    for seed in seeds:
        base = LabConfig(norm="gn", seed=seed, dataset=data, tests=1000 if quick else 10_000)
        for times in TIMES:
            two = replace(base, images=2000 if quick else 6000, batch_size=2, lr=times * LR, decay="cosine")
            found += [two, replace(two, standardized=True), replace(two, norm="bn")]
        watched = replace(base, norm="bn", batch_size=64, lr=0.05, epochs=4, steps=STEPS)
        found += [watched, replace(watched, l2=L2)]
        found += [replace(base, batch_size=4, lr=2 * LR, decay="cosine", groups=groups) for groups in GROUPS]
    return found


def measure(settings: LabConfig, context: Context) -> list[Row]:
    """One training: its error, or how the squares of one convolution's weights add up along it."""
    data = part(context.data(settings.dataset), settings)
    training = LabTraining(settings, data)
    squares = {0: _squares(training)}
    for step in training:
        context.tell(step.number / step.of)
        if step.number % EVERY == 0 and settings.steps:
            squares[step.number] = _squares(training)
    own: dict[str, Scalar] = {"seed": settings.seed, "norm": settings.norm}
    if settings.steps:
        return [{**own, "l2": settings.l2, "step": step, "squares": round(s, 3)} for step, s in squares.items()]
    wrong = error(training.model, network_input(data.test_images, data), data.test_labels)
    own |= {"batch": settings.batch_size, "groups": settings.groups, "standardized": settings.standardized}
    return [{**own, "times": round(settings.lr / LR), "error": round(wrong, 2)}]


def _squares(training: LabTraining) -> float:
    return float(cast("nn.Conv2d", training.model.convs[WATCHED]).weight.detach().square().sum())
