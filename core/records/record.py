"""What a run leaves behind, in memory: its configuration, its epochs, its weights and its answers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.config import RunConfig

Status = Literal["running", "complete", "interrupted", "diverged"]
STATUSES: tuple[Status, ...] = get_args(Status)


class RecordError(ValueError):
    """A record that cannot be trusted or read. The message names the file and the field."""


@dataclass(frozen=True)
class EpochRow:
    """One epoch: accuracies in percent, losses in nats, seconds of this epoch with its test."""

    epoch: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    seconds: float


@dataclass(frozen=True, eq=False)
class Predictions:
    """A network's answers on a test set of M images, and the K images it gets wrong.

    true, predicted: (M,) int64.  confidence: (M,) float32, probability of the predicted class.
    wrong_index: (K,) ascending positions in the test set.  wrong_image: (K, 28, 28) uint8.
    wrong_probabilities: (K, 10) float32.  fingerprint: of the test set; runs are paired only where equal.
    """

    true: NDArray[np.int64]
    predicted: NDArray[np.int64]
    confidence: NDArray[np.float32]
    wrong_index: NDArray[np.int64]
    wrong_image: NDArray[np.uint8]
    wrong_probabilities: NDArray[np.float32]
    fingerprint: str

    @classmethod
    def of(
        cls, true: NDArray[Any], probabilities: NDArray[Any], images: NDArray[np.uint8], fingerprint: str
    ) -> Predictions:
        """From labels (M,), probabilities (M, 10) and the test images (M, 28, 28)."""
        predicted = probabilities.argmax(axis=1)
        wrong = np.flatnonzero(predicted != true)
        return cls(
            true=true.astype(np.int64),
            predicted=predicted.astype(np.int64),
            confidence=probabilities.max(axis=1).astype(np.float32),
            wrong_index=wrong.astype(np.int64),
            wrong_image=images[wrong],
            wrong_probabilities=probabilities[wrong].astype(np.float32),
            fingerprint=fingerprint,
        )

    @property
    def test_set(self) -> tuple[str, bytes]:
        """Tells on which images these are answers: runs are paired only where it is equal.

        The labels as well as the fingerprint, since a stranger's record may claim any fingerprint.
        """
        return self.fingerprint, self.true.tobytes()

    @property
    def accuracy(self) -> float:
        """Percent of the test images that are right."""
        return 100 * float((self.true == self.predicted).mean())


@dataclass(frozen=True, kw_only=True, eq=False)
class RunRecord:
    """One run as it is kept.

    status: ``complete`` after the last epoch; ``running`` between two; ``interrupted`` when stopped;
    ``diverged`` when the loss stopped being finite.  message: why, for the last two.
    epochs: finished epochs.  images_per_second: training images over seconds spent training, 0 before
    the first epoch.  parameters: trainable numbers.  environment: versions, device, threads.
    weights: tensors by name as numpy arrays, and predictions: both of the last finished epoch, None before.
    """

    config: RunConfig
    status: Status
    epochs: tuple[EpochRow, ...] = ()
    message: str = ""
    images_per_second: float = 0.0
    parameters: int = 0
    environment: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, NDArray[Any]] | None = None
    predictions: Predictions | None = None

    @property
    def run_id(self) -> str:
        """The name of the record: a hash of the configuration."""
        return self.config.run_id

    @property
    def label(self) -> str:
        """Legend text."""
        return self.config.label

    @cached_property
    def digest(self) -> str:
        """Tells what the record holds, whatever it calls itself: 32 hexadecimal digits, for the keys of caches.

        Two records with one digest cannot be made on purpose, as they can with Python's ``hash`` of numbers.
        """
        digest = hashlib.blake2b(digest_size=16)
        digest.update(repr((self.config, self.status, self.epochs, self.parameters)).encode())
        arrays = {f"weights {name}": array for name, array in (self.weights or {}).items()}
        if self.predictions is not None:
            digest.update(self.predictions.fingerprint.encode())
            arrays |= {name: a for name, a in vars(self.predictions).items() if isinstance(a, np.ndarray)}
        for name, array in sorted(arrays.items()):
            digest.update(repr((name, array.dtype.str, array.shape)).encode())
            digest.update(array.tobytes())
        return digest.hexdigest()

    @property
    def best_epoch(self) -> EpochRow:
        """The epoch of the highest test accuracy, the first such: chosen on the test set, so optimistic."""
        return max(self.epochs, key=lambda row: (row.test_accuracy, -row.epoch))
