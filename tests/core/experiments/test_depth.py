"""How deep can you go?: what is measured and trained, what is said, and what is judged."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from core.experiments.data import network_input
from core.experiments.depth import DEPTH
from core.experiments.depth_seen import OPTIONS
from core.experiments.depth_start import NETS, as_table, at_start, first_batch, gradient_ratio
from core.experiments.depth_start_shown import (
    AXES,
    QUANTITIES,
    activations_in_words,
    gradients_in_words,
    outside_in_words,
    start_alt,
    start_figure,
)
from core.experiments.depth_trained import AtStart
from core.experiments.experiment import FULL_SEEDS, QUICK_SEEDS, Context
from core.experiments.final_loss import final_loss
from core.experiments.losses_by_rate import best_loss
from core.experiments.nets import BN, NONE, NONE_HE
from core.experiments.run import given
from core.experiments.settings import LabConfig
from core.experiments.signals import signals
from core.experiments.table import Done, Table, load, save

LOSSES = {"bn": 0.4, "gn": 0.5, "ln": 0.6, "none": 2.3, "none, He": 1.2}
FIRST = {"bn": 400.0, "gn": 20.0, "ln": 1.0, "none": 1e-17, "none, He": 0.01}
"""Gradient of the first of forty convolutions; that of the last is 2, or 1e-17."""


def table(seeds=(3, 4), losses=LOSSES, first=FIRST, quick=False):
    """Of forty convolutions the first and the last alone, and trainings that are a little worse at 0.01."""
    rows = []
    for seed in seeds:
        for net, loss in losses.items():
            last = 1e-17 if net == "none" else 2.0
            size = 1e-18 if net == "none" else 0.6
            start = {"seed": seed, "part": "start", "net": net, "depth": 40}
            rows.append(start | {"layer": 1, "activation": 0.7, "gradient": first[net]})
            rows.append(start | {"layer": 40, "activation": size, "gradient": last})
            trained = {"seed": seed, "part": "training", "net": net, "diverged": False}
            rows.append(trained | {"lr": 0.003, "loss": loss})
            if not quick:
                rows.append(trained | {"lr": 0.01, "loss": loss + 0.01 if loss < 2.3 else loss})
    return Table("depth", quick=quick, done={"all": Done(tuple(rows), 1.0)})


def answers(made):
    return [verdict.answer for verdict in DEPTH.verdicts(made)]


def test_the_trials_of_the_full_and_of_the_quick_form():
    full = DEPTH.trials(FULL_SEEDS, False)
    starts = [trial for trial in full if isinstance(trial, AtStart)]
    trainings = [trial for trial in full if isinstance(trial, LabConfig)]
    assert len(starts) == 5 * 4
    assert {trial.depth for trial in starts} == {5, 10, 20, 40}
    assert len(trainings) == len(set(trainings)) == 5 * 5 * 2
    assert {(c.depth, c.width, c.batch_size, c.steps, c.momentum, c.decay, c.validation) for c in trainings} == {
        (20, 8, 32, 400, 0.9, "none", False)
    }
    assert {c.lr for c in trainings} == {0.003, 0.01}
    quick = DEPTH.trials(QUICK_SEEDS, True)
    assert len(quick) == 3 + 5
    assert {trial.dataset for trial in quick} == {"mnist-small"}
    assert {trial.dataset for trial in full} == {"mnist"}
    keys = [trial.key for trial in DEPTH.units(FULL_SEEDS, quick=False)]
    assert len(set(keys)) == len(full)


def test_a_start_has_a_row_for_every_convolution(few):
    shares = []
    rows = DEPTH.measure(AtStart(depth=7, seed=2, dataset="digits"), Context(data=given(few), tell=shares.append))
    assert len(rows) == 5 * 7
    assert shares == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    x, labels = network_input(few.train_images[:64], few), few.train_labels[:64]
    for net in NETS:
        config = LabConfig(norm=net.norm, initialization=net.initialization, width=8, depth=7, seed=2, dataset="digits")
        expected = signals(config, x, labels)
        own = [row for row in rows if row["net"] == net.name]
        assert [row["layer"] for row in own] == list(range(1, 8))
        assert [row["activation"] for row in own] == pytest.approx(expected.activations, rel=1e-5)
        assert [row["gradient"] for row in own] == pytest.approx(expected.gradients, rel=1e-5)
    assert {(row["seed"], row["part"], row["depth"]) for row in rows} == {(2, "start", 7)}


def test_a_training_s_row(few):
    config = LabConfig(
        norm="none", initialization="he", width=8, depth=6, dataset="digits", batch_size=32, epochs=5, lr=0.01, seed=1
    )
    (row,) = DEPTH.measure(config, Context(data=given(few)))
    assert row["loss"] == round(final_loss(config, few).loss, 5)
    assert {k: v for k, v in row.items() if k != "loss"} == {
        "seed": 1,
        "part": "training",
        "net": "none, He",
        "lr": 0.01,
        "diverged": False,
    }


def test_a_stop_ends_a_measure_at_once(few):
    class Stop(Exception):
        pass

    def stop(share):
        raise Stop

    for settings in (AtStart(depth=5, seed=0, dataset="digits"), LabConfig(norm="bn", dataset="digits")):
        with pytest.raises(Stop):
            DEPTH.measure(settings, Context(data=given(few), tell=stop))


def test_each_answer_of_each_check():
    assert answers(table()) == ["reproduced"] * 3
    same = dict.fromkeys(LOSSES, 0.5)
    assert answers(table(losses=same, first=FIRST | {"bn": 2.0})) == ["not at this scale"] * 3
    worse = LOSSES | {"bn": 2.3, "none": 0.4, "none, He": 0.4}
    assert answers(table(losses=worse, first=FIRST | {"bn": 0.02})) == ["contradicted"] * 3
    one, other = table((3,)).done["all"].rows, table((4,), losses=same, first=FIRST | {"bn": 2.0}).done["all"].rows
    assert answers(Table("depth", quick=False, done={"": Done((*one, *other), 0.0)})) == ["not at this scale"] * 3


def test_the_differences_are_by_seed_at_the_better_rate():
    made = table()
    assert best_loss(made, BN) == {3: 0.4, 4: 0.4}
    assert [check.difference(made) for check in DEPTH.checks] == [
        pytest.approx({3: 1.9, 4: 1.9}),
        pytest.approx({3: 0.8, 4: 0.8}),
        pytest.approx({3: math.log10(200), 4: math.log10(200)}),
    ]


def test_the_margins_are_declared():
    assert [(check.margin, check.unit) for check in DEPTH.checks] == [
        (0.5, "nats of training loss"),
        (0.2, "nats of training loss"),
        (1.0, "powers of ten"),
    ]
    wider = replace(DEPTH, checks=tuple(replace(check, margin=check.margin + 2) for check in DEPTH.checks))
    assert [verdict.answer for verdict in wider.verdicts(table())] == ["not at this scale"] * 3


def test_a_gradient_of_zero_bears_nothing_out():
    made = table(first=FIRST | {"bn": 0.0})
    assert all(math.isnan(value) for value in gradient_ratio(made, BN, 40).values())
    assert answers(made)[2] == "not at this scale"


@pytest.mark.parametrize(("first", "right"), [(400.0, OPTIONS[0]), (3.0, OPTIONS[1]), (0.01, OPTIONS[2])])
def test_the_right_prediction_is_the_table_s(first, right):
    assert DEPTH.prediction.right(table(first=FIRST | {"bn": first})) == right


def test_what_was_seen_follows_the_table():
    seen = DEPTH.seen(table())
    assert seen.startswith(
        "After 400 steps networks of 20 convolutions still only guess without a norm (torch's initialization)."
        " The lowest loss is 0.40 with BN.\n\nThe others reach 0.50 with GN (4), 0.60 with LN, 2.30 without a norm "
        "(torch's initialization) and 1.20 without a norm (He initialization)."
    )
    assert (
        "BN's gradient is 200 times as large in the first of 40 convolutions as in the last; GN's is 10 times" in seen
    )
    assert "every network has begun to learn" in DEPTH.seen(table(losses=dict.fromkeys(LOSSES, 0.5)))


def test_the_sentences_of_a_depth_follow_its_numbers():
    def said(bn):
        return gradients_in_words(table(first=FIRST | {"bn": bn}), 40)

    assert "BN does not cure exploding gradients" in said(4.1)
    assert "BN's gradient is about as large in the first of 40 convolutions as in the last, 1.5 times" in said(3.0)
    assert "BN's gradient is smaller in the first of 40 convolutions than in the last, 0.4 times" in said(0.8)
    assert "deviation of 0.6 with BN, 0.6 with GN and 0.6 with LN" in activations_in_words(table(), 40)
    assert outside_in_words(table(), 40) == (
        "Below the pictures: without a norm (torch's initialization) the activations end at 1e-18, and the largest "
        "gradient is 1e-17."
    )


def test_nothing_is_below_the_pictures_of_few_layers(few):
    assert outside_in_words(as_table(at_start(5, 0, "digits", first_batch(few))), 5) == ""


def test_the_picture_of_the_trainings_has_the_table_s_numbers():
    made = table(seeds=(3, 4, 5))
    figure = DEPTH.picture(made)
    bars = {trace.name: trace for trace in figure.data}
    assert list(bars) == [net.label for net in NETS]
    assert list(bars["BN"].x) == ["learning rate 0.003", "learning rate 0.01"]
    assert list(bars["BN"].y) == pytest.approx([0.4, 0.41])
    assert figure.layout.shapes[0].y0 == pytest.approx(math.log(10))
    words = DEPTH.words(made)
    assert "learning rate 0.003, BN: 0.4;" in words
    assert f"learning rate 0.01, {NONE.label}: 2.3" in words


def test_the_quick_table_is_drawn_and_told_as_well():
    made = table((0,), quick=True)
    assert len(DEPTH.picture(made).data) == 5
    assert DEPTH.seen(made)
    assert answers(made) == ["reproduced"] * 3


def test_the_pictures_of_a_start_have_the_measured_numbers(few):
    made = as_table(at_start(9, 0, "digits", first_batch(few)))
    for quantity in QUANTITIES:
        figure = start_figure(made, 9, quantity)
        lines = {trace.name: trace for trace in figure.data}
        assert list(lines) == [net.label for net in NETS]
        for net in NETS:
            assert list(lines[net.label].x) == list(range(1, 10))
            expected = [row[quantity] for row in made.rows if row["net"] == net.name]
            assert list(lines[net.label].y) == expected
        assert tuple(10**end for end in figure.layout.yaxis.range) == pytest.approx(AXES[quantity].span)
        alt = start_alt(made, 9, quantity)
        he = lines[NONE_HE.label].y
        assert f"{NONE_HE.label}: {he[0]:.2g} to {he[-1]:.2g}" in alt


def test_a_table_of_both_parts_is_read_as_it_was_written(few, tmp_path):
    rows = DEPTH.measure(AtStart(depth=5, seed=0, dataset="digits"), Context(data=given(few)))
    (unit,) = [
        unit
        for unit in DEPTH.units((0,), quick=True)
        if unit.settings == AtStart(depth=5, seed=0, dataset="mnist-small")
    ]
    path = save(Table("depth", quick=True, done={unit.key: Done(tuple(rows), 0.1)}), tmp_path)
    read = load(path)
    assert read.rows == list(rows)
    assert read.missing([unit]) == []
