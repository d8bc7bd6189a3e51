"""The maths against torch in float64, against closed forms, and against numbers worked out by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.catalogue import NORMS, SET_NORMS
from core.config import ConfigError, divisors
from core.normalization import (
    EPS,
    RunningStatistics,
    as_batch,
    effective_groups,
    normalize,
    set_index,
    statistics,
    torch_refusal,
)
from tests.torch_norms import torch_norm

SIDES = st.integers(1, 5)


@st.composite
def batches(draw):
    """A random batch with its number of groups, eps, and the offset that the values lie around."""
    n, c, h, w = draw(st.integers(1, 5)), draw(st.integers(1, 12)), draw(SIDES), draw(SIDES)
    offset = draw(st.one_of(st.just(0.0), st.floats(-1e6, 1e6)))
    scale = draw(st.sampled_from([1e-3, 1.0, 30.0]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = offset + scale * rng.standard_normal((n, c, h, w))
    groups = draw(st.sampled_from(divisors(c)))
    eps = draw(st.sampled_from([1e-5, 1e-3, 0.1]))
    return x, groups, eps, rng.standard_normal(c), rng.standard_normal(c)


def tolerance(x, stats, eps, gamma):
    """1e-6, scaled by the digits that an offset costs before it is subtracted."""
    lost = np.abs(x) / np.sqrt(stats.var[stats.index] + eps)
    return 1e-6 * np.maximum(1.0, lost) * np.maximum(1.0, np.abs(gamma)[:, None, None])


@pytest.mark.parametrize("norm", SET_NORMS)
@given(case=batches())
@settings(max_examples=60, deadline=None)
def test_equals_torch_in_training_mode(norm, case):
    x, groups, eps, gamma, beta = case
    groups = groups if norm == "gn" else 1
    stats = statistics(x, norm, groups)
    beta = beta if NORMS[norm].shifts else 0 * beta
    mine = normalize(x, stats, gamma=gamma, beta=beta, eps=eps)
    layer = torch_norm(norm, x.shape, groups, eps, gamma, beta)
    reason = torch_refusal(norm, x.shape, groups)
    if reason and norm != "ln":  # torch's LayerNorm, unlike the GroupNorm that stands for it, refuses nothing
        with pytest.raises(ValueError, match="Expected more than 1"):
            layer(torch.from_numpy(x))
        np.testing.assert_array_equal(mine, np.broadcast_to(beta[:, None, None], x.shape))
        return
    theirs = layer(torch.from_numpy(x)).detach().numpy()
    assert np.all(np.abs(mine - theirs) <= tolerance(x, stats, eps, gamma))


@given(case=batches(), momentum=st.sampled_from([0.1, 0.5, 1.0]))
@settings(max_examples=60, deadline=None)
def test_running_estimates_equal_torch_over_several_batches(case, momentum):
    x, _, eps, gamma, beta = case
    n, c, h, w = x.shape
    layer = torch_norm("bn", x.shape, 1, eps, gamma, beta)
    layer.momentum = momentum
    running = RunningStatistics.start(c, momentum)
    if n * h * w == 1:
        with pytest.raises(ConfigError, match="BatchNorm2d refuses this batch in training mode"):
            running.update(x)
        return
    for batch in (x, 2 * x + 1, x[::-1] - 3):
        running = running.update(batch)
        layer(torch.from_numpy(batch.copy()))
    scale = max(1.0, np.abs(x).max())
    np.testing.assert_allclose(running.mean, layer.running_mean.numpy(), rtol=1e-9, atol=1e-9 * scale)
    # a variance is a difference of squares' size: torch's loses offset^2 times the precision of a double
    np.testing.assert_allclose(running.var, layer.running_var.numpy(), rtol=1e-6, atol=1e-14 * scale**2)
    assert running.batches == int(layer.num_batches_tracked) == 3
    mine = running.normalize(x, gamma=gamma, beta=beta, eps=eps)
    theirs = layer.eval()(torch.from_numpy(x)).detach().numpy()
    size = (1 + np.abs(x).max()) / np.sqrt(running.var.min() + eps) * (1 + np.abs(gamma).max())
    np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-6 * max(1.0, size))


def test_inference_takes_each_image_alone():
    rng = np.random.default_rng(0)
    running = RunningStatistics.start(3).update(rng.normal(4, 2, (8, 3, 5, 5)))
    x = rng.normal(0, 9, (2, 3, 5, 5))
    np.testing.assert_array_equal(running.normalize(x)[:1], running.normalize(x[:1]))


def test_running_estimates_by_hand():
    x = np.array([1.0, 3.0]).reshape(2, 1, 1, 1)  # mean 2, biased variance 1, unbiased 2
    running = RunningStatistics.start(1).update(x)
    assert running.mean.tolist() == [pytest.approx(0.9 * 0 + 0.1 * 2)]
    assert running.var.tolist() == [pytest.approx(0.9 * 1 + 0.1 * 2)]


@pytest.mark.parametrize("norm", SET_NORMS)
def test_torch_refusal_is_what_torch_does(norm):
    checked = refused = 0
    for n in (1, 2, 3):
        for c in (1, 2, 4, 6):
            for h, w in ((1, 1), (1, 2), (2, 1), (2, 2)):
                for groups in divisors(c) if norm == "gn" else (1,):
                    layer = {
                        "bn": lambda c=c: nn.BatchNorm2d(c),
                        "ln": lambda c=c: nn.GroupNorm(1, c),
                        "gn": lambda c=c, g=groups: nn.GroupNorm(g, c),
                        "in": lambda c=c: nn.InstanceNorm2d(c, affine=True),
                        "ln-position": lambda c=c, shape=(n, c, h, w): torch_norm("ln-position", shape).float(),
                        "rms": lambda c=c, shape=(n, c, h, w): torch_norm("rms", shape).float(),
                    }[norm]()
                    try:
                        layer(torch.ones(n, c, h, w))
                        raised = False
                    except ValueError:
                        raised = True
                    reason = torch_refusal(norm, (n, c, h, w), groups)
                    assert bool(reason) is raised, (norm, n, c, h, w, groups)
                    checked += 1
                    refused += raised
    assert refused < checked
    assert (refused > 0) == (NORMS[norm].torch_name != "")


def test_a_refusal_names_the_layer_and_the_way_out():
    reason = torch_refusal("in", (4, 2, 1, 1))
    assert reason.startswith("torch's InstanceNorm2d refuses this batch in training mode: ")
    assert reason.endswith("would be 0. Use larger images.")  # more of them would not help
    assert torch_refusal("bn", (1, 2, 1, 1)).endswith("would be 0. Use more images or larger ones.")


def test_rms_by_hand():
    x = np.array([1.0, -1.0, 5.0, 5.0]).reshape(1, 4, 1, 1)  # mean square 13, mean 2.5
    stats = statistics(x, "rms")
    assert (stats.mean.tolist(), stats.var.tolist(), stats.cells) == ([0.0], [13.0], 4)
    np.testing.assert_allclose(normalize(x, stats, gamma=2.0, eps=3.0).ravel(), 2 * x.ravel() / 4)


@given(case=batches())
@settings(max_examples=30, deadline=None)
def test_group_norm_has_layer_and_instance_norm_as_ends(case):
    x, *_ = case
    c = x.shape[1]
    for norm, groups in (("ln", 1), ("in", c)):
        one, other = statistics(x, norm), statistics(x, "gn", groups)
        np.testing.assert_array_equal(one.mean, other.mean)
        np.testing.assert_array_equal(one.var, other.var)
        np.testing.assert_array_equal(one.index, other.index)


def test_by_hand_for_a_batch_of_two():
    # image 1 holds channels [1, 3] and [5, 7], image 2 [2, 4] and [6, 8]
    x = np.array([[[[1, 3]], [[5, 7]]], [[[2, 4]], [[6, 8]]]])
    assert statistics(x, "bn").mean.tolist() == [2.5, 6.5]
    assert statistics(x, "bn").var.tolist() == [1.25, 1.25]
    assert statistics(x, "ln").mean.tolist() == [4.0, 5.0]
    assert statistics(x, "ln").var.tolist() == [5.0, 5.0]
    assert statistics(x, "in").mean.tolist() == [2.0, 6.0, 3.0, 7.0]
    assert statistics(x, "in").var.tolist() == [1.0] * 4
    assert statistics(x, "bn").unbiased_var.tolist() == pytest.approx([5 / 3, 5 / 3])
    out = normalize(x, statistics(x, "ln"), gamma=[2.0, 1.0], beta=[0.0, 10.0], eps=4.0)
    # (1 - 4) / sqrt(5 + 4) = -1, doubled by gamma
    assert out[0].tolist() == [[pytest.approx([-2.0, -2 / 3])], [pytest.approx([10 + 1 / 3, 11.0])]]


def test_one_image_makes_batch_and_instance_norm_equal():
    x = np.random.default_rng(2).normal(size=(1, 3, 4, 4))
    np.testing.assert_allclose(normalize(x, statistics(x, "bn")), normalize(x, statistics(x, "in")), atol=1e-12)


def test_one_cell_a_set_gives_beta_whatever_it_holds():
    x = np.array([5.0, -1e6, 3.0]).reshape(1, 3, 1, 1)
    for norm, groups in (("bn", 1), ("in", 1), ("gn", 3)):
        stats = statistics(x, norm, groups)
        assert stats.var.tolist() == [0.0, 0.0, 0.0]
        assert np.isnan(stats.unbiased_var).all()
        assert normalize(x, stats, beta=7.0).ravel().tolist() == [7.0, 7.0, 7.0]


def test_pixels_of_one_channel_at_one_cell_an_image():
    x = np.array([1.0, 2.0, 4.0, 5.0]).reshape(4, 1, 1, 1)
    stats = statistics(x, "bn")
    assert (stats.mean.item(), stats.var.item(), stats.cells) == (3.0, 2.5, 4)
    np.testing.assert_allclose(normalize(x, stats).ravel(), np.array([-2, -1, 1, 2]) / np.sqrt(2.5 + EPS))


@pytest.mark.parametrize("norm", SET_NORMS)
@pytest.mark.parametrize("value", [0.0, 0.1, -7.0, 1e6, 123456.789])
def test_a_constant_set_becomes_beta(norm, value):
    x = np.full((2, 4, 3, 3), value)
    stats = statistics(x, norm)
    if not NORMS[norm].centred:  # nothing is subtracted, so a constant becomes its sign
        np.testing.assert_allclose(normalize(x, stats, beta=0.5), 0.5 + np.sign(value), atol=1e-3)
        return
    np.testing.assert_allclose(stats.mean, value, rtol=1e-15)
    # where the sum rounds, the mean misses the constant by an ulp, and eps keeps that from being blown up
    assert (stats.var <= (4 * np.spacing(abs(value))) ** 2).all()
    np.testing.assert_allclose(normalize(x, stats, beta=0.5), 0.5, atol=1e-6)


@pytest.mark.parametrize("norm", [norm for norm in SET_NORMS if NORMS[norm].centred])
def test_a_large_offset_keeps_the_variance(norm):
    noise = np.random.default_rng(3).normal(size=(4, 4, 6, 6))
    near, far = statistics(noise, norm), statistics(1e6 + noise, norm)
    np.testing.assert_allclose(far.mean - 1e6, near.mean, atol=1e-8)
    np.testing.assert_allclose(far.var, near.var, rtol=1e-8)
    np.testing.assert_allclose(normalize(1e6 + noise, far), normalize(noise, near), atol=1e-7)


@pytest.mark.parametrize("norm", SET_NORMS)
def test_the_result_has_mean_0_and_variance_below_1_by_eps(norm):
    """Of RMSNorm: a mean square below 1."""
    x = np.random.default_rng(4).normal(3, 5, size=(4, 4, 6, 6))
    stats = statistics(x, norm)
    after = statistics(normalize(x, stats), norm)
    np.testing.assert_allclose(after.mean, 0, atol=1e-12)
    np.testing.assert_allclose(after.var, stats.var / (stats.var + EPS), rtol=1e-12)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((2, 3, 4)), r"the batch has shape \(2, 3, 4\); use a non-empty \(N, C, H, W\)"),
        (np.zeros((0, 3, 4, 4)), r"the batch has shape \(0, 3, 4, 4\); use a non-empty"),
        (np.full((1, 1, 1, 2), np.nan), "holds a value that is not finite"),
        (np.full((1, 1, 1, 2), np.inf), "holds a value that is not finite"),
        ([[[["a", "b"]]]], "holds something that is not a number"),
        ([[[[1, 2], [3]]]], "holds something that is not a number"),
        ([[[[None, 1]]]], "the batch holds"),
    ],
)
def test_bad_batches_are_refused_in_words(x, message):
    with pytest.raises(ConfigError, match=message):
        as_batch(x)
    with pytest.raises(ConfigError, match=message):
        statistics(x, "bn")


def test_bad_norms_and_groups_are_refused_in_words():
    x = np.zeros((1, 4, 2, 2))
    with pytest.raises(ConfigError, match="groups=3 does not divide 4 channels; use 1, 2 or 4"):
        statistics(x, "gn", 3)
    with pytest.raises(ConfigError, match=r"norm='none' has no statistics; use one of .*, ln-position, rms$"):
        statistics(x, "none")
    with pytest.raises(ConfigError, match="groups=0 does not divide 4 channels"):
        set_index("gn", x.shape, 0)
    assert [effective_groups(n, 4, 2) for n in ("bn", "ln", "gn", "in")] == [4, 1, 2, 4]
