"""The network: size, shapes, layers by name, equal weights over norms, and the tap on its layers."""

import numpy as np
import pytest
import torch
from torch import nn

from core.catalogue import NORMS, SET_NORMS
from core.config import ConfigError, RunConfig, divisors
from core.model import LayerTap, NormNet, fastest_precision, get_model, make_norm, parameter_count
from core.normalization import normalize, statistics
from tests.torch_norms import torch_norm

# conv kernels 9 * (16 + 2 * 16 * 16 + 16 * 32 + 32 * 32), linear 330, gamma and beta 2 * (3 * 16 + 2 * 32)
KERNELS, HEAD, GAMMA_BETA = 9 * (16 + 2 * 256 + 512 + 1024), 330, 2 * 112


@pytest.mark.parametrize(
    ("norm", "parameters"),
    [
        *((n, KERNELS + HEAD + GAMMA_BETA) for n in ("bn", "ln", "gn", "in", "ln-position")),
        ("rms", KERNELS + HEAD + 112 + 112),  # a gamma and, in the place of beta, the convolution's bias
        ("none", KERNELS + HEAD + 112),
    ],
)
def test_parameters(norm, parameters):
    count = parameter_count(get_model(RunConfig(norm=norm)))
    assert count == parameters < 20_000
    if norm == "bn":
        assert count == 19_130


@pytest.mark.parametrize("norm", NORMS)
def test_one_seed_gives_every_norm_the_same_weights(norm):
    mine, reference = get_model(RunConfig(norm=norm, seed=3)), get_model(RunConfig(norm="bn", seed=3))
    for a, b in zip(mine.convs, reference.convs, strict=True):
        assert torch.equal(a.weight, b.weight)
    assert torch.equal(mine.head.weight, reference.head.weight)
    other = get_model(RunConfig(norm=norm, seed=4))
    assert not any(torch.equal(a.weight, b.weight) for a, b in zip(mine.convs, other.convs, strict=True))


def test_weights_do_not_depend_on_the_global_generator():
    states = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        states.append(get_model(RunConfig(norm="bn", seed=3)).state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_initial_weights_lie_within_one_over_the_root_of_fan_in():
    for conv in get_model(RunConfig(norm="bn")).convs:
        bound = (9 * conv.in_channels) ** -0.5
        assert 0.8 * bound < conv.weight.abs().max() <= bound


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("width", [16, 4])
def test_shapes_through_the_network(norm, width):
    model = NormNet(norm, groups=4 if norm == "gn" else 1, width=width)
    with LayerTap(model) as tap:
        logits = model(torch.rand(3, 1, 28, 28))
    assert logits.shape == (3, 10)
    shapes = [*[(3, width, 14, 14)] * 2, (3, width, 7, 7), *[(3, 2 * width, 7, 7)] * 2]
    assert [tuple(tap.before[i].shape) for i in range(5)] == shapes
    assert [tuple(tap.after[i].shape) for i in range(5)] == shapes


def test_an_untrained_network_finds_every_class_equally_likely():
    logits = get_model(RunConfig(norm="ln"))(torch.rand(2, 1, 28, 28))
    assert torch.equal(logits, torch.zeros(2, 10))


def test_layers_by_name():
    bn, ln, gn, instance = (make_norm(n, 32, 8) for n in ("bn", "ln", "gn", "in"))
    assert type(bn) is nn.BatchNorm2d
    assert bn.num_features == 32
    assert (type(ln), ln.num_groups, ln.num_channels) == (nn.GroupNorm, 1, 32)
    assert isinstance(gn, nn.GroupNorm)
    assert (gn.num_groups, gn.num_channels) == (8, 32)
    x = torch.randn(3, 32, 5, 4, generator=torch.Generator().manual_seed(4))
    torch.testing.assert_close(instance(x), nn.InstanceNorm2d(32, affine=True)(x))
    torch.testing.assert_close(
        gn(x.to(memory_format=torch.channels_last)), nn.GroupNorm(8, 32)(x), rtol=1e-5, atol=1e-5
    )
    assert type(make_norm("none", 32)) is nn.Identity
    assert all(layer.weight.shape == layer.bias.shape == (32,) for layer in (bn, ln, gn, instance))


@pytest.mark.parametrize("norm", SET_NORMS)
def test_a_layer_is_torchs_own_with_gamma_and_beta_a_channel(norm):
    """In training mode, on a batch far from mean 0 and variance 1, with parameters that no two channels share."""
    rng = np.random.default_rng(6)
    x, gamma, beta = rng.normal(3, 2, (3, 8, 5, 4)), rng.uniform(0.5, 2, 8), rng.normal(size=8)
    layer = make_norm(norm, 8, 4).double()
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(gamma))
        if NORMS[norm].shifts:
            layer.bias.copy_(torch.from_numpy(beta))
    theirs = torch_norm(norm, x.shape, 4, gamma=gamma, beta=beta)
    torch.testing.assert_close(layer(torch.from_numpy(x)), theirs(torch.from_numpy(x)), rtol=1e-9, atol=1e-9)
    assert sum(p.numel() for p in layer.parameters()) == (16 if NORMS[norm].shifts else 8)


