"""Step 1 of the lesson: what a race has come to, and the size of the numbers against torch alone."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from core.catalogue import QUICK
from core.config import RunConfig
from core.data import datasets
from core.data.datasets import Dataset
from core.experiments.data import network_input
from core.jobs.snapshots import RaceSnapshot, VariantSnapshot
from core.lesson import why
from core.lesson.why import Layers, Outcome, Sizes
from core.records.record import EpochRow
from core.training.loop import train


@pytest.fixture(scope="module")
def data(digits) -> Dataset:
    """Digits, as if they were the images that come with the app: twelve steps an epoch."""
    return replace(digits, name=QUICK)


def row(accuracy: float) -> EpochRow:
    """One epoch that ended with this test accuracy."""
    return EpochRow(epoch=1, train_loss=1.0, train_accuracy=50.0, test_loss=1.0, test_accuracy=accuracy, seconds=1.0)


def race(bn: float, none: float, *, seed: int = 0, ends: tuple[str, str] = ("complete", "complete"), status="complete"):
    """A race that has come to these accuracies."""
    variants = tuple(
        VariantSnapshot(config=config, label=config.label, status=end, rows=(row(accuracy),))
        for config, end, accuracy in zip(why.race_of(seed), ends, (bn, none), strict=True)
    )
    return RaceSnapshot(race_id="0" * 16, status=status, variants=variants)


def test_a_race_differs_in_nothing_but_the_norm():
    bn, none = why.race_of(3)
    assert (bn.norm, none.norm) == ("bn", "none")
    assert replace(bn, norm="none") == none
    assert none == RunConfig(norm="none", dataset="mnist-small", epochs=1, seed=3)


def test_it_is_known_by_its_runs():
    assert [why.seed_of(race(95, 10, seed=seed)) for seed in why.SEEDS] == list(why.SEEDS)
    other = race(95, 10)
    longer = tuple(replace(v, config=replace(v.config, epochs=2)) for v in other.variants)
    assert why.seed_of(replace(other, variants=longer)) is None
    assert why.seed_of(replace(other, variants=other.variants[:1])) is None


@pytest.mark.parametrize(
    ("bn", "none", "right"),
    [
        *((950, 950, 0), (950, 930, 0), (950, 970, 0), (950, 929, 1), (950, 201, 1), (950, 200, 2), (950, 100, 2)),
        *((950, 971, 3), (950, None, 2)),
    ],
)
def test_the_right_option_is_that_of_the_numbers(bn, none, right):
    assert Outcome(bn, none, 1000).right == right


def test_what_a_race_has_come_to():
    found = why.outcome(race(95.1, 10.0), 1000)
    assert found == Outcome(951, 100, 1000)
    raced = (
        "After one epoch on 6,000 images, **BatchNorm gets 951 of 1,000** test images right, **no norm {none}**. One "
        "in ten is right by guessing."
    )
    # a network that only guesses is not said to be unable to learn
    assert found.in_words() == (
        f"{raced.format(none=100)} Given more epochs, or larger initial weights (He initialization), the network "
        "without a norm learns, too. But initial weights set the size once, a norm anew with every batch."
    )
    assert why.outcome(race(95.1, 80.0), 1000).in_words() == raced.format(none=800)
    diverged = why.outcome(race(95.1, 10.0, ends=("complete", "diverged")), 1000)
    assert diverged == Outcome(951, None, 1000)
    assert diverged.in_words() == (
        "**BatchNorm gets 951 of 1,000** test images right after one epoch on 6,000 images; without a norm the loss "
        "stopped being a finite number."
    )


@pytest.mark.parametrize("ends", [("interrupted", "complete"), ("complete", "failed"), ("diverged", "complete")])
def test_a_race_that_was_not_finished_shows_nothing(ends):
    assert why.outcome(race(95, 10, ends=ends, status="interrupted"), 1000) is None
    assert why.outcome(race(95, 10, ends=("complete", "training"), status="running"), 1000) is None


def by_torch(config: RunConfig, weights: list[torch.Tensor], x: torch.Tensor) -> list[float]:
    """The standard deviation behind each ReLU, by torch's functions and the weights of a network at its start."""
    sizes = []
    x = x[:, :, 2:26, 2:26]
    for i, weight in enumerate(weights):
        x = F.conv2d(x, weight, padding=0 if i == 0 else 1)
        if i in (0, 2):
            x = F.max_pool2d(x, 2)
        if config.norm == "bn":
            x = F.batch_norm(x, None, None, training=True)
        elif config.norm in ("gn", "ln"):
            x = F.group_norm(x, config.groups)
        x = F.relu(x)
        sizes.append(float(x.double().std(correction=0)))
    return sizes


