"""Accumulated gradients: the statistics of micro-batches are those of their halves."""

import numpy as np
import pytest

from core.catalogue import NORMS, SET_NORMS
from core.config import ConfigError
from core.four_images.micro_batches import micro_batch_names, micro_batches
from core.four_images.source import Integers
from core.normalization import normalize, statistics


@pytest.mark.parametrize("norm", SET_NORMS)
@pytest.mark.parametrize("parts", [1, 2, 4])
def test_each_part_is_normalized_by_itself(norm, parts):
    x = Integers(6, 2, images=8).batch("bn", 1)
    found = micro_batches(x, norm, 3, parts)
    whole = statistics(x, norm, 3)
    alone = [statistics(part, norm, 3) for part in np.split(x, parts)]
    np.testing.assert_array_equal(found.mean, np.concatenate([part.mean for part in alone]))
    np.testing.assert_array_equal(found.var, np.concatenate([part.var for part in alone]))
    by_part = np.concatenate([normalize(part, own) for part, own in zip(np.split(x, parts), alone, strict=True)])
    np.testing.assert_allclose(normalize(x, found), by_part)
    same = np.allclose(normalize(x, found), normalize(x, whole))
    assert same == (parts == 1 or not NORMS[norm].crosses_images)
    assert found.count == (whole.count * parts if NORMS[norm].crosses_images else whole.count)
    assert found.cells * found.count == x.size


def test_the_means_of_bn_are_those_of_the_halves():
    x = np.array([1.0, 3.0, 10.0, 20.0]).reshape(4, 1, 1, 1)
    found = micro_batches(x, "bn", 1)
    assert found.mean.tolist() == [2, 15]
    assert found.var.tolist() == [1, 25]
    assert found.index.ravel().tolist() == [0, 0, 1, 1]
    assert statistics(x, "bn").mean.tolist() == [8.5]
    assert micro_batch_names(x, "bn", 1) == ["images 1 to 2: channel 1", "images 3 to 4: channel 1"]
    assert micro_batch_names(x, "bn", 1, 4)[3] == "image 4: channel 1"


def test_a_batch_that_cannot_be_split_is_refused():
    with pytest.raises(ConfigError, match="parts=2 does not divide 3 images; use a divisor"):
        micro_batches(Integers(2, 1, images=3).batch("bn", 1), "bn", 1)
