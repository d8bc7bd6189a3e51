"""One step by hand, with each penalty, and the schedule of the steps."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.data.batches import training_batches
from core.model import get_model
from core.training.events import BatchDone, EpochDone
from core.training.loop import evaluate, train
from core.training.optimizer import AVERAGING, MAX_GRADIENT_NORM, MOMENTUM, Optimizer
from tests.core.training.test_loop import config


def one_step_by_hand(c, few, penalty_gradient):
    """The first step of a run, with the penalties' gradients written as closed forms."""
    model = get_model(c)
    nn.init.normal_(model.head.weight, std=0.1, generator=torch.Generator().manual_seed(7))
    start = {name: p.detach().clone() for name, p in model.named_parameters()}
    generator = torch.Generator().manual_seed(c.seed)
    x, y = next(iter(training_batches(few, c.batch_size, generator, augmented=c.augment)))
    F.cross_entropy(model.train()(x), y).backward()
    gradients = {
        name: p.grad + (penalty_gradient(p.detach()) if p.ndim >= 2 else 0) for name, p in model.named_parameters()
    }
    total = math.sqrt(sum(float(g.square().sum()) for g in gradients.values()))
    clip = min(1.0, MAX_GRADIENT_NORM / (total + 1e-6))
    # OneCycle starts at a 25th of its maximum; with Nesterov the first step is gradient * (1 + momentum)
    step = c.lr / 25 * (1 + MOMENTUM) * clip
    return {name: start[name] - step * gradients[name] for name in start}


@pytest.mark.parametrize(
    ("values", "gradient"),
    [
        ({}, lambda w: 0.0),
        ({"l1": 1e-2}, lambda w: 1e-2 * w.sign()),
        ({"l2": 1e-2}, lambda w: 2e-2 * w),
        ({"l1": 1e-3, "l2": 0.5}, lambda w: 1e-3 * w.sign() + 1.0 * w),
    ],
)
def test_one_step_with_penalties_by_hand(few, values, gradient):
    c = config(norm="ln", epochs=1, **values)
    expected = one_step_by_hand(c, few, gradient)
    training = train(c, few)
    nn.init.normal_(training.model.head.weight, std=0.1, generator=torch.Generator().manual_seed(7))
    while not isinstance(next(training), BatchDone):
        pass
    training.close()
    for name, p in training.model.named_parameters():
        torch.testing.assert_close(p.detach(), expected[name], rtol=1e-4, atol=1e-6)


def test_the_penalty_is_reported_apart_from_the_loss(few):
    c = config(norm="ln", epochs=1, batch_size=128, l1=1e-3, l2=1e-2)
    training = train(c, few)
    weights = [p.detach().clone() for p in training.model.parameters() if p.ndim >= 2]
    events = list(training)
    expected = sum(1e-3 * float(w.abs().sum()) + 1e-2 * float(w.square().sum()) for w in weights)
    # one batch: the penalty before its step
    assert events[-2].penalty == pytest.approx(expected, rel=1e-5)
    assert events[1].loss == pytest.approx(math.log(10), abs=1e-6)
    assert next(e for e in train(config(epochs=1), few) if isinstance(e, EpochDone)).penalty == 0


def test_no_weight_decay_acts_unasked(few):
    """Where the gradient is zero, the weights stand still: the linear layer's zeros hide the convolutions at first."""
    training = train(config(norm="none", epochs=1), few)
    before = [conv.weight.detach().clone() for conv in training.model.convs]
    while not isinstance(next(training), BatchDone):
        pass
    training.close()
    assert all(torch.equal(a, conv.weight) for a, conv in zip(before, training.model.convs, strict=True))


def test_the_schedule_rises_to_lr_and_falls_to_nothing(few, monkeypatch):
    rates = []
    real = torch.optim.SGD.step

    def spy(self, *rest, **named):
        rates.append(self.param_groups[0]["lr"])
        return real(self, *rest, **named)

    monkeypatch.setattr(torch.optim.SGD, "step", spy)
    list(train(config(epochs=4, batch_size=10, lr=0.2), few))
    assert len(rates) == 4 * 13
    top = rates.index(max(rates))
    assert rates[0] == pytest.approx(0.2 / 25)
    # up a half cosine over three tenths of the steps, as torch's OneCycleLR does
    assert top == pytest.approx(0.3 * (4 * 13 + 1), abs=1)
    at = [0.2 / 25 + (0.2 - 0.2 / 25) * (1 - math.cos(math.pi * k / (0.3 * 53 - 1))) / 2 for k in range(top)]
    assert rates[:top] == pytest.approx(at)
    assert rates[top] == pytest.approx(0.2, rel=0.01)
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] < 0.2 / 100


def _numbers(model):
    """Weights and running estimates, as they are now."""
    return {name: t.clone() for name, t in model.state_dict().items() if t.is_floating_point()}


@pytest.mark.parametrize("norm", ["bn", "ln"])
def test_a_run_ends_with_the_average_of_its_weights(few, norm):
    """An exponential one, whose share of the past grows to AVERAGING; the epochs before are told of the raw weights."""
    training = train(config(norm=norm, epochs=3, batch_size=16), few)
    average = _numbers(training.model)
    steps, raw = 0, {}
    for event in training:
        if isinstance(event, BatchDone):
            steps += 1
            kept = min(AVERAGING, (1 + steps) / (10 + steps))
            raw = _numbers(training.model)
            average = {name: kept * value + (1 - kept) * raw[name] for name, value in average.items()}
        elif isinstance(event, EpochDone) and event.epoch < 3:
            now = _numbers(training.model)
            assert all(torch.equal(now[name], raw[name]) for name in raw)
            assert training.evaluation.accuracy == evaluate(training.model, few).accuracy
    assert steps == 24
    end = _numbers(training.model)
    for name, value in end.items():
        torch.testing.assert_close(value, average[name], rtol=1e-4, atol=1e-5)
        assert not torch.equal(value, raw[name]), name
    assert training.evaluation.accuracy == evaluate(training.model, few).accuracy


def test_a_run_that_is_stopped_keeps_the_weights_that_it_had(few):
    training = train(config(epochs=2), few)
    before = {}
    for event in training:
        before = _numbers(training.model)
        if isinstance(event, BatchDone) and event.epoch == 2:
            break
    training.close()
    assert all(torch.equal(value, before[name]) for name, value in _numbers(training.model).items())


def test_the_average_reaches_over_five_hundred_steps(few):
    """Of a weight that jumps from 0 to 1 after long rest, 1 - AVERAGING ** 500 is in the average 500 steps later."""
    model = nn.Linear(1, 1)
    optimizer = Optimizer(model, config(lr=1e-9), steps=9_000)
    with torch.no_grad():
        model.weight.zero_()
        model.bias.zero_()
    for step in range(8_500):
        if step == 8_000:
            with torch.no_grad():
                model.weight.fill_(1.0)
        optimizer.step(model.weight.sum() * 0.0)
    optimizer.finish()
    assert float(model.weight.detach()) == pytest.approx(1 - AVERAGING**500, abs=1e-3)