def test_a_layer_keeps_a_small_scale_from_being_blown_up():
    """torch's default eps of RMSNorm is the smallest step of a float instead."""
    x = torch.full((1, 4, 2, 2), 1e-3)
    torch.testing.assert_close(make_norm("rms", 4)(x), x / (1e-6 + 1e-5) ** 0.5)


@pytest.mark.parametrize("groups", divisors(16))
def test_groups_reach_every_layer(groups):
    model = get_model(RunConfig(norm="gn", groups=groups))
    assert [layer.num_groups for layer in model.norms] == [groups] * 5


def test_unknown_names_and_groups_are_refused():
    with pytest.raises(ConfigError, match="norm='batch' is unknown; use one of bn, ln, gn, in, none"):
        make_norm("batch", 8)
    with pytest.raises(ConfigError, match="groups=5 does not divide 8 channels; use 1, 2, 4 or 8"):
        make_norm("gn", 8, 5)


def test_a_bias_only_where_no_norm_follows():
    assert all(conv.bias is None for conv in get_model(RunConfig(norm="bn")).convs)
    assert all(conv.bias is not None for conv in get_model(RunConfig(norm="none")).convs)


def forward_by_hand(model, x):
    """The module's table, layer by layer."""
    tapped = []
    for i in range(5):
        conv = model.convs[i]
        before = torch.conv2d(x, conv.weight, conv.bias, padding=1)
        if i in (0, 2):
            before = torch.max_pool2d(before, 2)
        after = model.norms[i](before)
        tapped.append((before, after))
        x = after.clamp(min=0)
    return tapped, x.flatten(2).max(dim=2).values @ model.head.weight.T + model.head.bias


@pytest.mark.parametrize("norm", NORMS)
def test_the_tap_shows_what_goes_in_and_out_of_each_norm(norm):
    model = NormNet(norm, groups=4 if norm == "gn" else 1, seed=1).eval()
    nn.init.normal_(model.head.weight, generator=torch.Generator().manual_seed(0))
    x = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    with LayerTap(model) as tap:
        logits = model(x)
    tapped, expected = forward_by_hand(model, x)
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-5)
    for i, (before, after) in enumerate(tapped):
        torch.testing.assert_close(tap.before[i], before.detach(), rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(tap.after[i], after.detach(), rtol=1e-4, atol=1e-5)
        assert tap.before[i].is_contiguous()
        assert not tap.before[i].requires_grad


@pytest.mark.parametrize(
    ("norm", "groups"), [("bn", 1), ("ln", 1), ("gn", 4), ("in", 1), ("ln-position", 1), ("rms", 1)]
)
def test_the_tapped_values_obey_the_formula(norm, groups):
    model = NormNet(norm, groups, seed=2).train()
    with LayerTap(model) as tap:
        model(torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(2)))
    for i in range(5):
        before = tap.before[i].double().numpy()
        expected = normalize(before, statistics(before, norm, groups))
        np.testing.assert_allclose(tap.after[i].numpy(), expected, atol=2e-4)


def test_the_tap_lets_go():
    model = get_model(RunConfig(norm="bn"))
    with LayerTap(model) as tap:
        pass
    model(torch.rand(2, 1, 28, 28))
    assert tap.before == tap.after == {}
    with pytest.raises(RuntimeError), tap:
        model(torch.rand(2, 3, 28, 28))
    model(torch.rand(2, 1, 28, 28))
    assert tap.before == tap.after == {}


def test_only_batch_norm_depends_on_the_other_images_and_only_in_training_mode():
    x = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(3))
    for norm in NORMS:
        model = NormNet(norm, groups=4 if norm == "gn" else 1)
        nn.init.normal_(model.head.weight, generator=torch.Generator().manual_seed(0))
        for training in (True, False):
            model.train(training)
            alone, together = model(x[:1]), model(x)[:1]
            same = torch.allclose(alone, together, atol=1e-4)
            assert same is not (norm == "bn" and training), (norm, training)


def test_mixed_precision_acts_in_training_only():
    x = torch.rand(8, 1, 28, 28, generator=torch.Generator().manual_seed(5))
    full, mixed = (NormNet("ln", precision=p) for p in ("fp32", "bf16"))
    for model in (full, mixed):
        nn.init.normal_(model.head.weight, generator=torch.Generator().manual_seed(0))
    assert all(p.dtype == torch.float32 for p in mixed.parameters())
    assert torch.equal(full.eval()(x), mixed.eval()(x))
    a, b = full.train()(x), mixed.train()(x)
    assert b.dtype == torch.float32
    assert not torch.equal(a, b)
    torch.testing.assert_close(a, b, rtol=0.05, atol=0.05 * float(a.detach().abs().max()))


@pytest.mark.parametrize(("native", "expected"), [(True, "bf16"), (False, "fp32")])
def test_the_fastest_precision_is_what_the_processor_multiplies_itself(monkeypatch, native, expected):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: native, raising=False)
    assert fastest_precision() == expected


def test_a_torch_that_does_not_tell_trains_in_float32(monkeypatch):
    monkeypatch.delattr(torch.cpu, "_is_avx512_bf16_supported", raising=False)
    assert fastest_precision() == "fp32"
