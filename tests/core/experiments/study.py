"""What tests of experiments share: digits under MNIST's name, tables by hand, a training's error without the app."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import torch

from core.data.datasets import Dataset
from core.experiments.data import network_input, part
from core.experiments.experiment import Context, Row
from core.experiments.run import given
from core.experiments.settings import LabConfig
from core.experiments.table import Done, Table
from core.experiments.training import LabTraining


def as_mnist(digits: Dataset, tests: int | None = None) -> Dataset:
    """1,438 test images and 359 training images: digits, which come with the packages, as if they were MNIST."""
    return replace(
        digits,
        name="mnist",
        train_images=digits.test_images,
        train_labels=digits.test_labels,
        test_images=digits.train_images[:tests],
        test_labels=digits.train_labels[:tests],
        mean=0.0,  # whoever goes by the mean of the data instead of that of the training gets other numbers
        std=1.0,
    )


def context(data: Dataset, told: list[float] | None = None) -> Context:
    """Where a unit of work runs."""
    return Context(data=given(data), tell=(told if told is not None else []).append)


def table(name: str, rows: Iterable[Row]) -> Table:
    """A table of one trial."""
    return Table(name, False, {"all": Done(tuple(rows), 1.0)})


def error_of(config: LabConfig, data: Dataset) -> float:
    """Percent of wrong answers after a training, in inference, counted with torch alone."""
    training = LabTraining(config, part(data, config))
    for _ in training:
        pass
    with torch.inference_mode():
        answers = training.model.eval()(network_input(data.test_images, data)).argmax(dim=1)
    return 100 * float((answers != data.test_labels).float().mean())
