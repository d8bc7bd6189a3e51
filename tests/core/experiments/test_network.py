"""The lab's network: the race's with the defaults, and each departure against its closed form."""

import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from core.catalogue import NORMS
from core.config import RunConfig
from core.experiments.network import GhostBatchNorm, PooledNorm, StandardizedConv, build
from core.experiments.settings import LabConfig
from core.model import get_model

CONFIG = LabConfig(norm="bn", dataset="digits", seed=5)
X = torch.randn(6, 1, 28, 28, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("dataset", ["mnist", "fashion-mnist"])
@pytest.mark.parametrize("norm", list(NORMS))
def test_defaults_are_the_network_of_the_race(norm, dataset):
    found = build(LabConfig(norm=norm, dataset=dataset, seed=7))
    wanted = get_model(RunConfig(norm=norm, dataset=dataset, seed=7))
    assert found.state_dict().keys() == wanted.state_dict().keys()
    assert all(
        torch.equal(a, b) for a, b in zip(found.state_dict().values(), wanted.state_dict().values(), strict=True)
    )
    head = torch.randn(wanted.head.weight.shape, generator=torch.Generator().manual_seed(1))
    for model in (found, wanted):
        model.head.weight.data.copy_(head)  # zeros would hide all that comes before
    assert torch.equal(found(X), wanted(X))


@pytest.mark.parametrize("depth", [5, 6, 20])
def test_depth_adds_convolutions_of_the_last_width(depth):
    model = build(replace(CONFIG, depth=depth))
    assert len(model.convs) == len(model.norms) == depth
    assert {(conv.in_channels, conv.out_channels, conv.bias) for conv in model.convs[5:]} <= {(32, 32, None)}
    assert model(X).shape == (6, 10)
    plain = build(CONFIG)
    assert all(torch.equal(model.convs[i].weight, plain.convs[i].weight) for i in range(5))


def test_deeper_without_a_norm_has_biases():
    assert all(conv.bias is not None and not conv.bias.any() for conv in build(LabConfig(norm="none", depth=8)).convs)


@pytest.mark.parametrize(("initialization", "gain"), [("torch", 1.0), ("he", 6.0)])
def test_initialization_is_uniform_within_its_range(initialization, gain):
    model = build(replace(CONFIG, initialization=initialization, depth=7))
    for conv in model.convs:
        bound = math.sqrt(gain / conv.weight[0].numel())
        assert 0.97 * bound < float(conv.weight.detach().abs().max()) <= bound
    torch_own = build(replace(CONFIG, depth=7))
    for a, b in zip(model.convs, torch_own.convs, strict=True):  # one stream of draws, another range
        torch.testing.assert_close(a.weight, math.sqrt(gain) * b.weight)


def test_pooled_takes_the_maximum_before_the_norm():
    model = build(replace(CONFIG, norm="ln", pooled=True))
    assert [isinstance(norm, PooledNorm) for norm in model.norms] == [False] * 4 + [True]
    x = torch.randn(3, 32, 5, 5)
    highest = x.amax(dim=(2, 3))
    mean, var = highest.mean(dim=1, keepdim=True), highest.var(dim=1, correction=0, keepdim=True)
    torch.testing.assert_close(model.norms[-1](x)[:, :, 0, 0], (highest - mean) / (var + 1e-5).sqrt())


def test_ghost_batches_have_statistics_of_their_own():
    model = build(replace(CONFIG, ghost=4))
    assert all(isinstance(norm, GhostBatchNorm) for norm in model.norms)
    layer, x = GhostBatchNorm(3, 4).train(), torch.randn(10, 3, 2, 2)
    parts = [x[:4], x[4:8], x[8:]]
    wanted = [
        (p - p.mean((0, 2, 3), True)) / (p.var((0, 2, 3), correction=0, keepdim=True) + 1e-5).sqrt() for p in parts
    ]
    torch.testing.assert_close(layer(x), torch.cat(wanted), atol=1e-5, rtol=1e-4)
    running = torch.zeros(3)
    for p in parts:
        running = 0.9 * running + 0.1 * p.mean((0, 2, 3))
    torch.testing.assert_close(layer.running_mean, running)
    layer.eval()
    torch.testing.assert_close(
        layer(x), F.batch_norm(x, layer.running_mean, layer.running_var, layer.weight, layer.bias, False)
    )


def test_standardized_filters_have_mean_0_and_variance_1_over_fan_in():
    model = build(replace(CONFIG, standardized=True))
    assert all(isinstance(conv, StandardizedConv) for conv in model.convs)
    plain = build(CONFIG)
    assert all(torch.equal(a.weight, b.weight) for a, b in zip(model.convs, plain.convs, strict=True))
    conv, x = model.convs[1], torch.randn(2, 16, 6, 6)
    weight = conv.weight.detach()
    fan_in = weight[0].numel()
    mean, var = weight.mean((1, 2, 3), True), weight.var((1, 2, 3), correction=0, keepdim=True)
    wanted = F.conv2d(x, (weight - mean) / (fan_in * var + 1e-5).sqrt(), padding=1)
    torch.testing.assert_close(conv(x), wanted, atol=1e-5, rtol=1e-4)
