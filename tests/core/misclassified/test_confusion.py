"""Confusion matrices of predictions made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.misclassified.confusion import (
    Pair,
    changes,
    confusion,
    difference,
    difference_in_words,
    pairs,
    positions_of,
)
from tests.wrong_records import predictions

# images 4, 14 and 24 are fours, 9 and 19 nines, 5 a five
FOUND = predictions({4: 9, 24: 9, 14: 7, 9: 4, 5: 3})


def test_rows_are_true_and_columns_predicted():
    matrix = confusion(FOUND)
    assert matrix.sum() == 60
    assert matrix.sum(axis=1).tolist() == [6] * 10
    assert matrix[4].tolist() == [0, 0, 0, 0, 3, 0, 0, 1, 0, 2]
    assert matrix[9, 4] == 1
    assert matrix[5, 3] == 1
    assert matrix.trace() == 55


def test_pairs_are_the_errors_by_frequency():
    assert pairs(FOUND) == [Pair(4, 9, 2), Pair(4, 7, 1), Pair(5, 3, 1), Pair(9, 4, 1)]
    assert pairs(FOUND)[0].code == "4-9"
    assert pairs(predictions({})) == []


def test_the_images_of_a_pair():
    places = positions_of(FOUND, 4, 9)
    assert FOUND.wrong_index[places].tolist() == [4, 24]
    assert positions_of(FOUND, 9, 7).tolist() == []


def test_the_difference_of_two():
    matrix = difference(FOUND, predictions({4: 9, 5: 3, 6: 0}))
    assert matrix.sum(axis=1).tolist() == [0] * 10
    assert matrix[4].tolist() == [0, 0, 0, 0, -2, 0, 0, 1, 0, 1]
    assert matrix[5].tolist() == [0] * 10
    assert (matrix[6, 0], matrix[6, 6]) == (-1, 1)
    np.testing.assert_array_equal(difference(FOUND, FOUND), np.zeros((10, 10)))


def test_what_changes_between_two_the_largest_first():
    first, second = predictions({4: 9, 14: 9, 9: 4}), predictions({5: 3, 6: 0, 7: 1, 17: 1, 27: 1})
    found = changes(difference(first, second))
    assert found == [Pair(7, 1, -3), Pair(4, 9, 2), Pair(5, 3, -1), Pair(6, 0, -1), Pair(9, 4, 1)]


@pytest.mark.parametrize(
    ("first", "second", "right", "kinds"),
    [
        ({}, {4: 9, 5: 3}, "2 more", 2),
        ({4: 9, 5: 3}, {4: 7}, "1 fewer", 3),
        ({}, {4: 9}, "1 more", 1),
        ({4: 9}, {4: 7}, "as many", 2),
    ],
)
def test_a_difference_in_words(first, second, right, kinds):
    assert difference_in_words(difference(predictions(first), predictions(second)), "BN", "LN") == (
        f"**BN minus LN.** Of the test images BN gets {right} right. Kinds of error that occur more or less often: "
        f"{kinds}; a plus is an error that BN makes more often."
    )


def test_runs_of_other_images_do_not_subtract():
    with pytest.raises(ValueError, match="tested on different images"):
        difference(FOUND, predictions({}, mark="cd"))


def test_a_fingerprint_alone_does_not_make_the_images_the_same():
    relabelled = replace(FOUND, true=FOUND.true[::-1].copy())
    with pytest.raises(ValueError, match="tested on different images"):
        difference(FOUND, relabelled)


def test_a_real_run(record):
    matrix = confusion(record.predictions)
    wrong = sum(pair.count for pair in pairs(record.predictions))
    assert wrong == len(record.predictions.wrong_index) > 0
    assert 100 * matrix.trace() / matrix.sum() == pytest.approx(record.predictions.accuracy)
