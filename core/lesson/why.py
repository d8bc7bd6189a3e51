"""Step 1, why one normalizes: a race with and without a norm, and how large the numbers are after each layer.

The two networks of the race have the same weights and get the same batches. Without a norm every convolution passes on
smaller numbers, since torch's initial weights are small: the last one hardly tells one image from another, and an epoch
is over before anything is learned. Larger initial weights keep the size, too (arXiv 1502.01852).
"""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go
import torch
from torch import Tensor

from core.catalogue import DATASETS, QUICK, NormName
from core.config import RunConfig
from core.data.datasets import Dataset
from core.experiments.data import network_input
from core.experiments.figures import Axis, Line, in_words, lines_figure
from core.experiments.signals import activation_sizes
from core.experiments.statistics import with_batch_statistics
from core.jobs.snapshots import RaceSnapshot, VariantSnapshot
from core.model import NormNet
from core.training.events import BatchDone
from core.training.loop import train

EPOCHS = 1
SEEDS = range(5)
"""A race for each: what one seed shows is no finding."""
NORMS_SHOWN: tuple[NormName, ...] = ("bn", "ln", "gn", "none")
"""Whose layers are measured."""
IMAGES = 128
"""Test images that are sent through the layers."""
LIKE, CHANCE = 0.02, 0.2
"""Shares of the test images: as good is who has at most so many more or less; who has no more than that only guesses.

A tenth is what guessing gets, and one network in five of those without a norm gets a little more.
"""

GUESSING = "about as many as by guessing"
OPTIONS = (
    "about as many as with BatchNorm",
    "fewer, but most of them",
    GUESSING,
    "more than with BatchNorm",
)
RACED = (
    "After {epochs} on {images:,} images, **BatchNorm gets {bn:,} of {total:,}** test images right, **no norm "
    "{none:,}**. One in ten is right by guessing."
)
LATER = (
    "Given more epochs, or larger initial weights (He initialization), the network without a norm learns, too. But "
    "initial weights set the size once, a norm anew with every batch."
)
"""Of a network that only guesses after its epoch: that holds for these initial weights and this time.

After ten epochs it has 98.1 to 98.7 % of the test images right, with each of ``SEEDS``.
"""
DIVERGED = (
    "**BatchNorm gets {bn:,} of {total:,}** test images right after {epochs} on {images:,} images; without a norm the "
    "loss stopped being a finite number."
)
START = (
    "Before training, the numbers after convolution {last} and its ReLU have a standard deviation of **{bn:.2f} "
    "with BN** and **{none:.3f} without a norm**, {share:.0f} times smaller than after convolution 1. Without it each "
    "convolution makes them smaller; where they hardly differ from image to image, there is little to learn from. LN "
    "and GN (step 3) set their size anew, as BN does."
)
AFTER = (
    "After one epoch ({steps} batches), the numbers after convolution {last} and its ReLU have a standard "
    "deviation of **{bn:.2f} with BN** and **{none:.3f} without a norm**. From image to image the ten outputs vary by "
    "a standard deviation of {told_bn:.1f} with BN and {told_none:.4f} without: there, all images get practically the "
    "same ten probabilities."
)
AFTER_LEARNED = (
    "After one epoch ({steps} batches), the numbers after convolution {last} and its ReLU have a standard "
    "deviation of **{bn:.2f} with BN** and **{none:.3f} without a norm**. From image to image the ten outputs vary by "
    "a standard deviation of {told_bn:.1f} with BN and {told_none:.2g} without."
)
SAME_ANSWER = 0.05
"""Outputs that differ by less from image to image give practically the same ten probabilities: none changes by 5 %."""
TITLES = ("Numbers after each ReLU, before training", "Numbers after each ReLU, after one epoch")
X = Axis(title="Convolution", span=(0.7, 5.3), ticks=(1, 2, 3, 4, 5))
Y = Axis(title="Standard deviation", log=True, span=(8e-3, 2), ticks=(0.01, 0.03, 0.1, 0.3, 1))
"""The same before and after, so that the lines move and not the scale."""
HEIGHT = 270
"""A phone has no more room above its words."""


def race_of(seed: int) -> tuple[RunConfig, RunConfig]:
    """The race: BN and no norm, one epoch of the images that come with the app, otherwise as every race begins."""
    bn, none = (RunConfig(norm=norm, dataset=QUICK, epochs=EPOCHS, seed=seed) for norm in ("bn", "none"))
    return bn, none


def seed_of(race: RaceSnapshot) -> int | None:
    """The seed where ``race`` is one of these; else None."""
    configs = tuple(variant.config for variant in race.variants)
    return next((seed for seed in SEEDS if race_of(seed) == configs), None)


