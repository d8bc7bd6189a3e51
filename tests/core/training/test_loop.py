"""The loop: events in order, numbers that come again, what an epoch tells, what is refused."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core import config as core_config
from core.catalogue import NORMS
from core.config import ConfigError, RunConfig, preset
from core.data import batches
from core.data import datasets as core_data
from core.jobs.race import Race
from core.model import get_model, make_norm, parameter_count
from core.normalization import RunningStatistics
from core.training import loop as core_training
from core.training.events import BatchDone, EpochDone, EvaluationProgress, RunCompleted, RunStarted
from core.training.loop import evaluate, train
from core.training.optimizer import MAX_GRADIENT_NORM, MOMENTUM
from tests.sizes import PARAMETERS

TIMES = ("seconds", "train_seconds", "images_per_second")


def config(**values) -> RunConfig:
    return RunConfig(**{"norm": "bn", "dataset": "digits", "epochs": 2, "batch_size": 50, **values})


def numbers(events):
    """Events without what depends on the clock."""
    return [{k: v for k, v in event.to_json().items() if k not in TIMES} for event in events]


def test_order_and_counts_of_events(few, monkeypatch):
    monkeypatch.setattr(core_training, "EVALUATION_CHUNK", 40)
    events = list(train(config(), few))
    epoch = [BatchDone] * 3 + [EvaluationProgress] * 3 + [EpochDone]
    assert [type(e) for e in events] == [RunStarted, *epoch, *epoch, RunCompleted]
    start, end = events[0], events[-1]
    assert (start.batches, start.epochs, start.train_images, start.test_images) == (3, 2, 128, 100)
    assert start.parameters == end.parameters == PARAMETERS
    assert RunConfig.from_dict(start.config) == config()
    batches = [e for e in events if isinstance(e, BatchDone)]
    assert [(e.epoch, e.batch, e.images) for e in batches] == [
        (1, 1, 50),
        (1, 2, 100),
        (1, 3, 128),
        (2, 1, 178),
        (2, 2, 228),
        (2, 3, 256),
    ]
    assert [e.images for e in events if isinstance(e, EvaluationProgress)] == [40, 80, 100] * 2
    assert [e.epoch for e in events if isinstance(e, EpochDone)] == [1, 2]
    assert {(e.run_id, e.label) for e in events} == {(config().run_id, "BN")}
    for event in events:
        assert json.loads(json.dumps(event.to_json(), allow_nan=False))["event"] == event.name


def test_the_end_repeats_the_last_epoch(few):
    training = train(config(), few)
    events = list(training)
    last, end = events[-2], events[-1]
    assert (end.test_accuracy, end.test_loss) == (last.test_accuracy, last.test_loss)
    assert end.test_accuracy == training.evaluation.accuracy
    assert end.images_per_second == training.images_per_second > 0


def test_the_first_loss_is_that_of_ten_equal_chances(few):
    # the linear layer starts at zero
    first = next(e for e in train(config(), few) if isinstance(e, BatchDone))
    assert first.loss == pytest.approx(math.log(10), abs=1e-6)


@pytest.mark.parametrize("norm", NORMS)
def test_one_seed_gives_one_set_of_numbers(few, norm):
    runs = [list(train(config(norm=norm, l1=1e-4), few)) for _ in range(2)]
    assert numbers(runs[0]) == numbers(runs[1])
    other = list(train(config(norm=norm, l1=1e-4, seed=1), few))
    assert [e.loss for e in other if isinstance(e, BatchDone)][1:] != [
        e.loss for e in runs[0] if isinstance(e, BatchDone)
    ][1:]


def test_numbers_do_not_depend_on_the_global_generator(few):
    torch.manual_seed(1)
    one = numbers(train(config(), few))
    torch.manual_seed(2)
    assert numbers(train(config(), few)) == one


def test_a_race_gives_what_its_variants_give_alone(digits):
    configs = preset("assignment", dataset="digits", epochs=2)
    events = {i: [] for i in range(3)}
    race = Race(configs, threads=1, on_event=lambda i, event: events[i].append(event))
    assert race.run(lambda name, progress: (digits, "")).status == "complete"
    for i, one in enumerate(configs):
        training = train(one, digits)
        assert numbers(training) == numbers(events[i])
        state = training.model.state_dict()
        assert race.records[i].weights.keys() == state.keys()
        assert all(torch.equal(torch.from_numpy(race.records[i].weights[k]), state[k]) for k in state)


def test_variants_of_one_seed_see_the_same_batches(few, monkeypatch):
    seen = []
    real = batches.training_batches

    def spy(*arguments, **named):
        for x, y in real(*arguments, **named):
            seen[-1].append((x.clone(), y.clone()))
            yield x, y

    monkeypatch.setattr(batches, "training_batches", spy)
    for norm in ("bn", "none"):
        seen.append([])
        list(train(config(norm=norm), few))
    assert len(seen[0]) == 6
    assert all(torch.equal(a[0], b[0]) and torch.equal(a[1], b[1]) for a, b in zip(*seen, strict=True))


def test_the_seed_of_a_run_decides_its_batches(few, monkeypatch):
    seen = []
    real = batches.training_batches

    def spy(*arguments, **named):
        for x, y in real(*arguments, **named):
            seen.append((x.clone(), y.clone()))
            yield x, y

    monkeypatch.setattr(batches, "training_batches", spy)
    for seed in (0, 1):
        seen.clear()
        list(train(config(seed=seed, epochs=1), few))
        expected = list(real(few, 50, torch.Generator().manual_seed(seed), augmented=True))
        assert len(seen) == len(expected) == 3
        assert all(torch.equal(a, c) and torch.equal(b, d) for (a, b), (c, d) in zip(seen, expected, strict=True))


@pytest.mark.parametrize("penalty", [{"l1": 1e-2}, {"l2": 1e-2}], ids=str)
def test_the_training_loss_leaves_the_penalty_out(few, monkeypatch, penalty):
    labels, logits = [], []
    real = batches.training_batches

    def spy(*arguments, **named):
        for x, y in real(*arguments, **named):
            labels.append(y)
            yield x, y

    monkeypatch.setattr(batches, "training_batches", spy)
    training = train(config(norm="ln", epochs=1, **penalty), few)
    training.model.head.register_forward_hook(
        lambda module, _, out: logits.append(out.detach().clone()) if module.training else None
    )
    events = list(training)
    entropies = [float(F.cross_entropy(out, y)) for out, y in zip(logits, labels, strict=True)]
    assert [e.loss for e in events if isinstance(e, BatchDone)] == pytest.approx(entropies)
    epoch = next(e for e in events if isinstance(e, EpochDone))
    total = sum(entropy * len(y) for entropy, y in zip(entropies, labels, strict=True))
    assert epoch.train_loss == pytest.approx(total / 128)
    assert epoch.penalty > 0.1  # it would be seen


def test_running_statistics_are_those_of_the_training_batches(few):
    training = train(config(epochs=1), few)
    norm = training.model.norms[0]
    seen = []
    norm.register_forward_hook(
        lambda module, inputs, _: seen.append(inputs[0].detach().double().numpy()) if module.training else None
    )
    list(training)
    expected = RunningStatistics.start(16)
    for x in seen:
        expected = expected.update(x)
    assert expected.batches == int(norm.num_batches_tracked) == 3
    np.testing.assert_allclose(norm.running_mean.numpy(), expected.mean, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(norm.running_var.numpy(), expected.var, rtol=1e-4)


def test_the_training_values_of_an_epoch_are_those_of_its_images(few, monkeypatch):
    labels, answers = [], []
    real = batches.training_batches

    def spy(*arguments, **named):
        for x, y in real(*arguments, **named):
            labels.append(y)
            yield x, y

    monkeypatch.setattr(batches, "training_batches", spy)
    training = train(config(epochs=1), few)
    training.model.head.register_forward_hook(
        lambda module, _, out: answers.append(out.detach().argmax(dim=1)) if module.training else None
    )
    events = list(training)
    losses = [e.loss for e in events if isinstance(e, BatchDone)]
    epoch = next(e for e in events if isinstance(e, EpochDone))
    assert [len(y) for y in labels] == [50, 50, 28]  # a mean over batches would weigh the last too much
    total = sum(loss * len(y) for loss, y in zip(losses, labels, strict=True))
    assert epoch.train_loss == pytest.approx(total / 128)
    right = sum(int((a == y).sum()) for a, y in zip(answers, labels, strict=True))
    assert 0 < right < 128
    assert epoch.train_accuracy == pytest.approx(100 * right / 128)


def test_the_recipe_is_what_its_number_says():
    """A record tells by RECIPE how it was trained: whoever changes a number below gives the recipe another one."""
    assert core_config.RECIPE == 2
    assert (MOMENTUM, MAX_GRADIENT_NORM) == (0.9, 1.0)
    moves = (batches.ROTATION_DEGREES, batches.SHIFT_PIXELS, batches.STRETCH, batches.SHEAR)
    assert (*moves, batches.BRIGHTNESS, batches.CONTRAST) == (15, 2, 0.1, 0.1, 0.1, 0.1)
    bn = make_norm("bn", 4)
    assert (bn.momentum, bn.eps, make_norm("gn", 4, 2).eps) == (0.1, 1e-5, 1e-5)


def test_training_learns(digits):
    rows = [e for e in train(config(norm="gn", groups=4, epochs=4), digits) if isinstance(e, EpochDone)]
    assert rows[-1].test_accuracy > 85
    assert rows[-1].test_loss < rows[0].test_loss < math.log(10)
    assert rows[-1].train_accuracy > rows[0].train_accuracy


def test_validation_trains_on_the_rest_and_tests_on_what_is_held_out(few):
    training = train(RunConfig(norm="ln", dataset="digits", epochs=1, batch_size=16, validation=True), few)
    started = next(training)
    assert (started.train_images, started.test_images) == (118, 10)
    *_, last = training
    assert evaluate(training.model, core_data.hold_out(few)).accuracy == last.test_accuracy


def test_bad_combinations_are_refused(few):
    with pytest.raises(ConfigError, match="held out from the training images"):
        train(RunConfig(norm="ln", dataset="digits", batch_size=16), core_data.hold_out(few))
    with pytest.raises(ConfigError, match="batch_size=129 is larger than the 128 training images of digits"):
        train(config(batch_size=129), few)
    with pytest.raises(ConfigError, match="dataset='mnist' names other data than the 'digits' at hand"):
        train(config(dataset="mnist"), few)


def test_a_real_epoch_of_mnist(mnist_root):
    # on one thread: where others want the processor too, two wait for each other and take three times as much of it
    events = list(train(RunConfig(norm="bn", epochs=1), core_data.load("mnist", mnist_root)))
    assert isinstance(events[-1], RunCompleted)
    assert events[-1].test_accuracy >= 98.6
    assert events[-1].parameters == parameter_count(get_model(RunConfig(norm="bn")))
