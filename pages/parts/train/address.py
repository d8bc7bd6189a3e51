"""What the address of the Train page may say. The limits of the server have a part in it: functions, not constants."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.catalogue import DATASETS, NORMS, QUICK, DatasetName, NormName
from core.config import DEFAULT_GROUPS, ConfigError, RunConfig, divisors, preset
from core.jobs.limits import limits
from core.quoting import quoted
from pages.parts.shared.address import MINE, RUN_ID, Parameter, Table
from pages.parts.shared.rules import Rule, flag, one_of, pattern, titled, whole

BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
LEARNING_RATES = ("0.01", "0.03", "0.05", "0.1", "0.2", "0.5", "1")
MOST_SEED = 2**32 - 1
OFF = "off"
NO_STRENGTH = "{text} is no strength of a penalty; use {off} or a number from 0 to 1, such as 2e-4"
L1_STEPS = (OFF, "1e-6", "1e-5", "3e-5", "1e-4", "3e-4", "1e-3", "1e-2")
L2_STEPS = (OFF, "1e-5", "1e-4", "2.5e-4", "5e-4", "1e-3", "1e-2")
GROUPS = divisors(RunConfig(norm="bn").width)
_CARDS = (*preset("assignment"), RunConfig(norm="in"), RunConfig(norm="none"))
"""What the cards hold before anyone touches them: the assignment, and the two norms that it lacks."""

Penalty = Parameter[str]
"""The parameter of an L1 or L2 strength, as a person writes it."""
RACE = Parameter("race", pattern(RUN_ID), "")
"""The race on the screen, which whoever knows this value may stop."""
WATCH = Parameter("train_watch", pattern(RUN_ID), "")
"""The same under its other name, for those who only look on."""
_DATASET_TITLES = {name: row.title for name, row in DATASETS.items()}
_NORM_TITLES = {name: row.title for name, row in NORMS.items()}
FORM = "train_form"
"""Key of the section that holds the form while a race is on the screen."""
MORE = "train_more"
"""Key of the section within the form."""
DATASET = Parameter[DatasetName]("train_dataset", titled(_DATASET_TITLES), QUICK, bound=True)
BATCH_SIZE = Parameter("train_batch_size", one_of(BATCH_SIZES), 128, bound=True)
LEARNING_RATE = Parameter("train_lr", one_of(LEARNING_RATES), "0.1", bound=True)
SCALE = Parameter("train_scale", flag(), False, bound=True)
"""Whether the learning rate goes with the batch size."""
SEED = Parameter("train_seed", whole(0, MOST_SEED), 0, bound=True)
AUGMENT = Parameter("train_augment", flag(), True, bound=True)


def epochs() -> Parameter[int]:
    """How many epochs; by default five."""
    most = limits().max_epochs
    return Parameter("train_epochs", whole(1, most), min(5, most), bound=True)


def variants() -> Parameter[int]:
    """How many cards; by default three."""
    most = limits().max_variants
    return Parameter("train_variants", whole(1, most), min(3, most), bound=True)


@dataclass(frozen=True)
class Values:
    """What a card holds, as its widgets have it."""

    norm: NormName
    groups: int
    l1: str
    l2: str

    @classmethod
    def of(cls, config: RunConfig) -> Values:
        """The values that make this configuration."""
        groups = config.groups if NORMS[config.norm].grouping == "chosen" else DEFAULT_GROUPS
        return cls(config.norm, groups, _penalty(config.l1, L1_STEPS), _penalty(config.l2, L2_STEPS))


def _penalty(value: float, steps: tuple[str, ...]) -> str:
    """As the steps write it, else with all its digits."""
    return next((step for step in steps if strength(step) == value), repr(value))


def strength(text: str) -> float:
    """What a penalty's text stands for: ``OFF``, or a number from 0 to 1. Raises ``ConfigError`` for anything else."""
    try:
        value = 0.0 if text == OFF else float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise ConfigError(NO_STRENGTH.format(text=quoted(text), off=OFF))
    return value


def penalty() -> Rule[str]:
    """A text that has a ``strength``, kept as it is."""

    def rule(text: str) -> str | None:
        try:
            strength(text)
        except ConfigError:
            return None
        return text

    return rule


@dataclass(frozen=True)
class Card:
    """The parameters of one variant."""

    norm: Parameter[NormName]
    groups: Parameter[int]
    l1: Parameter[str]
    l2: Parameter[str]


def card(number: int) -> Card:
    """The parameters of card ``number``, counted from 0."""
    start, values = f"train_{number + 1}_", Values.of(_CARDS[number % len(_CARDS)])
    return Card(
        Parameter[NormName](f"{start}norm", titled(_NORM_TITLES), values.norm, bound=True),
        Parameter(f"{start}groups", one_of(GROUPS), DEFAULT_GROUPS, bound=True),
        Parameter(f"{start}l1", penalty(), values.l1, bound=True),
        Parameter(f"{start}l2", penalty(), values.l2, bound=True),
    )


def more() -> Table:
    """What the form's closed section holds, with as many cards as this server allows."""
    cards = [card(number) for number in range(limits().max_variants)]
    rows = [row for each in cards for row in (each.norm, each.groups, each.l1, each.l2)]
    return [variants(), BATCH_SIZE, LEARNING_RATE, SCALE, SEED, AUGMENT, *rows]


def table() -> Table:
    """All of it."""
    return [RACE, WATCH, MINE, DATASET, epochs(), *more()]
