"""The experiments in the order of the page."""

from __future__ import annotations

from core.config import ConfigError
from core.experiments.company import COMPANY
from core.experiments.depth import DEPTH
from core.experiments.experiment import Experiment
from core.experiments.forgot_eval import FORGOT_EVAL
from core.experiments.learning_rate import LEARNING_RATE
from core.experiments.light import LIGHT
from core.experiments.pruning import PRUNING
from core.experiments.set_size import SET_SIZE
from core.experiments.small_ones import SMALL_ONES
from core.experiments.two_curves import TWO_CURVES
from core.labels import listed
from core.quoting import quoted

EXPERIMENTS: tuple[Experiment, ...] = (
    LIGHT,
    FORGOT_EVAL,
    COMPANY,
    TWO_CURVES,
    SET_SIZE,
    LEARNING_RATE,
    DEPTH,
    PRUNING,
    SMALL_ONES,
)


def experiment(name: str) -> Experiment:
    """The experiment of a name; ``ConfigError`` for another one."""
    for found in EXPERIMENTS:
        if found.name == name:
            return found
    names = listed([found.name for found in EXPERIMENTS])
    raise ConfigError(f"experiment={quoted(name)} is unknown; use one of {names}")
