"""Records whose errors are chosen by hand: which images are wrong, and what they are taken for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.config import RunConfig
from core.model import get_model, parameter_count
from core.records.record import EpochRow, Predictions, RunRecord, RunSummary

IMAGES = 60


def predictions(
    wrong: Mapping[int, int], *, confidence: Mapping[int, float] | None = None, mark: str = "ab"
) -> Predictions:
    """Of 60 test images; image i is of class i % 10 and all of one grey, 3 * i.

    wrong: from an image's index to what it is taken for.  confidence: of an image, 0.9 where it is not named.
    mark: two hexadecimal digits that make the test set's fingerprint.
    """
    true = np.arange(IMAGES) % 10
    probabilities = np.zeros((IMAGES, 10))
    for index in range(IMAGES):
        predicted = wrong.get(index, int(true[index]))
        sure = (confidence or {}).get(index, 0.9)
        probabilities[index] = (1 - sure) / 9
        probabilities[index, predicted] = sure
    images = (3 * np.arange(IMAGES)[:, None, None] * np.ones((1, 28, 28))).astype(np.uint8)
    return Predictions.of(true, probabilities, images, mark * 32)


def record(config: RunConfig, found: Predictions) -> RunRecord:
    """A complete run of one epoch with the untrained weights of its seed: all ten classes equally probable."""
    model = get_model(config)
    row = EpochRow(1, 0.5, 90.0, 0.4, found.accuracy, 1.0)
    summary = RunSummary(
        config=config,
        status="complete",
        epochs=(row,),
        images_per_second=100.0,
        parameters=parameter_count(model),
    )
    return RunRecord(summary, {name: tensor.numpy() for name, tensor in model.state_dict().items()}, found)


def config(norm: str, seed: int = 0, **named: object) -> RunConfig:
    """One epoch of digits."""
    return RunConfig(**{"norm": norm, "seed": seed, "dataset": "digits", "epochs": 1, "batch_size": 64} | named)
