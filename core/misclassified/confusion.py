"""Which class is taken for which: the confusion matrix of a run, its pairs, and the difference of two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue import CLASSES
from core.misclassified import sentences
from core.records.record import Predictions

Matrix = NDArray[np.int64]


@dataclass(frozen=True)
class Pair:
    """A kind of error: images of class ``true`` taken for ``predicted``, ``count`` times."""

    true: int
    predicted: int
    count: int

    @property
    def code(self) -> str:
        """ "4-9": true class, predicted class."""
        return f"{self.true}-{self.predicted}"


def confusion(predictions: Predictions) -> Matrix:
    """(10, 10) counts over the whole test set: row the true class, column the predicted one."""
    cells = CLASSES * predictions.true + predictions.predicted
    return np.bincount(cells, minlength=CLASSES**2).reshape(CLASSES, CLASSES).astype(np.int64)


def pairs(predictions: Predictions) -> list[Pair]:
    """Every kind of error that occurs, the most frequent first, equals by true and then by predicted class."""
    return sorted(_kinds(confusion(predictions)), key=lambda pair: -pair.count)  # stable


def positions_of(predictions: Predictions, true: int, predicted: int) -> NDArray[np.int64]:
    """Positions in ``wrong_index`` of the images of class ``true`` taken for ``predicted``; ascending."""
    index = predictions.wrong_index
    return np.flatnonzero((predictions.true[index] == true) & (predictions.predicted[index] == predicted))


def difference(first: Predictions, second: Predictions) -> Matrix:
    """The first run's matrix minus the second's; every row sums to 0, since both saw the same images.

    Raises ``ValueError`` where the two were tested on different images.
    """
    if first.fingerprint != second.fingerprint or not np.array_equal(first.true, second.true):
        raise ValueError("the two runs were tested on different images, so their matrices do not subtract")
    return confusion(first) - confusion(second)


def changes(matrix: Matrix) -> list[Pair]:
    """The kinds of error in which a ``difference`` is not zero, the largest first, equals by true and predicted.

    count: how much more often the first run makes them; negative for less often.
    """
    return sorted(_kinds(matrix), key=lambda pair: -abs(pair.count))  # stable


def _kinds(matrix: Matrix) -> list[Pair]:
    """The cells beside the diagonal that are not zero, by true and then by predicted class."""
    return [Pair(t, p, int(matrix[t, p])) for t, p in np.argwhere(matrix).tolist() if t != p]


def difference_in_words(matrix: Matrix, first: str, second: str) -> str:
    """What a ``difference`` of the runs named ``first`` and ``second`` says."""
    right = int(matrix.trace())
    template = sentences.AS_MANY_RIGHT
    if right != 0:
        template = sentences.MORE_RIGHT if right > 0 else sentences.FEWER_RIGHT
    return template.format(first=first, second=second, images=abs(right), kinds=len(changes(matrix)))
