"""The layer of each norm: torch's own by name, with gamma and beta a channel."""

import numpy as np
import pytest
import torch
from torch import nn

from core.catalogue import NORMS, SET_NORMS
from core.config import ConfigError
from core.model import make_norm
from tests.torch_norms import torch_norm


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


def test_unknown_names_and_groups_are_refused():
    with pytest.raises(ConfigError, match="norm='batch' is unknown; use one of bn, ln, gn, in, none"):
        make_norm("batch", 8)
    with pytest.raises(ConfigError, match="groups=5 does not divide 8 channels; use 1, 2, 4 or 8"):
        make_norm("gn", 8, 5)
