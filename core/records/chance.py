"""Whether a network answers any better than one that never looks at its images."""

from __future__ import annotations

import numpy as np

from core.catalogue import CLASSES
from core.records.record import Predictions

LEAST_KAPPA = 0.05
"""Cohen's kappa below which a network counts as at chance level."""
NEARLY_EVERY = 0.95
"""The share of the test images that must get one answer for it to be the answer to nearly every image."""

ONE_CLASS = "At chance level: it predicts one class for nearly every image."
NO_BETTER = "At chance level: it is right no more often than answers that do not depend on the image would be."


def kappa(predictions: Predictions) -> float:
    """Cohen's kappa of the answers and the labels: 1 where all are right, 0 at chance level, at most 1.

    (a - e) / (1 - e): a is the share that is right, e = sum over the classes of (share of the images that are of
    the class) x (share of the images that get it as their answer), what independent answers would get right. It is 0
    for one answer to everything, however frequent that class is; also where all images are of this one class.
    """
    images = len(predictions.true)
    true = np.bincount(predictions.true, minlength=CLASSES) / images
    answered = np.bincount(predictions.predicted, minlength=CLASSES) / images
    expected = float(true @ answered)
    right = float((predictions.true == predictions.predicted).mean())
    return 0.0 if expected == 1 else (right - expected) / (1 - expected)


def at_chance(predictions: Predictions) -> str:
    """A sentence where these answers are at chance level, which an accuracy alone does not show; else empty."""
    if kappa(predictions) >= LEAST_KAPPA:
        return ""
    most = np.bincount(predictions.predicted).max() / len(predictions.predicted)
    return ONE_CLASS if most >= NEARLY_EVERY else NO_BETTER
