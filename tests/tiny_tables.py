"""Tables of the real experiments, from trainings of a few steps on a few images.

The numbers say nothing; rows, columns and trials are those of the real ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.data.datasets import Dataset
from core.experiments.experiment import FULL_SEEDS, Context, Experiment
from core.experiments.run import measured
from core.experiments.settings import LabConfig
from core.experiments.table import Table

BY_STEP = ("two-curves", "small-ones")
"""Whose rows are named by their steps, so that there must be as many: in batches of 2."""


def tiny_table(of: Experiment, data: Dataset, seeds: Sequence[int] = FULL_SEEDS[:2], *, quick: bool = False) -> Table:
    """``data`` stands in the place of every data set.  quick: the trials of the quick form."""
    context = Context(data=lambda name: replace(data, name=name))
    trials = of.units(seeds, quick=quick)
    small = _by_step if of.name in BY_STEP else _small
    done = {trial.key: measured(replace(trial, settings=small(trial.settings)), context) for trial in trials}
    return Table(of.name, quick, done)


def _small(settings: Any) -> Any:
    if isinstance(settings, LabConfig):
        return replace(settings, images=64, tests=20, epochs=1, steps=min(settings.steps, 25))
    return settings


def _by_step(settings: LabConfig) -> LabConfig:
    return replace(settings, images=700, tests=20, batch_size=2) if settings.steps else _small(settings)
