"""The parameters of a network as one vector: the same numbers, seen in two ways."""

from __future__ import annotations

import copy

import pytest
import torch
from torch.nn import functional as F

from core.catalogue import NORMS
from core.config import RunConfig
from core.model import get_model, parameter_count
from core.training import penalties
from core.training.vector import as_vector, mask


@pytest.mark.parametrize("norm", NORMS)
def test_the_network_stays_what_it_is(norm):
    model = get_model(RunConfig(norm=norm, seed=1))
    before = copy.deepcopy(model)
    vector = as_vector(model)
    assert vector.shape == (parameter_count(before),)
    for p, old in zip(model.parameters(), before.parameters(), strict=True):
        assert torch.equal(p, old)
        assert p.stride() == old.stride()  # convolutions keep their order in memory
    assert model.state_dict().keys() == before.state_dict().keys()
    x = torch.rand(2, 1, 28, 28, generator=torch.Generator().manual_seed(2))
    assert torch.equal(model.eval()(x), before.eval()(x))


def test_what_changes_the_vector_changes_the_network_and_no_copy_of_it():
    model = get_model(RunConfig(norm="gn"))
    vector = as_vector(model)
    other = copy.deepcopy(model)
    with torch.no_grad():
        vector.fill_(2.0)
    assert all(bool((p == 2).all()) for p in model.parameters())
    assert not any(bool((p == 2).all()) for p in other.parameters())


def test_the_gradient_is_that_of_the_parameters():
    """Backward adds to it, also a second time."""
    model, alone = (get_model(RunConfig(norm="bn", seed=3)) for _ in range(2))
    vector = as_vector(model)
    x, y = torch.rand(8, 1, 28, 28, generator=torch.Generator().manual_seed(4)), torch.arange(8)
    for _ in range(2):
        F.cross_entropy(model.train()(x), y).backward()
        F.cross_entropy(alone.train()(x), y).backward()
    theirs = torch.cat([_in_memory_order(p.grad, p) for p in alone.parameters()])
    assert float(vector.grad.abs().sum()) > 0
    torch.testing.assert_close(vector.grad, theirs, rtol=1e-5, atol=1e-7)


def _in_memory_order(gradient, p):
    return gradient.permute(0, 2, 3, 1).flatten() if p.ndim == 4 else gradient.flatten()


def test_the_mask_marks_what_the_penalties_cover():
    model = get_model(RunConfig(norm="ln"))
    chosen = mask(model, [weight for _, weight in penalties.penalized(model)])
    vector = as_vector(model)
    covered = sum(p.numel() for p in model.parameters() if p.ndim >= 2)
    assert int(chosen.sum()) == covered < vector.numel()
    with torch.no_grad():
        vector.copy_(chosen)
    assert {(p.ndim >= 2, float(value)) for p in model.parameters() for value in p.detach().unique()} == {
        (True, 1.0),
        (False, 0.0),
    }
