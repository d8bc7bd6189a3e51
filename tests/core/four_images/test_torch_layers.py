"""The code to copy runs as it is, and its norm layer gives this project's numbers."""

import numpy as np
import pytest
import torch
from torch import nn

from core.catalogue import NORMS, SET_NORMS
from core.four_images.source import Integers
from core.four_images.torch_layers import network_code
from core.normalization import RunningStatistics, normalize, statistics, torch_refusal

SHAPE = (8, 12, 5, 5)


def network(norm):
    """What the code leaves behind."""
    left = {}
    exec(network_code(norm, SHAPE, 3), left)
    return left


@pytest.mark.parametrize("norm", SET_NORMS)
def test_the_code_runs_and_the_norm_is_the_one_of_the_page(norm):
    left = network(norm)
    assert left["y"].shape == SHAPE
    net = left["model"]
    assert [type(layer) for layer in (net[0], net[2])] == [nn.Conv2d, nn.ReLU]
    assert not net.training
    assert (net[0].bias is None) == NORMS[norm].shifts  # beta does what a bias would
    x = Integers(12, 5, images=8).batch("bn", 1)
    layer = net[1].double().train()
    with torch.no_grad():
        y = layer(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(y, normalize(x, statistics(x, norm, 3)), atol=1e-9)


def test_only_batchnorm_has_two_modes():
    for norm in SET_NORMS:
        code = network_code(norm, SHAPE, 3)
        assert code.count("model.train()") == code.count("model.eval()") == 1
        assert ("# this norm is the same in both modes" in code) == (norm != "bn")
        assert ("running estimates" in code) == (norm == "bn")
    layer = network("bn")["model"][1].double()
    x = Integers(12, 5, images=8).batch("bn", 1)
    running = RunningStatistics(layer.running_mean.numpy(), layer.running_var.numpy())
    with torch.no_grad():
        np.testing.assert_allclose(layer.eval()(torch.from_numpy(x)).numpy(), running.normalize(x), atol=1e-9)


@pytest.mark.parametrize("shape", [(1, 2, 1, 1), (4, 2, 1, 1), (1, 2, 2, 2)])
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("norm", SET_NORMS)
def test_where_torch_refuses_a_batch_the_code_prints_its_words_and_goes_on(norm, groups, shape, capsys):
    left = {}
    exec(network_code(norm, shape, groups), left)
    refused = capsys.readouterr().out.splitlines()
    if torch_refusal(norm, shape, groups) is None:
        assert refused == []
    else:
        # in inference BatchNorm alone takes something else than the batch
        assert len(refused) == (1 if norm == "bn" else 2)
        assert all(line.startswith("Expected more than 1 ") for line in refused)
    assert ("y" in left) == (norm == "bn" or not refused)
