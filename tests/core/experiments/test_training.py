"""The plain training of the lab against loops written with torch.optim."""

import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from core.experiments.data import batches, part
from core.experiments.network import build
from core.experiments.settings import LabConfig
from core.experiments.training import LabTraining, learning_rate, no_denormals, steps

CONFIG = LabConfig(norm="bn", dataset="digits", images=200, tests=50, batch_size=16, lr=0.02, seed=3)


def plain(config, data):
    """The same training as a loop over torch.optim.SGD, with the penalties in the loss."""
    model = build(config).train()
    weights = [p for p in model.parameters() if p.ndim >= 2]
    optimizer = torch.optim.SGD(model.parameters(), lr=config.lr, momentum=config.momentum)
    losses = []
    for x, y in batches(data, config):
        loss = F.cross_entropy(model(x), y)
        losses.append(float(loss.detach()))
        total = (
            loss + config.l1 * sum(w.abs().sum() for w in weights) + config.l2 * sum(w.square().sum() for w in weights)
        )
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    return model, losses


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"norm": "gn"},
        {"norm": "ln", "momentum": 0.0},
        {"norm": "none", "l1": 1e-3},
        {"l2": 1e-2},
        {"order": "one class", "batch_size": 4, "epochs": 2},
    ],
)
def test_equals_a_loop_with_torch_sgd(digits, changes):
    config = replace(CONFIG, **changes)
    data = part(digits, config)
    training = LabTraining(config, data)
    losses = [step.loss for step in training]
    model, expected = plain(config, data)
    assert losses == pytest.approx(expected, abs=1e-5)
    for (name, found), wanted in zip(training.model.state_dict().items(), model.state_dict().values(), strict=True):
        torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-4, msg=name)


def test_penalties_have_the_gradients_of_l1_and_l2(digits):
    for penalty, slope in (("l1", torch.sign), ("l2", lambda w: 2 * w)):
        config = replace(CONFIG, norm="ln", momentum=0.0, steps=1)
        without, penalized = (LabTraining(c, part(digits, c)) for c in (config, replace(config, **{penalty: 0.01})))
        before = [p.detach().clone() for p in build(config).parameters()]
        assert len(list(without)) == len(list(penalized)) == 1
        for start, a, b in zip(before, without.model.parameters(), penalized.model.parameters(), strict=True):
            wanted = config.lr * 0.01 * slope(start) if start.ndim >= 2 else torch.zeros_like(start)
            torch.testing.assert_close((a - b).detach(), wanted, atol=1e-7, rtol=1e-3)


@pytest.mark.parametrize(
    ("changes", "count"),
    [({}, 13), ({"epochs": 3}, 39), ({"epochs": 3, "steps": 20}, 20), ({"steps": 100}, 13), ({"batch_size": 200}, 1)],
)
def test_counts_steps_over_the_epochs(digits, changes, count):
    config = replace(CONFIG, **changes)
    data = part(digits, config)
    found = list(LabTraining(config, data))
    assert [step.number for step in found] == list(range(1, count + 1))
    assert {step.of for step in found} == {steps(config, data)} == {count}


def test_one_class_order_counts_whole_batches(digits):
    config = replace(CONFIG, order="one class", batch_size=4, epochs=2)
    data = part(digits, config)
    wanted = 2 * sum(int((data.train_labels == label).sum()) // 4 for label in range(10))
    assert steps(config, data) == len(list(batches(data, config))) == wanted


def test_cosine_falls_from_lr_to_almost_zero():
    config = replace(CONFIG, lr=0.4, decay="cosine")
    found = [learning_rate(step, 4, config) for step in range(4)]
    assert found == pytest.approx([0.4, 0.2 * (1 + math.sqrt(0.5)), 0.2, 0.2 * (1 - math.sqrt(0.5))])
    assert [learning_rate(step, 4, replace(config, decay="none")) for step in (0, 3)] == [0.4, 0.4]


def test_steps_go_by_the_cosine(digits):
    config = replace(CONFIG, norm="ln", momentum=0.0, steps=2, decay="cosine")
    data = part(digits, config)
    training = LabTraining(config, data)
    list(training)
    model = build(config).train()
    for lr, (x, y) in zip((config.lr, config.lr / 2), batches(data, config), strict=False):
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        optimizer.zero_grad()
    for found, wanted in zip(training.model.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(found, wanted, atol=1e-6, rtol=1e-5)


def test_ends_where_the_loss_is_no_number(digits):
    config = replace(CONFIG, norm="none", epochs=2)
    training = LabTraining(config, part(digits, config))
    found = []
    for step in training:
        found.append(step)
        if step.number == 3:
            with torch.no_grad():
                training.model.head.bias.fill_(math.nan)
    assert [step.number for step in found] == [1, 2, 3, 4]
    assert math.isnan(found[-1].loss)


def test_goes_on_in_training_mode_whatever_an_onlooker_left(digits):
    first, second = (LabTraining(CONFIG, part(digits, CONFIG)) for _ in range(2))
    undisturbed = [step.loss for step in first]
    disturbed = []
    for step in second:
        disturbed.append(step.loss)
        second.model.eval()
    assert disturbed == undisturbed


def test_no_denormals_holds_inside_only():
    tiny = torch.tensor([1e-39])
    with no_denormals():
        assert float(tiny * 0.5) == 0
    assert float(tiny * 0.5) > 0
