"""What one training of the lab is: the project's network and a plain training, each departure a field.

The recipe's clipping, warm-up and augmentation hide the very effects that are looked for here, so none of them acts.
Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from core.catalogue import CLASSES, DATASETS, NORMS, DatasetName, NormName
from core.config import DEFAULT_GROUPS, ConfigError, RunConfig, check_groups

Initialization = Literal["torch", "he"]
Order = Literal["random", "one class"]
Decay = Literal["none", "cosine"]

LEAST_DEPTH = 5
"""Convolutions of the project's network."""
MOST_DEPTH = 40


@dataclass(frozen=True, kw_only=True)
class LabConfig:
    """One training. The defaults are the project's network, trained plainly. Invalid values raise ``ConfigError``.

    norm, groups, width, seed: as in ``RunConfig``.
    depth: convolutions; those beyond the project's five follow the last, with its channels.
    initialization: ``torch``: uniform within 1 / sqrt(fan in), torch's default and the project's; ``he``: uniform
        within sqrt(6 / fan in), made for ReLU (arXiv 1502.01852).
    pooled: whether the maximum over each plane is taken before the last norm instead of behind it, so that a set of BN
        there has one number an image.
    ghost: images of a sub-batch that has BN statistics of its own (arXiv 1705.08741); 0: the whole batch.
    standardized: whether each filter is brought to mean 0 and variance 1 / fan in (arXiv 1903.10520).
    dataset, images, tests: the data, and how many of its first training and test images are used.
    validation: test on the last twelfth of the training images instead, as every setting was chosen.
    order: ``one class``: every batch holds images of one class only.
    batch_size, epochs, lr, momentum: of plain SGD, without Nesterov; lr does not warm up.
    decay: of lr: ``none``, or ``cosine`` to 0 over all steps.
    steps: batches after which it ends; 0: at the end of the last epoch.
    l1, l2: as in ``RunConfig``.
    """

    norm: NormName
    groups: int = DEFAULT_GROUPS
    width: int = RunConfig.width
    depth: int = LEAST_DEPTH
    initialization: Initialization = "torch"
    pooled: bool = False
    ghost: int = 0
    standardized: bool = False
    dataset: DatasetName = "mnist"
    images: int = 6000
    tests: int = 1000
    validation: bool = False
    order: Order = "random"
    batch_size: int = 32
    epochs: int = 1
    steps: int = 0
    lr: float = 0.01
    momentum: float = 0.9
    decay: Decay = "none"
    l1: float = 0.0
    l2: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, options in _OPTIONS.items():
            if getattr(self, name) not in options:
                raise ConfigError(f"{name}={getattr(self, name)!r} is unknown; use one of {', '.join(options)}")
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"{name}={getattr(self, name)} is out of range; use {low:g} to {high:g}")
        if NORMS[self.norm].grouping == "chosen":
            check_groups(self.groups, self.width)
        else:
            object.__setattr__(self, "groups", 1)  # one form of what does not apply
        if self.ghost and not NORMS[self.norm].crosses_images:
            raise ConfigError(f"ghost={self.ghost} needs a norm whose sets cross images; use bn, or ghost=0")

    @property
    def label(self) -> str:
        """The norm as a legend names it."""
        return NORMS[self.norm].label(self.groups)


_OPTIONS: dict[str, tuple[str, ...]] = {
    "norm": tuple(NORMS),
    "dataset": tuple(DATASETS),
    "initialization": get_args(Initialization),
    "order": get_args(Order),
    "decay": get_args(Decay),
}
_RANGES: dict[str, tuple[float, float]] = {
    "width": (1, 64),
    "depth": (LEAST_DEPTH, MOST_DEPTH),
    "ghost": (0, 1000),
    "images": (CLASSES, 60_000),
    "tests": (1, 10_000),
    "batch_size": (1, 1000),
    "epochs": (1, 20),
    "steps": (0, 100_000),
    "lr": (1e-6, 100),
    "momentum": (0, 1),
    "l1": (0, 1),
    "l2": (0, 1),
    "seed": (0, 2**32 - 1),
}
