"""What a run is: one frozen object that drives the command line, the pages, the URL and the record.

A choice that has no field here cannot vary. Standard library only, so that reading a configuration
costs nothing.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cache, cached_property
from typing import Any, Literal, get_args

from core.catalogue import DATASETS, NORMS, DatasetName, NormName
from core.quoting import quoted

Precision = Literal["fp32", "bf16"]
PresetName = Literal["assignment", "session6", "all"]

PRECISIONS: tuple[Precision, ...] = get_args(Precision)
PRESETS: tuple[PresetName, ...] = get_args(PresetName)


VALIDATION_PART = 12
"""One in so many of them is held out for validation."""

RECIPE = 2
"""Version of all that a field does not name: network shape, schedule, momentum, augmentation ranges."""

RECIPES = (1, RECIPE)
"""Those whose records can be read; only the last one trains."""

FORMER_RECIPE = "recipe {recipe}"
"""What names, settings and tables say of a run that is not of the current recipe."""

YOUNGER_FIELDS: dict[str, Any] = {"validation": False}
"""Fields of ``RunConfig`` that the first records do not have, and the value that they were made with."""

DEFAULT_GROUPS = 4


class ConfigError(ValueError):
    """A value that no run can have. The message names the value, the rule and the fix."""


def divisors(n: int) -> tuple[int, ...]:
    """All positive divisors of ``n``, ascending: the group counts that ``n`` channels allow."""
    return tuple(d for d in range(1, n + 1) if n % d == 0)


def check_groups(groups: int, channels: int) -> None:
    """Raise ``ConfigError`` unless ``groups`` divides ``channels``."""
    if groups not in divisors(channels):
        allowed = [str(d) for d in divisors(channels)]
        choice = allowed[0] if len(allowed) == 1 else ", ".join(allowed[:-1]) + " or " + allowed[-1]
        raise ConfigError(f"groups={quoted(groups)} does not divide {channels} channels; use {choice}")


def _integer(name: str, value: Any, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(f"{name}={quoted(value)} is not a whole number; use one from {low} to {high}")
    if not low <= value <= high:
        raise ConfigError(f"{name}={quoted(value)} is out of range; use a whole number from {low} to {high}")
    return value


def _number(name: str, value: Any, low: float, high: float, *, low_open: bool = False) -> float:
    rule = f"use a number {'above' if low_open else 'from'} {low:g} {'up to' if low_open else 'to'} {high:g}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{name}={quoted(value)} is not a number; {rule}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{name}={value} is not finite; {rule}")
    if not low <= value <= high or (low_open and value == low):
        text = f"{value:g}" if isinstance(value, float) else quoted(value)  # a float cannot hold every int
        raise ConfigError(f"{name}={text} is out of range; {rule}")
    return float(value) + 0.0  # -0.0 would be the same run under another id


def _choice(name: str, value: Any, options: Iterable[str]) -> None:
    if value not in tuple(options):  # a stranger's value may be one that has no place in a dictionary
        raise ConfigError(f"{name}={quoted(value)} is unknown; use one of {', '.join(options)}")


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """One training run. Invalid values raise ``ConfigError``; fields that do not apply take one form.

    norm: the name of a row of ``catalogue.NORMS``, after every convolution.
    groups: GroupNorm's G, a divisor of ``width``; brought to 1 for every other norm.
    l1: factor of sum|w| added to the loss.  l2: factor of sum w^2 added to the loss (an optimizer's
        weight_decay of 5e-4 is an l2 of 2.5e-4). Both act on convolution and linear weights.
    epochs: passes over the training images; the learning-rate schedule spans all of them.
    lr: the highest learning rate of the OneCycle schedule.
    seed: of the weights, the batch order and the augmentation.
    width: channels of the first half of the network; the second half has twice as many.
    precision: ``fp32``, or ``bf16``: mixed precision in training, where the processor is faster with it.
    validation: test on the last twelfth of the training images instead of the test set, and train on the
        rest. Every choice of a recipe is made there, so that the test set stays unseen.
    recipe: version of everything that has no field of its own.
    """

    norm: NormName
    groups: int = DEFAULT_GROUPS
    l1: float = 0.0
    l2: float = 0.0
    epochs: int = 20
    batch_size: int = 128
    lr: float = 0.1
    seed: int = 0
    dataset: DatasetName = "mnist"
    augment: bool = True
    width: int = 16
    precision: Precision = "fp32"
    validation: bool = False
    recipe: int = RECIPE

    def __post_init__(self) -> None:
        _choice("norm", self.norm, NORMS)
        _choice("dataset", self.dataset, DATASETS)
        _choice("precision", self.precision, PRECISIONS)
        _integer("width", self.width, 1, 256)
        if NORMS[self.norm].grouping == "chosen":
            _integer("groups", self.groups, 1, self.width)
            check_groups(self.groups, self.width)
        else:
            object.__setattr__(self, "groups", 1)
        object.__setattr__(self, "l1", _number("l1", self.l1, 0, 1))
        object.__setattr__(self, "l2", _number("l2", self.l2, 0, 1))
        object.__setattr__(self, "lr", _number("lr", self.lr, 0, 10, low_open=True))
        _integer("epochs", self.epochs, 1, 1000)
        _integer("batch_size", self.batch_size, 1, 60_000)
        _integer("seed", self.seed, 0, 2**32 - 1)
        for name in ("augment", "validation"):
            if not isinstance(getattr(self, name), bool):
                raise ConfigError(f"{name}={quoted(getattr(self, name))} is not a truth value; use true or false")
        if isinstance(self.recipe, bool) or not isinstance(self.recipe, int) or self.recipe not in RECIPES:
            readable = " and ".join(map(str, RECIPES))
            raise ConfigError(
                f"recipe={quoted(self.recipe)} is not known to this version; it trains recipe {RECIPE} and reads "
                f"records of recipes {readable}"
            )

    @property
    def norm_label(self) -> str:
        """The norm as a legend names it: "BN", "GN (4)", "no norm"."""
        return NORMS[self.norm].label(self.groups)

    @property
    def label(self) -> str:
        """Legend text: the norm and the penalties that act, as in "BN + L1"; and what sets the run apart from others.

        That is validation, and a former recipe: "BN + L1 (recipe 1)" cannot be taken for a run of the current one.
        """
        acting = " + ".join([self.norm_label, *(["L1"] if self.l1 else []), *(["L2"] if self.l2 else [])])
        apart = [*(["validation"] if self.validation else []), *([self.former_recipe] if self.former_recipe else [])]
        return f"{acting} ({', '.join(apart)})" if apart else acting

    @property
    def former_recipe(self) -> str:
        """ "recipe 1" of a run that is not of the current recipe; else empty."""
        return "" if self.recipe == RECIPE else FORMER_RECIPE.format(recipe=self.recipe)

    @cached_property
    def run_id(self) -> str:
        """Sixteen hexadecimal digits that depend on every field: the name of the run's record."""
        younger = YOUNGER_FIELDS.items()  # left out at their defaults, so that older records keep their names
        values = {name: value for name, value in asdict(self).items() if (name, value) not in younger}
        canonical = json.dumps(values, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunConfig:
        """The inverse of ``to_dict``; an unknown field or a missing norm raises ``ConfigError``."""
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ConfigError(f"unknown field {quoted(unknown[0])}; use {', '.join(sorted(known))}")
        if "norm" not in values:
            raise ConfigError(f"the field 'norm' is missing; use one of {', '.join(NORMS)}")
        return cls(**values)


def preset(name: PresetName, **shared: Any) -> tuple[RunConfig, ...]:
    """The variants of one race; ``shared`` are RunConfig fields that all of them take.

    ``assignment``: BN + L1, GN (4), LN.  ``session6``: GN + L1, LN + L2, BN + L1 + L2.
    ``all``: BN, LN, GN, IN and no norm, without a penalty.
    """
    _choice("preset", name, PRESETS)
    variants: dict[str, list[dict[str, Any]]] = {
        "assignment": [{"norm": "bn", "l1": 1e-4}, {"norm": "gn"}, {"norm": "ln"}],
        "session6": [
            {"norm": "gn", "l1": 1e-4},
            {"norm": "ln", "l2": 2.5e-4},
            {"norm": "bn", "l1": 1e-4, "l2": 2.5e-4},
        ],
        "all": [{"norm": name} for name, norm in NORMS.items() if norm.basic],
    }
    return tuple(RunConfig(**{**shared, **variant}) for variant in variants[name])


def with_dataset(config: RunConfig, dataset: DatasetName) -> RunConfig:
    """The same run on another data set (the app's fallback when a download fails)."""
    return replace(config, dataset=dataset)


PLAIN: dict[NormName, range] = {"bn": range(8), "in": range(3), "none": range(3)}
"""What the study has of the preset ``all``, and with which seeds: LN and GN are in the assignment.

BN has as many as they have there, so that the three norms can be compared without any penalty.
"""

STUDY_SEEDS: dict[PresetName, range] = {"assignment": range(8), "session6": range(5), "all": range(8)}
"""The seeds that the study has of each preset; of the preset ``all`` those of each norm are in ``PLAIN``."""


def races(**shared: Any) -> list[tuple[RunConfig, ...]]:
    """The races of the study in order, three variants each or BN alone; all take the RunConfig fields ``shared``.

    The seeds of a preset follow each other, the presets of the exercises come first.
    """
    return [
        tuple(
            config
            for config in preset(name, seed=seed, **shared)
            if name != "all" or seed in PLAIN.get(config.norm, ())
        )
        for name, seeds in STUDY_SEEDS.items()
        for seed in seeds
    ]


OF_THE_METHOD = ("norm", "groups", "l1", "l2")
"""The fields of a configuration that make a method. With the seed it is one run of it; all other fields are terms."""


def terms(config: RunConfig) -> dict[str, object]:
    """What runs must have in common to be compared: every field but those of the method and the seed."""
    return {name: value for name, value in config.to_dict().items() if name not in (*OF_THE_METHOD, "seed")}


def place_in_study(config: RunConfig) -> int | None:
    """Where the study has this method with this seed, counted over its races, whatever the terms; None: it has not.

    The study is of the current recipe: it has no run of a former one.
    """
    return None if config.former_recipe else _places().get(_method_and_seed(config))


@cache
def _places() -> dict[tuple[object, ...], int]:
    return {_method_and_seed(config): i for i, config in enumerate(config for race in races() for config in race)}


def _method_and_seed(config: RunConfig) -> tuple[object, ...]:
    return tuple(getattr(config, name) for name in (*OF_THE_METHOD, "seed"))
