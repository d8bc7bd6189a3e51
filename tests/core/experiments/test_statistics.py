"""Networks with other BN statistics: values against torch, and the given network as it was."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.experiments.network import build
from core.experiments.settings import LabConfig
from core.experiments.statistics import answers, batch_norms, error, reestimated, with_batch_statistics


@pytest.fixture
def model():
    """A BN network whose buffers and last layer are no longer those of the start."""
    generator = torch.Generator().manual_seed(0)
    model = build(LabConfig(norm="bn"))
    model.head.weight.data.normal_(generator=generator)
    model.train()
    model(torch.randn(8, 1, 28, 28, generator=generator))
    return model.eval()


X = torch.randn(1200, 1, 28, 28, generator=torch.Generator().manual_seed(1))


def unchanged(model, before):
    return all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), before.values(), strict=True))


def test_batch_statistics_are_those_of_training_mode(model):
    before = copy.deepcopy(model.state_dict())
    other = with_batch_statistics(model)
    trained = copy.deepcopy(model).train()
    with torch.no_grad():
        torch.testing.assert_close(other(X[:7]), trained(X[:7]))
        assert not torch.allclose(other(X[:7]), model(X[:7]))
    assert unchanged(model, before)
    assert not model.training
    assert all(layer.running_mean is not None for layer in batch_norms(model))


def test_other_norms_have_no_other_statistics():
    model = build(LabConfig(norm="gn")).eval()
    model.head.weight.data.normal_()
    assert batch_norms(model) == []
    with torch.no_grad():
        assert torch.equal(with_batch_statistics(model)(X[:5]), model(X[:5]))
        assert torch.equal(reestimated(model, X[:5])(X[:5]), model(X[:5]))


def test_reestimated_is_the_mean_over_chunks_of_500(model):
    before = copy.deepcopy(model.state_dict())
    found = reestimated(model, X)
    first = batch_norms(found)[0]
    inside = X[:, :, 2:26, 2:26]
    with torch.no_grad():
        z = [F.max_pool2d(model.convs[0](chunk), 2) for chunk in inside.split(500)]
    torch.testing.assert_close(first.running_mean, torch.stack([p.mean((0, 2, 3)) for p in z]).mean(0))
    torch.testing.assert_close(first.running_var, torch.stack([p.var((0, 2, 3)) for p in z]).mean(0))
    assert unchanged(model, before)
    assert not any(layer.training for layer in found.modules())
    assert all(torch.equal(a, b) for a, b in zip(found.parameters(), model.parameters(), strict=True))


def test_an_interrupted_estimate_leaves_the_network(model):
    before = copy.deepcopy(model.state_dict())
    wrong = torch.cat([X[:500], X[:1]])  # a chunk of its own, on which the hook below fails

    class Stop(Exception):
        pass

    def stop(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        if len(inputs[0]) == 1:
            raise Stop

    model.head.register_forward_pre_hook(stop)
    with pytest.raises(Stop):
        reestimated(model, wrong)
    assert unchanged(model, before)
    assert not model.training


def test_answers_and_error(model):
    with torch.no_grad():
        wanted = model(X[:30]).argmax(dim=1)
    for chunk in (1, 7, 500):
        assert torch.equal(answers(model, X[:30], chunk), wanted)
    labels = wanted.clone()
    labels[:3] = (labels[:3] + 1) % 10
    assert error(model, X[:30], labels) == pytest.approx(10.0)


def test_answers_leave_the_mode(model):
    model.train()
    before = copy.deepcopy(model.state_dict())
    answers(model, X[:4])
    assert model.training
    assert unchanged(model, before)
