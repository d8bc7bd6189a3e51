"""The experiments in the order of the page."""

from __future__ import annotations

from core.config import ConfigError
from core.experiments.experiment import Experiment
from core.experiments.forgot_eval import FORGOT_EVAL
from core.experiments.light import LIGHT
from core.labels import listed
from core.quoting import quoted

EXPERIMENTS: tuple[Experiment, ...] = (LIGHT, FORGOT_EVAL)


def experiment(name: str) -> Experiment:
    """The experiment of a name; ``ConfigError`` for another one."""
    for found in EXPERIMENTS:
        if found.name == name:
            return found
    names = listed([found.name for found in EXPERIMENTS])
    raise ConfigError(f"experiment={quoted(name)} is unknown; use one of {names}")
