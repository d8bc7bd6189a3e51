"""The experiments in the order of the page."""

from __future__ import annotations

from core.config import ConfigError
from core.experiments.depth import DEPTH
from core.experiments.experiment import Experiment
from core.experiments.learning_rate import LEARNING_RATE
from core.labels import listed
from core.quoting import quoted

EXPERIMENTS: tuple[Experiment, ...] = (LEARNING_RATE, DEPTH)


def experiment(name: str) -> Experiment:
    """The experiment of a name; ``ConfigError`` for another one."""
    for found in EXPERIMENTS:
        if found.name == name:
            return found
    names = listed([found.name for found in EXPERIMENTS])
    raise ConfigError(f"experiment={quoted(name)} is unknown; use one of {names}")
