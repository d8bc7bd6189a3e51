"""Experiment "Three small ones": its trainings, its table read, and what it says of every outcome."""

from __future__ import annotations

import pytest

from core.experiments.data import part
from core.experiments.experiment import Context, judge
from core.experiments.listed import experiment
from core.experiments.run import given
from core.experiments.said import conclusion_and_more
from core.experiments.settings import LabConfig
from core.experiments.small_ones import SMALL_ONES
from core.experiments.small_ones_seen import OPTIONS
from core.experiments.small_ones_shown import panels
from core.experiments.small_ones_trained import GROUPS, L2, STEPS, TIMES, measure, trials
from core.experiments.table import Done, Table
from core.experiments.training import LabTraining
from tests.core.experiments.study import error_of

FAST = TIMES[-1]


def made(*, seeds=(3, 4), standardized=4.0, last=20.0, held=6.0, groups=(5.0, 5.0, 5.0, 5.0, 5.0), apart=0.2):
    """A table: GN at two images is wrong on 5 %, at the higher learning rate on 9, and BN on 4 at either.

    standardized: GN's error with standardized weights.  last, held: the last sum of squares without and with L2, of 5
    at first.  groups: the errors of 1 to 16 groups.  apart: how far each seed's errors lie above the last one's.
    """
    rows = []
    for i, seed in enumerate(seeds):
        for times in TIMES:
            for norm, ws, wrong in (
                ("gn", False, 5.0 if times == 1 else 9.0),
                ("gn", True, standardized),
                ("bn", False, 4.0),
            ):
                row = {"seed": seed, "norm": norm, "batch": 2, "groups": 4 if norm == "gn" else 1, "times": times}
                rows.append({**row, "standardized": ws, "error": wrong + i * apart})
        for l2, end in ((0.0, last), (L2, held)):
            for step in (0, STEPS // 2, STEPS):
                squares = {0: 5.0, STEPS: end}.get(step, (5 + end) / 2)
                rows.append({"seed": seed, "norm": "bn", "l2": l2, "step": step, "squares": squares})
        for count, wrong in zip(GROUPS, groups, strict=True):
            row = {"seed": seed, "norm": "gn", "batch": 4, "groups": count, "times": 2, "standardized": False}
            rows.append({**row, "error": wrong + i * apart})
    return Table("small-ones", False, {"all": Done(tuple(rows), 1.0)})


# ---- what is trained


def test_the_full_form():
    found = trials((3, 4), False)
    assert len(found) == len(set(found)) == 2 * (2 * 3 + 2 + 5)
    assert {(c.dataset, c.images, c.tests, c.validation) for c in found} == {("mnist", 6000, 10_000, False)}
    two = [c for c in found if c.batch_size == 2]
    assert {(c.norm, c.standardized) for c in two} == {("gn", False), ("gn", True), ("bn", False)}
    assert {c.lr for c in two} == {times * 0.0125 * 2 / 32 for times in TIMES}
    watched = [c for c in found if c.batch_size == 64]
    assert {(c.norm, c.l2, c.lr, c.steps, c.decay) for c in watched} == {
        ("bn", l2, 0.05, 372, "none") for l2 in (0.0, 5e-3)
    }
    four = [c for c in found if c.batch_size == 4]
    assert {(c.norm, c.groups, c.lr) for c in four} == {("gn", groups, 0.0125 * 4 / 32) for groups in (1, 2, 4, 8, 16)}


def test_the_quick_form_has_the_same_trainings_those_of_batches_of_two_with_fewer_images():
    found = trials((0,), True)
    assert len(found) == 13
    assert {(c.dataset, c.tests) for c in found} == {("mnist-small", 1000)}
    assert {(c.batch_size, c.images) for c in found} == {(2, 2000), (4, 6000), (64, 6000)}


def test_measure_is_the_error_of_the_network_that_the_training_leaves(few):
    config = LabConfig(
        norm="gn", groups=2, standardized=True, dataset="digits", batch_size=2, images=128, tests=100, lr=0.0125 / 2
    )
    told = []
    (row,) = measure(config, Context(data=given(few), tell=told.append))
    wrong = error_of(config, few)
    assert row == {
        "seed": 0,
        "norm": "gn",
        "batch": 2,
        "groups": 2,
        "standardized": True,
        "times": 8,
        "error": pytest.approx(wrong),
    }
    assert len(told) == 64
    assert told[-1] == 1


def test_measure_adds_up_the_squares_of_the_third_convolution_along_the_training(few):
    config = LabConfig(norm="bn", dataset="digits", batch_size=16, images=128, tests=100, lr=0.05, epochs=9, steps=70)
    rows = measure(config, Context(data=given(few)))
    training = LabTraining(config, part(few, config))
    expected = {0: float(training.model.convs[2].weight.detach().square().sum())}
    for step in training:
        expected[step.number] = float(training.model.convs[2].weight.detach().square().sum())
    assert [row["step"] for row in rows] == [0, 31, 62]
    assert [row["squares"] for row in rows] == pytest.approx([expected[step] for step in (0, 31, 62)], abs=1e-3)
    assert {(row["seed"], row["norm"], row["l2"]) for row in rows} == {(0, "bn", 0.0)}
    assert rows[0]["squares"] < rows[1]["squares"]


def test_the_looks_meet_the_last_step():
    assert STEPS % 31 == 0


# ---- what it is judged by


def test_the_checks_in_the_expected_case():
    assert experiment("small-ones") is SMALL_ONES
    verdicts = SMALL_ONES.verdicts(made())
    assert [v.answer for v in verdicts] == ["reproduced", "reproduced", "not at this scale"]
    assert [v.evidence for v in verdicts] == [
        "By seed: +5 (seed 3), +5 (seed 4) points.",
        "By seed: +2 (seed 3), +2 (seed 4) doublings.",
        "By seed: +0 (seed 3), +0 (seed 4) points.",
    ]


def test_the_checks_in_the_contrary_case():
    verdicts = SMALL_ONES.verdicts(made(standardized=12.0, last=1.25, groups=(2.0, 5.0, 5.0, 5.0, 5.0)))
    assert [v.answer for v in verdicts] == ["contradicted"] * 3


def test_the_checks_where_little_happens():
    verdicts = SMALL_ONES.verdicts(made(standardized=8.8, last=9.0, groups=(5.2, 5.0, 5.0, 5.0, 5.0)))
    assert [v.answer for v in verdicts] == ["not at this scale"] * 3


@pytest.mark.parametrize(
    ("check", "margin", "table"),
    [
        (0, 0.3, lambda by: made(standardized=9.0 - by)),
        (1, 1.0, lambda by: made(last=5.0 * 2**by)),
        (2, 0.3, lambda by: made(groups=(5.0 + by, 5.0, 5.0, 5.0, 5.0))),
    ],
)
def test_margins(check, margin, table):
    found = SMALL_ONES.checks[check]
    assert found.margin == margin
    assert judge(found.difference(table(margin + 0.01)), found.margin) == "reproduced"
    assert judge(found.difference(table(margin - 0.01)), found.margin) == "not at this scale"


# ---- what is said


@pytest.mark.parametrize(("standardized", "option"), [(4.0, 0), (8.1, 1), (9.9, 1), (10.1, 2)])
def test_the_right_prediction_is_that_of_the_numbers(standardized, option):
    assert SMALL_ONES.prediction.options == OPTIONS
    assert SMALL_ONES.prediction.right(made(standardized=standardized)) == OPTIONS[option]


def test_seen_in_the_expected_case():
    said = SMALL_ONES.seen(made(apart=0.0))
    conclusion, more = conclusion_and_more(said)
    assert "the error of GN (4) from 9.0 to 4.0 %. Without L2 the squared weights before BN grow from 5.0" in conclusion
    assert "At the lower learning rate standardized weights take the error from 5.0 to 4.0 %." in more
    assert "A step can no longer stretch a filter" in more
    assert "with L2 their squares end at 6.0." in more


def test_seen_where_nothing_happened():
    said = SMALL_ONES.seen(made(standardized=9.0, last=4.0, held=6.0))
    assert "no clear gain" in said
    assert "stretch" not in said
    assert "right angles" not in said
    assert "sum to 5.0 at first and to 4.0 in the end" in said


def test_groups_are_flat_where_their_means_differ_less_than_seeds_do():
    flat = SMALL_ONES.seen(made(groups=(5.0, 5.1, 5.2, 5.3, 5.4), apart=0.5))
    assert "hardly matters: with 1 to 16 groups the mean error is 5.2 to 5.7 %" in flat
    assert "by up to 0.5 points" in flat
    assert "The number of groups shows" in SMALL_ONES.seen(made(groups=(8.0, 5.0, 5.0, 5.0, 5.0), apart=0.5))
    assert "one seed cannot tell" in SMALL_ONES.seen(made(groups=(8.0, 5.0, 5.0, 5.0, 5.0), seeds=(0,)))


# ---- what is drawn


def test_the_panels_hold_the_tables_numbers():
    bars, weights, groups = panels(made(groups=(5.0, 6.0, 7.0, 8.0, 9.0)))
    assert [(bar.label, bar.group, bar.values) for bar in bars.bars] == [
        ("GN (4)", "1 x", (5.0, 5.2)),
        ("GN (4)", f"{FAST} x", (9.0, 9.2)),
        ("GN (4), standardized", "1 x", (4.0, 4.2)),
        ("GN (4), standardized", f"{FAST} x", (4.0, 4.2)),
        ("BN", "1 x", (4.0, 4.2)),
        ("BN", f"{FAST} x", (4.0, 4.2)),
    ]
    assert [(each.label, each.x, each.mean) for each in weights.lines] == [
        ("BN, no L2", (0, 186, 372), [5, 12.5, 20]),
        ("BN, L2 of 0.005", (0, 186, 372), [5, 5.5, 6]),
    ]
    assert groups.lines[0].x == GROUPS
    assert groups.lines[0].mean == pytest.approx([5.1, 6.1, 7.1, 8.1, 9.1])


def test_the_picture_draws_all_of_them():
    figure = SMALL_ONES.picture(made())
    names = {(trace.name, trace.xaxis) for trace in figure.data if trace.name}
    assert names == {
        ("GN (4)", "x"),
        ("GN (4), standardized", "x"),
        ("BN", "x"),
        ("BN, no L2", "x2"),
        ("BN, L2 of 0.005", "x2"),
        ("GN", "x3"),
    }


def test_words_have_the_numbers():
    said = SMALL_ONES.words(made(apart=0.0))
    assert f"{FAST} x, GN (4): 9;" in said
    assert "BN, no L2: 5 at 0, 12.5 at 186, 20 at 372" in said
    assert "GN: 5 at 1, 5 at 2, 5 at 4, 5 at 8, 5 at 16." in said
