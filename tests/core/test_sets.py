"""Which cells form a set, counted and written down by hand, and what a set is called."""

import numpy as np
import pytest
from hypothesis import given, settings

from core.catalogue import SET_NORMS
from core.normalization import set_count, set_index, set_name, statistics
from tests.core.test_normalization import batches


@pytest.mark.parametrize(
    ("norm", "groups", "count", "cells"),
    [
        ("bn", 1, 6, 4 * 5 * 7),
        ("ln", 1, 4, 6 * 5 * 7),
        ("gn", 3, 4 * 3, 2 * 5 * 7),
        ("in", 1, 4 * 6, 5 * 7),
        ("ln-position", 1, 4 * 5 * 7, 6),
        ("rms", 1, 4, 6 * 5 * 7),
    ],
)
def test_counts_of_sets_and_cells(norm, groups, count, cells):
    x = np.random.default_rng(1).normal(size=(4, 6, 5, 7))
    stats = statistics(x, norm, groups)
    assert set_count(norm, x.shape, groups) == stats.count == len(stats.mean) == len(stats.var) == count
    assert stats.cells == cells
    assert count * cells == x.size
    # every set has that many cells, and its mean and variance are those of its own cells
    assert np.bincount(stats.index.ravel()).tolist() == [cells] * count
    for s in range(count):
        own = x[stats.index == s]
        mean = own.mean() if norm != "rms" else 0
        assert stats.mean[s] == pytest.approx(mean, abs=1e-12)
        assert stats.var[s] == pytest.approx(np.square(own - mean).mean(), abs=1e-12)


def test_sets_by_hand():
    """Two images of four channels, one cell each: rows are images, columns channels."""

    def table(norm, groups=1):
        return set_index(norm, (2, 4, 1, 1), groups)[:, :, 0, 0].tolist()

    assert table("bn") == [[0, 1, 2, 3], [0, 1, 2, 3]]
    assert table("ln") == [[0, 0, 0, 0], [1, 1, 1, 1]]
    assert table("gn", 2) == [[0, 0, 1, 1], [2, 2, 3, 3]]
    assert table("in") == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert table("ln-position") == table("rms") == table("ln")


def test_sets_of_positions_by_hand():
    """Two images of two channels, one row of three positions each."""
    index = set_index("ln-position", (2, 2, 1, 3))
    assert index[:, :, 0].tolist() == [[[0, 1, 2], [0, 1, 2]], [[3, 4, 5], [3, 4, 5]]]


@given(case=batches())
@settings(max_examples=40, deadline=None)
def test_every_cell_lies_in_one_set_and_no_set_is_empty(case):
    x, groups, *_ = case
    for norm in SET_NORMS:
        index = set_index(norm, x.shape, groups)
        assert index.shape == x.shape
        assert np.unique(index).tolist() == list(range(set_count(norm, x.shape, groups)))


def test_sets_of_group_norm_never_cross_images():
    index = set_index("gn", (3, 8, 2, 2), 4)
    for s in range(12):
        assert len({n for n, *_ in np.argwhere(index == s).tolist()}) == 1


def test_names_of_sets():
    shape = (4, 4, 2, 2)
    assert set_name("bn", 1, shape) == "channel 2"
    assert set_name("ln", 2, shape) == set_name("rms", 2, shape) == "image 3"
    assert set_name("gn", 5, shape, 2) == "image 3, group 2"
    assert set_name("gn", 2, shape, 1) == "image 3, group 1"
    assert set_name("in", 9, shape) == "image 3, channel 2"
    assert set_name("ln-position", 9, shape) == "image 3, row 1, column 2"
    assert set_name("ln-position", 2, (4, 4, 1, 1)) == "image 3"
    # one row of three places, and one column of three
    assert set_name("ln-position", 5, (4, 4, 1, 3)) == "image 2, row 1, column 3"
    assert set_name("ln-position", 5, (4, 4, 3, 1)) == "image 2, row 3, column 1"
