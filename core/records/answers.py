"""What the networks of records say of an image."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.catalogue import DATASETS, DatasetName
from core.data.batches import to_float
from core.model import NormNet
from core.records.network import trained_model
from core.records.record import RecordError, RunRecord


@dataclass(frozen=True, eq=False)
class Answer:
    """What one run says of an image: its name, the most probable class, and all ten probabilities (10,)."""

    name: str
    predicted: int
    probabilities: NDArray[np.float64]

    @property
    def confidence(self) -> float:
        """Probability of the predicted class, 0..1."""
        return float(self.probabilities[self.predicted])


def standardized(images: NDArray[np.uint8], dataset: DatasetName) -> Tensor:
    """(N, 28, 28) uint8 -> (N, 1, 28, 28) float32, as every network of this data set was trained on."""
    row = DATASETS[dataset]
    return to_float(torch.from_numpy(np.array(images, order="C"))).sub_(row.mean).div_(row.std)


def probabilities(model: NormNet, images: NDArray[np.uint8], dataset: DatasetName) -> NDArray[np.float64]:
    """(N, 28, 28) uint8 -> (N, 10): softmax of the logits in inference mode (BN by its running statistics)."""
    with torch.inference_mode():
        logits = model.eval()(standardized(images, dataset))
    return logits.double().softmax(dim=1).numpy()


def answers(runs: Iterable[tuple[str, RunRecord]], image: NDArray[np.uint8]) -> tuple[list[Answer], list[str]]:
    """The answers of all ``runs`` (names and whole records) to one (28, 28) uint8 image, 0 is paper.

    And the names of the runs whose weights cannot be used.
    """
    found, missing = [], []
    for name, record in runs:
        try:
            row = probabilities(trained_model(record), image[None], record.config.dataset)[0]
        except RecordError:
            missing.append(name)
            continue
        if not np.isfinite(row).all():  # weights of a stranger's record can be finite and still overflow
            missing.append(name)
            continue
        found.append(Answer(name, int(row.argmax()), row))
    return found, missing
