"""Sparsity against numbers by hand and closed forms."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from core.catalogue import NORMS
from core.comparison import sparsity
from core.config import RunConfig
from core.model import get_model
from core.training import penalties


def _state(norm, seed=0):
    return {name: t.numpy() for name, t in get_model(RunConfig(norm=norm, seed=seed)).state_dict().items()}


def test_by_hand():
    # filter 1: rms sqrt((9 + 16 + 0 + 0) / 4) = 2.5; filter 2: rms sqrt((0.01 + 0.01 + 0 + 100) / 4) = 5.0005
    weight = np.array([[[[3.0, -4.0]], [[0.0, 0.0]]], [[[0.1, -0.1]], [[0.0, 10.0]]]], dtype=np.float32)  # (2, 2, 1, 2)
    rows = sparsity.relative(weight)
    assert rows.shape == (2, 4)
    assert rows[0].tolist() == pytest.approx([1.2, -1.6, 0, 0])
    assert rows[1].tolist() == pytest.approx([0.1 / 5.0005, -0.1 / 5.0005, 0, 10 / 5.0005], rel=1e-6)
    found = sparsity.sparsity({"convs.0.weight": weight, "norms.0.weight": np.zeros(2)})
    (layer,) = found.layers
    assert (layer.name, layer.filters, layer.weights, layer.near_zero) == ("convs.0.weight", 2, 8, 5)
    assert layer.share == found.share == 62.5
    assert layer.rms == pytest.approx(math.sqrt((25 + 100.02) / 8), rel=1e-6)
    # 0.1 is 0.02 of its filter: near zero at 0.05, not at 0.01
    assert sparsity.sparsity({"w": weight}, threshold=0.01).layers[0].near_zero == 3


def test_the_whole_is_weighted_by_the_number_of_weights():
    found = sparsity.sparsity({"a": np.array([[1.0, 0.0]]), "b": np.full((2, 3), -2.0)})
    assert [layer.share for layer in found.layers] == [50.0, 0.0]
    assert found.weights == 8
    assert found.share == 12.5
    assert found.rms == pytest.approx(math.sqrt(25 / 8))


@pytest.mark.parametrize("norm", NORMS)
def test_covers_exactly_what_the_penalties_cover(norm):
    names = {name for name, _ in penalties.penalized(get_model(RunConfig(norm=norm)))}
    assert sparsity.penalized(_state(norm)).keys() == names
    assert [layer.name for layer in sparsity.sparsity(_state(norm)).layers] == sorted(names)
    covered = sum(p.numel() for _, p in penalties.penalized(get_model(RunConfig(norm=norm))))
    assert sparsity.sparsity(_state(norm)).weights == covered


@pytest.mark.parametrize("exponent", [-100, -12, -3, 3, 12, 100])
def test_scaling_a_filter_changes_its_size_and_nothing_else(exponent):
    weight = np.random.default_rng(0).laplace(size=(16, 8, 3, 3))
    scale = np.ones((16, 1, 1, 1))
    scale[3] = scale[7] = 2.0**exponent  # a power of two is exact
    before, after = sparsity.sparsity({"w": weight}), sparsity.sparsity({"w": weight * scale})
    assert after.layers[0].near_zero == before.layers[0].near_zero > 0
    assert after.rms != before.rms
    assert np.array_equal(sparsity.relative(weight * scale), sparsity.relative(weight))
    assert sparsity.histogram({"w": weight * scale}) == sparsity.histogram({"w": weight})


def test_weights_too_small_to_square_are_still_told_apart():
    tiny = np.array([[1e-200, 0.0], [1e-30, 1e-30]])
    assert sparsity.relative(tiny).tolist() == [pytest.approx([math.sqrt(2), 0]), pytest.approx([1, 1])]


def test_a_filter_of_zeros_is_all_near_zero():
    weight = np.ones((4, 2, 3, 3), dtype=np.float32)
    weight[1] = 0
    (layer,) = sparsity.sparsity({"w": weight}).layers
    assert layer.near_zero == 18
    assert layer.share == 25.0
    assert not sparsity.relative(weight)[1].any()
    assert layer.rms == pytest.approx(math.sqrt(0.75))


@pytest.mark.parametrize("kept", [1, 2, 5, 9])
def test_equal_weights_among_zeros_have_a_closed_form(kept):
    # k of n weights are a, the rest 0: rms = a sqrt(k / n), so a is never near zero and the rest is
    weight = np.zeros((1, 9))
    weight[0, :kept] = 0.003
    (layer,) = sparsity.sparsity({"w": weight}).layers
    assert layer.near_zero == 9 - kept
    assert sparsity.relative(weight).max() == pytest.approx(math.sqrt(9 / kept))


def test_normal_weights_have_the_share_of_the_error_function():
    weight = np.random.default_rng(0).normal(scale=0.01, size=(100, 10_000))
    share = sparsity.sparsity({"w": weight}).share
    assert share == pytest.approx(100 * math.erf(0.05 / math.sqrt(2)), abs=0.1)
    assert share == pytest.approx(3.99, abs=0.1)
    counted = sparsity.histogram({"w": weight})
    cdf = NormalDist().cdf
    for low, high, percent in zip(counted.edges, counted.edges[1:], counted.percent, strict=False):
        assert percent == pytest.approx(100 * (cdf(high) - cdf(low)), abs=0.1)
    assert counted.outside == pytest.approx(200 * cdf(-4.05), abs=0.01)


@pytest.mark.parametrize(("threshold", "bins"), [(0.05, 81), (0.1, 41), (0.01, 5)])
def test_the_middle_bin_is_the_share_and_the_bins_with_the_rest_are_all(threshold, bins):
    weights = {"a": np.random.default_rng(1).laplace(size=(8, 50)), "b": np.zeros((1, 9))}
    counted = sparsity.histogram(weights, threshold, bins)
    middle = bins // 2
    assert len(counted.percent) == len(counted.centres) == bins
    assert counted.edges[middle : middle + 2] == (-threshold, threshold)
    assert counted.centres[middle] == 0
    assert counted.edges[-1] == pytest.approx(bins * threshold)
    assert counted.percent[middle] == sparsity.sparsity(weights, threshold).share
    assert sum(counted.percent) + counted.outside == pytest.approx(100)


def test_untrained_kernels_are_uniform():
    # uniform on [-a, a] has rms a / sqrt(3): |w| < t * rms for t / sqrt(3) of the weights
    layers = sparsity.sparsity(_state("bn")).layers[:-1]
    share = 100 * sum(layer.near_zero for layer in layers) / sum(layer.weights for layer in layers)
    assert share == pytest.approx(100 * 0.05 / math.sqrt(3), abs=0.4)
    # the linear matrix starts at zero
    assert sparsity.sparsity(_state("bn")).layers[-1].share == 100


def test_refuses_what_it_cannot_count():
    with pytest.raises(ValueError, match="nothing here is penalized"):
        sparsity.sparsity({"norms.0.weight": np.ones(16)})
    with pytest.raises(ValueError, match=r"convs\.0\.weight holds values that are not finite"):
        sparsity.histogram({"convs.0.weight": np.array([[1.0, np.nan]])})
    with pytest.raises(ValueError, match="bins=80 has no middle one"):
        sparsity.histogram({"a": np.ones((1, 2))}, bins=80)
