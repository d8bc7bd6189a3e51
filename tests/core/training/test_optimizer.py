"""One step by hand, with each penalty, and the schedule of the steps."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.data.batches import run_batches, training_batches
from core.model import get_model
from core.training.events import BatchDone, EpochDone
from core.training.loop import train
from core.training.optimizer import MAX_GRADIENT_NORM, MOMENTUM, learning_rate
from tests.core.training.test_loop import config

ROOT = Path(__file__).parents[3]


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


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 10, 52, 469])
def test_the_schedule_is_torchs_one_cycle(steps):
    idle = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(idle, max_lr=0.2, total_steps=steps + 1, cycle_momentum=False)
    for step in range(steps):
        assert learning_rate(step, steps, 0.2) == schedule.get_last_lr()[0]
        idle.step()
        schedule.step()


def test_the_schedule_rises_to_lr_and_falls_to_nothing():
    rates = [learning_rate(step, 52, 0.2) for step in range(52)]
    top = rates.index(max(rates))
    assert rates[0] == pytest.approx(0.2 / 25)
    # up a half cosine over three tenths of the steps
    assert top == pytest.approx(0.3 * 53, abs=1)
    at = [0.2 / 25 + (0.2 - 0.2 / 25) * (1 - math.cos(math.pi * k / (0.3 * 53 - 1))) / 2 for k in range(top)]
    assert rates[:top] == pytest.approx(at)
    assert rates[top] == pytest.approx(0.2, rel=0.01)
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] < 0.2 / 100


@pytest.mark.parametrize("norm", ["bn", "gn"])
def test_a_run_moves_as_torchs_own_optimizer_moves_it(few, norm):
    """Every weight after every step: Nesterov momentum, the schedule, clipping and the penalties together."""
    c = config(norm=norm, epochs=2, batch_size=16, l1=1e-3, l2=1e-2)
    model = get_model(c).train()
    sgd = torch.optim.SGD(model.parameters(), lr=c.lr, momentum=MOMENTUM, nesterov=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(sgd, max_lr=c.lr, total_steps=2 * 8 + 1, cycle_momentum=False)
    batches = run_batches(c, few)
    training = train(c, few)
    for event in training:
        if not isinstance(event, BatchDone):
            continue
        x, y = next(batches)
        weights = [p for p in model.parameters() if p.ndim >= 2]
        penalty = sum(1e-3 * w.abs().sum() + 1e-2 * w.square().sum() for w in weights)
        sgd.zero_grad()
        (F.cross_entropy(model(x), y) + penalty).backward()
        nn.utils.clip_grad_norm_(model.parameters(), MAX_GRADIENT_NORM)
        sgd.step()
        schedule.step()
        for ours, theirs in zip(training.model.parameters(), model.parameters(), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-5)
    assert next(batches, None) is None


RACES = """
import sys
from core.config import preset
from core.data.datasets import load
from core.jobs.race import Race
from core.training.events import BatchDone
race = Race(preset("assignment"), threads=1, on_event=lambda i, event: isinstance(event, BatchDone) and race.cancel())
print(race.run(lambda name, progress: (load("mnist", sys.argv[1]), "")).status)
print([name for name in ("torch._dynamo", "sympy", "torchvision", "sklearn") if name in sys.modules])
"""


def test_a_race_loads_no_compiler(mnist_root):
    """torch's optimizer classes would bring it, and sympy with it: 70 MB of a small server's memory."""
    done = subprocess.run([sys.executable, "-c", RACES, mnist_root], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("interrupted\n[]\n", "")