def test_sizes_before_training_are_those_of_plain_torch(data):
    found = why.at_start(2, data)
    x = (data.test_images[:128, None].float() / 255 - data.mean) / data.std
    assert [sizes.label for sizes in found.sizes] == ["BN", "LN", "GN (4)", "no norm"]
    for sizes in found.sizes:
        config = RunConfig(norm=sizes.norm, dataset=QUICK, epochs=1, seed=2)
        weights = [conv.weight.detach() for conv in train(config, data).model.convs]
        assert sizes.behind == pytest.approx(by_torch(config, weights, x), rel=1e-4)
        assert sizes.told == 0  # the last layer begins with zeros
    assert found.steps == 0


def test_sizes_after_it_are_those_of_the_networks_of_the_race(data):
    found = why.after_epoch(1, data)
    assert found.steps == math.ceil(1438 / 128)
    x = network_input(data.test_images[:128], data)
    for config in why.race_of(1):
        training = train(config, data)
        list(training)
        model = training.model
        with torch.no_grad():
            # a pass in training mode, which takes the statistics of the batch
            told = float(model.train()(x).double().std(dim=0, correction=0).mean())
        assert found.of(config.norm).told == pytest.approx(told, rel=1e-4)
        assert found.of(config.norm).behind == why.sizes_in(model, config, x).behind


def test_a_network_that_is_measured_stays_as_it_is(data):
    config = why.race_of(0)[0]
    model = train(config, data).model
    before = {name: value.clone() for name, value in model.state_dict().items()}
    why.sizes_in(model, config, network_input(data.test_images[:32], data))
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert model.training


@pytest.fixture(scope="module")
def layers() -> Layers:
    """Numbers by hand."""
    bn = Sizes("bn", "BN", (0.6, 0.6, 0.6, 0.6, 0.59), 3.16)
    return Layers(47, (bn, Sizes("none", "no norm", (0.56, 0.2, 0.08, 0.03, 0.014), 0.0007)))


def test_what_is_said_of_the_layers(layers):
    said = (
        "After one epoch (47 batches), the numbers after convolution 5 and its ReLU have a standard deviation of "
        "**0.59 with BN** and **0.014 without a norm**. From image to image the ten outputs vary by a standard "
        "deviation of 3.2 with BN and "
    )
    assert why.layers_said(layers) == (
        f"{said}0.0007 without: there, all images get practically the same ten probabilities."
    )
    assert why.layers_said(replace(layers, steps=0)) == (
        "Before training, the numbers after convolution 5 and its ReLU have a standard deviation of "
        "**0.59 with BN** and **0.014 without a norm**, 40 times smaller than after convolution 1. Without it each "
        "convolution makes them smaller; where they hardly differ from image to image, there is little to learn from. "
        "LN and GN (step 3) set their size anew, as BN does."
    )
    learned = replace(layers, sizes=(layers.sizes[0], replace(layers.sizes[1], told=1.25)))
    assert why.layers_said(learned) == f"{said}1.2 without."


def test_their_picture_has_a_line_a_network_and_one_scale(layers):
    figure = why.layers_figure(layers)
    assert [(line.name, tuple(line.x), tuple(line.y)) for line in figure.data] == [
        (sizes.label, (1, 2, 3, 4, 5), sizes.behind) for sizes in layers.sizes
    ]
    assert figure.layout.yaxis.range == why.layers_figure(replace(layers, steps=0)).layout.yaxis.range
    assert "no norm: 0.56 at 1, 0.2 at 2, 0.08 at 3, 0.03 at 4, 0.014 at 5" in why.layers_alt(layers)


def test_the_size_of_the_numbers_is_the_reason():
    """Without a norm an epoch is over before anything is learned; not so from weights that keep the size (He's)."""
    data = datasets.load(QUICK)
    _, config = why.race_of(0)
    usual, he = train(config, data), train(config, data)
    with torch.no_grad():
        for conv in he.model.convs:
            conv.weight.mul_(math.sqrt(6))  # from 1 / sqrt(fan in) to sqrt(6 / fan in)
            bound = math.sqrt(6 / conv.weight[0].numel())
            assert 0.9 * bound < float(conv.weight.abs().max()) <= bound
    list(usual)
    list(he)
    assert usual.evaluation.accuracy < 20
    assert he.evaluation.accuracy > 50
