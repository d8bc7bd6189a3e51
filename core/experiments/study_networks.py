"""Units of work that need no training: one network of the study that comes with the app, and the images it gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.catalogue import DATASETS, QUICK, DatasetName, NormName
from core.config import RunConfig
from core.data.batches import to_float
from core.data.datasets import Dataset, hold_out
from core.experiments.experiment import Context
from core.experiments.trained import shipped_network, study_seeds
from core.model import NormNet

TRAINED_ON: DatasetName = "mnist"
"""The data set of every network of the study: whose mean and standard deviation its images are standardized with."""
MOST_OTHERS = 500
"""Training images that statistics are taken from: none of them is judged."""

Method = tuple[NormName, float]
"""A norm and its L1 penalty."""
BN: Method = ("bn", 1e-4)
"""The BN of the exercise, which the study has with eight seeds."""
PLAIN_BN: Method = ("bn", 0.0)
METHODS: tuple[Method, ...] = (BN, ("gn", 0.0), ("ln", 0.0), ("in", 0.0), ("none", 0.0))


@dataclass(frozen=True, kw_only=True)
class StudyNetwork:
    """One network of the study, and what it is judged on.

    norm, l1, seed: which network; the seed is that of everything that is drawn for it, too.
    dataset, tests: the data, and how many of its first test images are judged.
    validation: judge images held out of the training set instead, as every setting was chosen.
    """

    norm: NormName
    l1: float = 0.0
    seed: int
    dataset: DatasetName = TRAINED_ON
    tests: int = 10_000
    validation: bool = False

    @property
    def label(self) -> str:
        """As a legend names it."""
        return label((self.norm, self.l1))

    def network(self) -> NormNet:
        """It, in inference mode; a new object at every call."""
        return shipped_network(self.norm, self.seed, l1=self.l1)


def label(method: Method) -> str:
    """A method as a legend names it: "BN + L1", "GN (4)", "no norm"."""
    norm, l1 = method
    return RunConfig(norm=norm, l1=l1).label


def study_networks(methods: Sequence[Method], seeds: Sequence[int], *, quick: bool) -> tuple[StudyNetwork, ...]:
    """The units of work for some seeds: of a method that the study has with none of them, all seeds that it has."""
    found = []
    for norm, l1 in methods:
        there = study_seeds(norm, l1=l1)
        chosen = [seed for seed in seeds if seed in there] or (there[:1] if quick else there)
        dataset, tests = (QUICK, 1000) if quick else (TRAINED_ON, 10_000)
        found += [StudyNetwork(norm=norm, l1=l1, seed=seed, dataset=dataset, tests=tests) for seed in chosen]
    return tuple(found)


@dataclass(frozen=True)
class Judged:
    """The images of one unit of work, on the scale 0..1.

    images: (N, 1, 28, 28), which are judged.  labels: (N,).
    others: (M, 1, 28, 28), training images, which statistics are taken from, in a random order.
    """

    images: Tensor
    labels: Tensor
    others: Tensor


def judged(settings: StudyNetwork, context: Context) -> Judged:
    """The images that ``settings`` name."""
    data = context.data(settings.dataset)
    return judged_of(hold_out(data) if settings.validation else data, settings.tests, settings.seed)


def judged_of(data: Dataset, tests: int, seed: int) -> Judged:
    """The first ``tests`` test images, and up to 500 training images that ``seed`` draws."""
    order = torch.randperm(len(data.train_images), generator=torch.Generator().manual_seed(seed))[:MOST_OTHERS]
    return Judged(to_float(data.test_images[:tests]), data.test_labels[:tests], to_float(data.train_images[order]))


def standardized(x: Tensor) -> Tensor:
    """(N, 1, 28, 28) on the scale 0..1 -> as the study's networks get it, whatever data set it is of."""
    row = DATASETS[TRAINED_ON]
    return (x - row.mean) / row.std