@dataclass(frozen=True)
class Outcome:
    """How many of the ``total`` test images are right with BN, and without a norm: None where that one diverged."""

    bn: int
    none: int | None
    total: int

    @property
    def right(self) -> int:
        """The position of the right one of ``OPTIONS``."""
        if self.none is None or self.none <= CHANCE * self.total:
            return 2
        if abs(self.bn - self.none) <= LIKE * self.total:
            return 0
        return 3 if self.none > self.bn else 1

    def in_words(self) -> str:
        """The sentence about it."""
        epochs = "one epoch" if EPOCHS == 1 else f"{EPOCHS} epochs"
        images = DATASETS[QUICK].train_images
        if self.none is None:
            return DIVERGED.format(epochs=epochs, images=images, bn=self.bn, total=self.total)
        said = RACED.format(epochs=epochs, images=images, bn=self.bn, none=self.none, total=self.total)
        return f"{said} {LATER}" if OPTIONS[self.right] == GUESSING else said


def outcome(race: RaceSnapshot, total: int) -> Outcome | None:
    """What a race of ``race_of`` has come to, on ``total`` test images; None before its end, or if it was stopped."""
    bn, none = race.variants
    if not race.ended or bn.status != "complete" or none.status not in ("complete", "diverged"):
        return None
    return Outcome(_right(bn, total), _right(none, total) if none.status == "complete" else None, total)


def _right(variant: VariantSnapshot, total: int) -> int:
    return round(total * variant.rows[-1].test_accuracy / 100)


@dataclass(frozen=True)
class Sizes:
    """What one batch of test images gives in one network, BN by the statistics of that batch.

    behind: standard deviation of all numbers after the ReLU of each convolution.
    told: of each output, the standard deviation over the images, and of those the mean: how far it tells them apart.
    """

    norm: NormName
    label: str
    behind: tuple[float, ...]
    told: float


@dataclass(frozen=True)
class Layers:
    """The sizes in all networks at one moment: ``steps`` of training are over."""

    steps: int
    sizes: tuple[Sizes, ...]

    def of(self, norm: NormName) -> Sizes:
        """Those of one network."""
        return next(sizes for sizes in self.sizes if sizes.norm == norm)


def _configs(seed: int) -> list[RunConfig]:
    return [RunConfig(norm=norm, dataset=QUICK, epochs=EPOCHS, seed=seed) for norm in NORMS_SHOWN]


def _first_images(data: Dataset) -> Tensor:
    return network_input(data.test_images[:IMAGES], data)


def sizes_in(model: NormNet, config: RunConfig, x: Tensor) -> Sizes:
    """x: (N, 1, 28, 28). The network stays as it is."""
    network = with_batch_statistics(model)
    behind = activation_sizes(network, x)
    with torch.inference_mode():
        told = float(network(x).double().std(dim=0, correction=0).mean())
    return Sizes(config.norm, config.label, behind, told)


def at_start(seed: int, data: Dataset) -> Layers:
    """The networks of a seed before their first step."""
    x = _first_images(data)
    return Layers(0, tuple(sizes_in(train(config, data).model, config, x) for config in _configs(seed)))


def after_epoch(seed: int, data: Dataset) -> Layers:
    """The same networks after the steps of the race, each trained here once more."""
    x = _first_images(data)
    steps, found = 0, []
    for config in _configs(seed):
        training = train(config, data)
        for event in training:
            if isinstance(event, BatchDone) and event.batch == event.batches:
                steps = event.batches
                break  # the test that follows would change nothing
        training.close()
        found.append(sizes_in(training.model, config, x))
    return Layers(steps, tuple(found))


def _lines(layers: Layers) -> list[Line]:
    return [
        Line(
            label=sizes.label,
            norm=sizes.norm,
            x=tuple(float(i) for i in range(1, len(sizes.behind) + 1)),
            values=tuple((size,) for size in sizes.behind),
        )
        for sizes in layers.sizes
    ]


def layers_figure(layers: Layers) -> go.Figure:
    """The size of the numbers after each convolution, a line a network."""
    figure = lines_figure(_lines(layers), title=TITLES[bool(layers.steps)], x=X, y=Y)
    return figure.update_layout(height=HEIGHT, legend={"font": {"size": 12}})


def layers_alt(layers: Layers) -> str:
    """The same for those who do not see it."""
    return in_words(_lines(layers), x=X, y=Y)


def layers_said(layers: Layers) -> str:
    """What the sizes say, with BN and without a norm."""
    bn, none = layers.of("bn"), layers.of("none")
    template = START if not layers.steps else AFTER if none.told < SAME_ANSWER else AFTER_LEARNED
    return template.format(
        steps=layers.steps,
        last=len(bn.behind),
        bn=bn.behind[-1],
        none=none.behind[-1],
        share=none.behind[0] / none.behind[-1],
        told_bn=bn.told,
        told_none=none.told,
    )
