"""How fast can you learn?: what is trained, what is said, and what is judged."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from core.experiments.data import batches
from core.experiments.experiment import FULL_SEEDS, QUICK_SEEDS, Context
from core.experiments.final_loss import CHANCE, LAST, ended, final_loss
from core.experiments.learning_rate import LEARNING_RATE
from core.experiments.learning_rate_seen import OPTIONS
from core.experiments.learning_rate_trained import NETS, RATES
from core.experiments.learning_rate_usable import largest_usable
from core.experiments.losses_by_rate import best_loss
from core.experiments.nets import BN, GN, LN, NONE, NONE_HE
from core.experiments.network import build
from core.experiments.run import given
from core.experiments.settings import LabConfig
from core.experiments.table import Done, Table, load, save
from core.palette import line_style

HIGH = {"bn": 0.2, "ln": 0.05, "gn": 0.05, "in": 0.1, "none": 0.0, "none, He": 0.05}
"""The largest usable rate of each in a table made by hand."""


def table(seeds=(3, 4), high=HIGH, best=None, diverged=()):
    """Loss 0.1 (or ``best``) up to the largest usable rate, and 2.3 beyond."""
    best = best or {}
    rows = [
        {
            "seed": seed,
            "net": net,
            "lr": rate,
            "loss": best.get(net, 0.1) if rate <= largest else 2.3,
            "diverged": (net, rate) in diverged,
        }
        for seed in seeds
        for net, largest in high.items()
        for rate in RATES
    ]
    return Table("learning-rate", quick=False, done={"all": Done(tuple(rows), 1.0)})


def answers(made):
    return [verdict.answer for verdict in LEARNING_RATE.verdicts(made)]


def test_the_trainings_of_the_full_and_of_the_quick_form():
    full = LEARNING_RATE.trials(FULL_SEEDS, False)
    assert len(full) == len(set(full)) == 5 * 10 * 6
    assert {c.lr for c in full} == {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0}
    assert {(c.norm, c.initialization) for c in full} == {
        ("bn", "torch"),
        ("ln", "torch"),
        ("gn", "torch"),
        ("in", "torch"),
        ("none", "torch"),
        ("none", "he"),
    }
    assert {(c.momentum, c.batch_size, c.decay, c.steps, c.images, c.validation) for c in full} == {
        (0.9, 64, "none", 300, 6000, False)
    }
    quick = LEARNING_RATE.trials(QUICK_SEEDS, True)
    assert len(quick) == 6 * 6
    assert {(c.steps, c.dataset) for c in quick} == {(100, "mnist-small")}
    assert {c.dataset for c in full} == {"mnist"}
    assert {c.lr for c in quick} < {c.lr for c in full}


def test_a_trial_is_a_plain_training_and_its_row(few):
    config = LabConfig(norm="gn", groups=4, dataset="digits", batch_size=32, epochs=10, steps=25, lr=0.01, seed=1)
    shares = []
    (row,) = LEARNING_RATE.measure(config, Context(data=given(few), tell=shares.append))
    model = build(config).train()
    weights = list(model.parameters())
    velocity = [torch.zeros_like(weight) for weight in weights]
    losses = []
    for _, (x, y) in zip(range(25), batches(few, config), strict=False):
        loss = F.cross_entropy(model(x), y)
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for weight, v, gradient in zip(weights, velocity, gradients, strict=True):
                v.mul_(0.9).add_(gradient)
                weight.sub_(0.01 * v)
        losses.append(float(loss.detach()))
    assert row["loss"] == pytest.approx(sum(losses[-20:]) / 20, rel=1e-3)
    assert {k: v for k, v in row.items() if k != "loss"} == {"seed": 1, "net": "gn", "lr": 0.01, "diverged": False}
    assert shares == pytest.approx([(i + 1) / 25 for i in range(25)])


def test_the_loss_of_a_training_is_the_mean_of_its_last_steps():
    assert LAST == 20
    found = ended([9.0] * 5 + [1.0] * 10 + [2.0] * 10)
    assert (found.loss, found.diverged) == (1.5, False)
    assert ended([1.0, 2.0]).loss == 1.5


@pytest.mark.parametrize("wrong", [math.inf, math.nan])
def test_a_loss_that_is_no_number_counts_as_chance(wrong):
    found = ended([2.3] * 50 + [wrong])
    assert (found.loss, found.diverged) == (pytest.approx(math.log(10)), True)
    assert pytest.approx(2.302585) == CHANCE


def test_a_training_that_overflows_says_so(few, tmp_path):
    config = LabConfig(norm="none", initialization="he", dataset="digits", batch_size=32, epochs=5, lr=100, seed=0)
    assert final_loss(config, few).diverged
    rows = LEARNING_RATE.measure(config, Context(data=given(few)))
    assert rows[0]["diverged"] is True
    assert rows[0]["loss"] == round(CHANCE, 5)
    saved = Table("learning-rate", quick=True, done={"{}": Done(tuple(rows), 0.1)})
    assert load(save(saved, tmp_path)).rows == list(rows)


def test_a_stop_ends_a_training_at_once(few):
    class Stop(Exception):
        pass

    def stop(share):
        raise Stop

    with pytest.raises(Stop):
        final_loss(LabConfig(norm="bn", dataset="digits"), few, stop)


def test_best_loss_and_largest_usable_rate_by_seed():
    made = table(best={"bn": 0.04})
    assert best_loss(made, BN) == {3: 0.04, 4: 0.04}
    assert best_loss(made, NONE) == {3: 2.3, 4: 2.3}
    assert largest_usable(made, BN) == {3: 0.2, 4: 0.2}
    assert largest_usable(made, NONE) == {}


def test_a_rate_is_usable_below_a_loss_of_one():
    def at(loss):
        rows = [{"seed": 3, "net": "bn", "lr": 0.1, "loss": loss, "diverged": False}]
        return largest_usable(Table("learning-rate", quick=True, done={"": Done(tuple(rows), 0.0)}), BN)

    assert at(0.999) == {3: 0.1}
    assert at(1.0) == {}


def test_each_answer_of_each_check():
    reproduced = table(best={"bn": 0.05})
    assert answers(reproduced) == ["reproduced", "reproduced", "not at this scale", "reproduced"]
    nothing = table(high=dict.fromkeys(HIGH, 0.1))
    assert answers(nothing) == ["not at this scale"] * 4
    contradicted = table(high=HIGH | {"bn": 0.01, "ln": 0.01, "gn": 0.05}, best={"bn": 0.2})
    assert answers(contradicted) == ["contradicted"] * 4
    assert answers(table(high=HIGH | {"ln": 0.2, "gn": 0.2}))[2:] == ["reproduced", "not at this scale"]
    # one seed alone bears nothing out
    one = table((3,), best={"bn": 0.05}).done["all"].rows
    other = table((4,), high=dict.fromkeys(HIGH, 0.1)).done["all"].rows
    both = Table("learning-rate", quick=False, done={"all": Done((*one, *other), 0.0)})
    assert answers(both) == ["not at this scale"] * 4


def test_differences_are_powers_of_two():
    checks = LEARNING_RATE.checks
    made = table(best={"bn": 0.025})
    assert checks[0].difference(made) == pytest.approx({3: 2, 4: 2})  # 0.1 / 0.025
    assert checks[1].difference(made) == pytest.approx({3: 2, 4: 2})  # 0.2 / 0.05
    assert checks[2].difference(table(high=HIGH | {"ln": 0.2, "gn": 0.1})) == pytest.approx({3: 1, 4: 1})
    assert checks[3].difference(table(high=HIGH | {"ln": 0.1})) == pytest.approx({3: 1, 4: 1})


def test_one_that_is_never_usable_counts_as_at_the_least_rate():
    made = table(high=HIGH | {"none, He": 0.0, "bn": 0.002})
    assert LEARNING_RATE.checks[1].difference(made) == pytest.approx({3: 1, 4: 1})


def test_the_margins_are_declared():
    assert [(check.margin, check.unit) for check in LEARNING_RATE.checks] == [
        (0.5, "halvings of the loss"),
        (1.5, "doublings of the learning rate"),
        (1.5, "doublings of the learning rate"),
        (1.5, "doublings of the learning rate"),
    ]
    made = table(best={"bn": 0.05})
    wider = replace(
        LEARNING_RATE, checks=tuple(replace(check, margin=check.margin + 1) for check in LEARNING_RATE.checks)
    )
    assert [verdict.answer for verdict in wider.verdicts(made)] == ["not at this scale"] * 4


@pytest.mark.parametrize(
    ("bn", "right"),
    [(0.05, "Not at all"), (0.02, "Not at all"), (0.1, "2 to 5 times"), (0.2, "2 to 5 times"), (0.5, "About 10 times")],
)
def test_the_right_prediction_is_the_table_s(bn, right):
    assert LEARNING_RATE.prediction.right(table(high=HIGH | {"bn": bn})) == right


def test_a_large_factor_is_the_last_option():
    assert LEARNING_RATE.prediction.right(table(high=HIGH | {"bn": 1.0})) == OPTIONS[-1] == "20 times or more"


def test_what_was_seen_follows_the_table():
    seen = LEARNING_RATE.seen
    made = table(diverged={("none", 0.5), ("none", 1.0)})
    assert seen(made).startswith(
        "The largest usable learning rate is 0.2 with BN and 0.05 without a norm (He initialization): BN allows 4 "
        "times as much."
    )
    assert (
        "The largest usable rate is 0.05 with LN, 0.05 with GN (4) and 0.1 with IN. No rate is reliably usable without "
        "a norm (torch's initialization)." in seen(made)
    )
    # per seed: 2 rates of BN, 4 each of LN, GN and He, 3 of IN, all 10 of none
    assert (
        "Of 54 trainings that ended above a loss of 1, 50 stayed near 2.30, the loss of guessing. Numbers overflowed "
        "in 4 of all 120 trainings." in seen(made)
    )
    assert "overflowed" not in seen(table())
    assert "A norm steadies the training" in seen(table())
    assert "A norm steadies the training" not in seen(table(high=HIGH | {"bn": 0.05}))
    assert seen(table(high=HIGH | {"bn": 0.05})).startswith("The largest usable learning rate is 0.05 both with BN")
    assert "here BN does not stand the larger one" in seen(table(high=HIGH | {"bn": 0.02}))
    assert seen(table(high=HIGH | {"none, He": 0.0})).startswith("BN can be used up to a learning rate of 0.2;")
    assert seen(table(high=HIGH | {"bn": 0.0})).startswith("No learning rate is usable with BN.")
    assert "ended above" not in seen(table(high=dict.fromkeys(HIGH, 1.0)))


def test_the_picture_and_its_words_have_the_table_s_numbers():
    made = table(seeds=(3, 4, 5))
    figure = LEARNING_RATE.picture(made)
    lines = {trace.name: trace for trace in figure.data if trace.mode == "lines+markers"}
    assert list(lines) == [net.label for net in NETS]
    assert list(lines["BN"].x) == list(RATES)
    assert list(lines["BN"].y) == pytest.approx([0.1] * 8 + [2.3] * 2)
    assert lines[NONE_HE.label].line.dash == line_style("none", 1)["line"]["dash"] != lines[NONE.label].line.dash
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    assert figure.layout.shapes[0].y0 == 1.0
    assert figure.layout.title.subtitle.text.replace("\u00a0", " ") == (
        "Dotted line: below a loss of 1 a learning rate is usable."
    )
    words = LEARNING_RATE.words(made)
    assert f"{LN.label}: 0.1 at 0.001, " in words
    assert f"{GN.label}: 0.1 at 0.001, " in words
    assert words.endswith("A learning rate is usable where the loss is below 1.")


def test_the_published_figures_are_the_paper_s():
    source = LEARNING_RATE.source
    assert source.arxiv == "1502.03167"
    for figure in ("31.0", "13.3", "2.1", "2.7", "72.2 %"):
        assert figure in source.published
