"""A look at the test accuracy while a race is in its first epoch: on a few images, drawn thin, never recorded.

The network is looked at between two of its batches, in inference mode: neither its weights nor BN's running
statistics nor any random stream changes, and the stopwatch of a training stands still meanwhile. So all numbers of a
run are those that it would have without a look.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import torch

from core.catalogue import CLASSES
from core.data.choice import balanced
from core.data.datasets import Dataset
from core.jobs.snapshots import EarlyPoint
from core.model import NormNet
from core.training.events import BatchDone, Event
from core.training.loop import evaluation_steps

EARLY_IMAGES = 500
"""Test images that are looked at, or all where there are fewer."""
FIRST_LOOK = 256
"""Training images after which the first look is taken. The next ones come each after twice as many as the last."""


def early_part(data: Dataset, images: int = EARLY_IMAGES) -> Dataset:
    """``data`` with ``images`` of its test images, the same every time: as many of each class, by ``balanced``.

    Not every so-manieth: small MNIST has its classes in turn, and every second image would be of an even digit. All
    where there are fewer, of all or of a class.
    """
    of_each = images // CLASSES
    if len(data.test_images) <= images or int(torch.bincount(data.test_labels, minlength=CLASSES).min()) < of_each:
        return data
    index = balanced(data.test_labels, of_each)
    return replace(data, test_images=data.test_images[index], test_labels=data.test_labels[index])


class EarlyLook:
    """The looks at one run: after FIRST_LOOK training images, after each doubling, and at the end of the first epoch.

    Where a batch passes several of these numbers there is one look. The last one stands beside the test on the whole
    test set, so that nobody takes the line for one that breaks off.
    """

    def __init__(self, data: Dataset) -> None:
        self._data = early_part(data)
        self._next = FIRST_LOOK

    def point(self, event: Event, model: NormNet, stopped: Callable[[], bool]) -> EarlyPoint | None:
        """What a look after ``event`` shows; None where none is due, it was ``stopped``, or the loss is not finite."""
        if not isinstance(event, BatchDone) or event.epoch > 1:
            return None
        if event.images < self._next and event.batch < event.batches:
            return None
        while self._next <= event.images:
            self._next *= 2
        for _, result in evaluation_steps(model, self._data):
            if result is not None and math.isfinite(result.loss):
                return EarlyPoint(event.batch / event.batches, result.accuracy, len(self._data.test_images))
            if stopped():
                break
        return None
