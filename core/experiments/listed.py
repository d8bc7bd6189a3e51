"""The experiments in the order of the page."""

from __future__ import annotations

from core.config import ConfigError
from core.experiments.experiment import Experiment
from core.experiments.pruning import PRUNING
from core.labels import listed
from core.quoting import quoted

EXPERIMENTS: tuple[Experiment, ...] = (PRUNING,)


def experiment(name: str) -> Experiment:
    """The experiment of a name; ``ConfigError`` for another one."""
    for found in EXPERIMENTS:
        if found.name == name:
            return found
    names = listed([found.name for found in EXPERIMENTS])
    raise ConfigError(f"experiment={quoted(name)} is unknown; use one of {names}")
