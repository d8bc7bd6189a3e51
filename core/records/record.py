"""What a run leaves behind, in memory: its configuration, its epochs, its weights and its answers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, TypeAlias, get_args

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
    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays by the names of their fields: all but the fingerprint."""
        return {name: value for name, value in vars(self).items() if isinstance(value, np.ndarray)}

    @property
    def accuracy(self) -> float:
        """Percent of the test images that are right."""
        return 100 * float((self.true == self.predicted).mean())


@dataclass(frozen=True, kw_only=True, eq=False)
class RunSummary:
    """What there is to say of a run without its arrays: all that a run has that stopped before an epoch ended.

    status: ``complete`` after the last epoch; ``running`` between two; ``interrupted`` when stopped;
    ``diverged`` when the loss stopped being finite.  message: why, for the last two.
    epochs: finished epochs.  images_per_second: training images over seconds spent training, 0 before
    the first epoch.  parameters: trainable numbers.  environment: versions, device, threads.
    """

    config: RunConfig
    status: Status
    epochs: tuple[EpochRow, ...] = ()
    message: str = ""
    images_per_second: float = 0.0
    parameters: int = 0
    environment: Mapping[str, Any] = field(default_factory=dict)

    @property
    def run_id(self) -> str:
        """The name of the record: a hash of the configuration."""
        return self.config.run_id

    @property
    def label(self) -> str:
        """Legend text."""
        return self.config.label

    @property
    def best_epoch(self) -> EpochRow:
        """The epoch of the highest test accuracy, the first such: chosen on the test set, so optimistic."""
        return max(self.epochs, key=lambda row: (row.test_accuracy, -row.epoch))

    def changed(self, **values: Any) -> RunSummary:
        """The same with other values in the fields that are named."""
        return replace(self, **values)


@dataclass(frozen=True, eq=False)
class RunRecord:
    """One run as it is kept, whole: its summary, and what its last finished epoch left.

    weights: tensors by name as numpy arrays.  predictions: what they say of every test image.
    """

    summary: RunSummary
    weights: Mapping[str, NDArray[Any]]
    predictions: Predictions

    @property
    def config(self) -> RunConfig:
        """Of the summary."""
        return self.summary.config

    @property
    def status(self) -> Status:
        """Of the summary."""
        return self.summary.status

    @property
    def epochs(self) -> tuple[EpochRow, ...]:
        """Of the summary."""
        return self.summary.epochs

    @property
    def message(self) -> str:
        """Of the summary."""
        return self.summary.message

    @property
    def images_per_second(self) -> float:
        """Of the summary."""
        return self.summary.images_per_second

    @property
    def parameters(self) -> int:
        """Of the summary."""
        return self.summary.parameters

    @property
    def environment(self) -> Mapping[str, Any]:
        """Of the summary."""
        return self.summary.environment

    @property
    def run_id(self) -> str:
        """Of the summary."""
        return self.summary.run_id

    @property
    def label(self) -> str:
        """Of the summary."""
        return self.summary.label

    @property
    def best_epoch(self) -> EpochRow:
        """Of the summary."""
        return self.summary.best_epoch

    def changed(self, **values: Any) -> RunRecord:
        """The same arrays with other values in the fields of the summary that are named."""
        return replace(self, summary=replace(self.summary, **values))

    @cached_property
    def digest(self) -> str:
        """Tells what the record holds, whatever it calls itself: 32 hexadecimal digits, for the keys of caches.

        Two records with one digest cannot be made on purpose, as they can with Python's ``hash`` of numbers.
        """
        digest = hashlib.blake2b(digest_size=16)
        digest.update(repr((self.config, self.status, self.epochs, self.parameters)).encode())
        digest.update(self.predictions.fingerprint.encode())
        arrays = {f"weights {name}": array for name, array in self.weights.items()} | self.predictions.arrays
        for name, array in sorted(arrays.items()):
            digest.update(repr((name, array.dtype.str, array.shape)).encode())
            digest.update(array.tobytes())
        return digest.hexdigest()

    @property
    def array_bytes(self) -> int:
        """The memory of the weights and the predictions, in bytes."""
        return sum(array.nbytes for array in (*self.weights.values(), *self.predictions.arrays.values()))


Run: TypeAlias = RunSummary | RunRecord
"""A run as it is listed or compared: with its arrays or without."""
