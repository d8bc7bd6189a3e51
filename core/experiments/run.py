"""Running trials: one at a time here, or each as a unit that another process gets."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import torch

from core.catalogue import DatasetName
from core.data import datasets
from core.data.datasets import Dataset
from core.experiments.experiment import Context, Trial
from core.experiments.listed import experiment
from core.experiments.table import Done
from core.experiments.training import no_denormals

THREADS = 1
"""Of torch in every trial: with another number the digits differ, and so would those of another machine's workers."""


def run_trial(trial: Trial, data_root: Path | None = None) -> Done:
    """Do one unit of work, in a process or a thread of its own: sets torch's threads, and leaves them so."""
    torch.set_num_threads(THREADS)
    return measured(trial, Context(data=lambda name: datasets.load(name, data_root)))


def measured(trial: Trial, context: Context) -> Done:
    """Do one unit of work by ``context``; its seconds are those of this thread's processor time."""
    began = time.thread_time()
    with no_denormals():
        rows = experiment(trial.experiment).measure(trial.settings, context)
    return Done(tuple(rows), time.thread_time() - began)


def given(data: Dataset) -> Callable[[DatasetName], Dataset]:
    """A context's ``data`` that has one data set only."""

    def give(name: DatasetName) -> Dataset:
        if name != data.name:
            raise ValueError(f"{name!r} is not the {data.name!r} at hand")
        return data

    return give
