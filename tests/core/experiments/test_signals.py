"""Activations and gradients of untrained networks, against torch alone."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.experiments.data import network_input
from core.experiments.network import build
from core.experiments.settings import LabConfig
from core.experiments.signals import signals
from core.experiments.training import no_denormals


def plain(config, x, labels):
    """The same by torch's layers alone: sizes behind each ReLU, and gradients."""
    model = build(config)
    border = model.border
    bound = 1 / math.sqrt(model.head.in_features)
    generator = torch.Generator().manual_seed(config.seed)
    head = torch.empty(10, model.head.in_features).uniform_(-bound, bound, generator=generator)
    weights = [conv.weight.detach().clone().requires_grad_() for conv in model.convs]
    sizes = []
    x = x[:, :, border : 28 - border, border : 28 - border]
    for i, weight in enumerate(weights):
        x = F.conv2d(x, weight, padding=0 if i == 0 else 1)
        if i in (0, 2):
            x = F.max_pool2d(x, 2)
        if config.norm == "bn":
            x = F.batch_norm(x, None, None, training=True)
        elif config.norm in ("gn", "ln"):
            x = F.group_norm(x, 4 if config.norm == "gn" else 1)
        x = F.relu(x)
        sizes.append(float(x.detach().double().std(correction=0)))
    loss = F.cross_entropy(x.amax(dim=(2, 3)) @ head.T, labels)
    gradients = torch.autograd.grad(loss, weights)
    return sizes, [float(g.double().square().sum().sqrt()) for g in gradients]


@pytest.fixture(scope="module")
def batch(digits):
    return network_input(digits.train_images[:32], digits), digits.train_labels[:32]


@pytest.mark.parametrize("depth", [5, 12])
@pytest.mark.parametrize(
    ("norm", "initialization"), [("bn", "torch"), ("gn", "torch"), ("ln", "torch"), ("none", "torch"), ("none", "he")]
)
def test_they_are_those_of_plain_torch(batch, norm, initialization, depth):
    config = LabConfig(norm=norm, initialization=initialization, depth=depth, width=8, dataset="digits", seed=3)
    sizes, gradients = plain(config, *batch)
    found = signals(config, *batch)
    assert found.activations == pytest.approx(sizes, rel=1e-4)
    assert found.gradients == pytest.approx(gradients, rel=1e-3)
    assert len(found.activations) == len(found.gradients) == depth


def test_what_forty_layers_leave_is_a_number(batch):
    """Its square is none in float32."""
    with no_denormals():
        found = signals(LabConfig(norm="none", depth=40, width=8, dataset="digits"), *batch)
    assert 0 < found.activations[-1] < 1e-15
    assert all(0 < gradient < 1e-12 for gradient in found.gradients)


def test_it_measures_where_gradients_are_off(batch):
    config = LabConfig(norm="bn", width=8, dataset="digits")
    expected = signals(config, *batch)
    with torch.no_grad():
        assert signals(config, *batch) == expected


def test_two_that_measure_at_once_do_not_disturb_each_other(batch):
    configs = [LabConfig(norm=norm, depth=9, width=8, dataset="digits") for norm in ("bn", "gn", "none", "ln")]
    expected = [signals(config, *batch) for config in configs]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda config: signals(config, *batch), configs * 3)) == expected * 3


def test_small_numbers_are_back_afterwards():
    tiny = torch.full((4,), 1e-39)
    with no_denormals():
        assert torch.equal(tiny * 1, torch.zeros(4))
    assert torch.all(tiny * 1 > 0)
    with pytest.raises(KeyboardInterrupt), no_denormals():
        raise KeyboardInterrupt
    assert torch.all(tiny * 1 > 0)


def test_the_head_is_torch_s_own():
    """``nn.Linear`` draws from the bounds that the measure takes."""
    torch.manual_seed(0)
    weight = nn.Linear(16, 4000).weight
    assert 0.99 / 4 < float(weight.detach().abs().max()) <= 1 / 4
