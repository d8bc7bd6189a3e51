"""Tables of the real experiments as their full forms have them, from trainings of two steps on a few images.

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


def tiny_table(of: Experiment, data: Dataset, seeds: Sequence[int] = FULL_SEEDS[:2]) -> Table:
    """``data`` stands in the place of every data set."""
    context = Context(data=lambda name: replace(data, name=name))
    trials = of.units(seeds, quick=False)
    done = {trial.key: measured(replace(trial, settings=_small(trial.settings)), context) for trial in trials}
    return Table(of.name, False, done)


def _small(settings: Any) -> Any:
    if isinstance(settings, LabConfig):
        return replace(settings, images=64, tests=20, epochs=1, steps=2)
    return settings
