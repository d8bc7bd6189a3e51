"""Running against precise statistics: the averages against torch's, and what is said of tables made by hand."""

import copy
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from core.experiments.averages import RunningAverage, loss_and_error
from core.experiments.data import network_input, part
from core.experiments.experiment import Context
from core.experiments.run import given
from core.experiments.settings import LabConfig
from core.experiments.statistics import batch_norms, reestimated
from core.experiments.table import Done, Table
from core.experiments.training import LabTraining
from core.experiments.two_curves import TWO_CURVES
from core.experiments.two_curves_seen import HALF, NEARLY_ALL, NO_RISE
from core.experiments.two_curves_shown import rises
from core.experiments.two_curves_trained import measure

CONFIG = LabConfig(norm="bn", dataset="digits", images=400, tests=60, batch_size=32, steps=6, lr=0.1, seed=1)


def table(running, precise, gn, ln, momenta=None, seeds=(3, 4)):
    """Each loss rises from 1 by so many nats and falls again."""
    rows = []
    for seed in seeds:
        kinds = [({"norm": "bn", "statistics": "running", "momentum": 0.1}, running)]
        kinds += [({**kinds[0][0], "momentum": m}, v) for m, v in (momenta or {0.01: 3, 0.3: 2, 1.0: 0.5}).items()]
        kinds += [({"norm": "bn", "statistics": "precise"}, precise)]
        kinds += [({"norm": norm, "statistics": "own"}, v) for norm, v in (("gn", gn), ("ln", ln))]
        for kind, up in kinds:
            for step, loss in ((10, 1.0), (20, 1.0 + up), (30, 0.5)):
                rows.append({**kind, "seed": seed, "step": step, "loss": loss, "error": 5.0})
    return Table("two-curves", False, {"all": Done(tuple(rows), 1.0)})


def answers_of(found):
    return [verdict.answer for verdict in TWO_CURVES.verdicts(found)]


def test_trials():
    full, quick = TWO_CURVES.trials((3, 4), False), TWO_CURVES.trials((0,), True)
    assert [(c.norm, c.seed) for c in full] == [(n, s) for s in (3, 4) for n in ("bn", "gn", "ln")]
    assert {c.dataset for c in full} == {"mnist"}
    assert {c.dataset for c in quick} == {"mnist-small"}
    assert {(c.steps, c.batch_size, c.lr, c.momentum, c.tests) for c in (*full, *quick)} == {(100, 64, 0.03, 0.9, 1000)}


@pytest.mark.parametrize("momentum", [0.01, 0.1, 1.0])
def test_running_average_is_the_one_that_torch_keeps(digits, momentum):
    data = part(digits, CONFIG)
    ours, torchs = LabTraining(CONFIG, data), LabTraining(CONFIG, data)
    for training, m in ((ours, 1.0), (torchs, momentum)):
        for layer in batch_norms(training.model):
            layer.momentum = m
    average = RunningAverage(ours.model, momentum)
    for _ in zip(ours, torchs, strict=True):
        average.add(ours.model)
    before = copy.deepcopy(ours.model.state_dict())
    found = average.applied(ours.model)
    for a, b in zip(found.parameters(), torchs.model.parameters(), strict=True):
        assert torch.equal(a, b)  # momentum does not alter training
    for a, b in zip(batch_norms(found), batch_norms(torchs.model), strict=True):
        torch.testing.assert_close(a.running_mean, b.running_mean)
        torch.testing.assert_close(a.running_var, b.running_var)
    assert all(torch.equal(a, b) for a, b in zip(ours.model.state_dict().values(), before.values(), strict=True))


def test_measure_equals_plain_torch(digits):
    rows = measure(CONFIG, Context(data=given(digits)))
    assert [(r["step"], r["statistics"]) for r in rows] == [
        (step, kind) for step in (2, 4, 6) for kind in (*["running"] * 4, "precise")
    ]
    data = part(digits, CONFIG)
    training = LabTraining(CONFIG, data)
    list(training)
    x, y = network_input(data.test_images, data), data.test_labels
    precise = reestimated(training.model, network_input(data.train_images, data))
    for row, model in ((rows[-5], training.model.eval()), (rows[-1], precise)):
        with torch.no_grad():
            logits = model(x)
        assert row["loss"] == pytest.approx(float(F.cross_entropy(logits, y)), rel=1e-4)
        assert row["error"] == pytest.approx(100 * float((logits.argmax(1) != y).float().mean()), abs=1e-3)
    assert loss_and_error(precise, x, y)["loss"] == rows[-1]["loss"]


def test_other_norms_are_tested_once_a_time(digits):
    rows = measure(replace(CONFIG, norm="gn"), Context(data=given(digits)))
    assert [(r["step"], r["statistics"]) for r in rows] == [(2, "own"), (4, "own"), (6, "own")]


def test_rises_do_not_count_what_falls():
    assert rises([2.0, 1.0, 1.5, 0.5, 3.0]) == 3.0
    assert rises([1.0]) == rises([]) == 0


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ((3.0, 0.1, 1.0, 1.1), ["reproduced"] * 3),
        ((0.1, 3.0, 1.0, 1.1), ["contradicted"] * 3),
        ((1.05, 0.95, 1.0, 1.0), ["not at this scale"] * 3),
        ((1.0, 0.51, 0.6, 0.8), ["not at this scale", "reproduced", "not at this scale"]),
        ((1.0, 0.49, 0.6, 0.95), ["reproduced", "not at this scale", "reproduced"]),
    ],
)
def test_each_answer_and_the_margins(values, wanted):
    assert answers_of(table(*values)) == wanted


def test_seen_follows_the_numbers():
    found = TWO_CURVES.seen(table(4.0, 0.4, 1.0, 1.1))
    assert found.startswith(
        "Over 30 steps BN's test loss rises by 4.00 nats in all with running statistics, and by 0.40 with precise ones "
        "of the very same weights. So 90 % of the rises are not the weights' doing.\n\n"
    )
    assert "2.00 nats at momentum 0.3 and 0.50 nats at momentum 1." in found
    assert "That fits the study" in found
    up = TWO_CURVES.seen(table(4.0, 0.4, 1.0, 1.1, {0.01: 3.0, 0.3: 5.0, 1.0: 6.0}))
    assert "With other momenta of the average it rises by 3.00 nats at momentum 0.01, 5.00" in up
    assert "That fits the study" not in TWO_CURVES.seen(table(4.0, 2.0, 1.0, 1.1))
    none = TWO_CURVES.seen(table(1.0, 0.9, 1.0, 1.0))
    assert "doing" not in none
    assert "Here the running statistics do not make the loss rise by 0.5 nat more in every seed." in none


def test_right_is_an_option():
    found = [TWO_CURVES.prediction.right(table(4.0, p, 1.0, 1.0)) for p in (4.0, 3.0, 2.0, 0.2)]
    assert found == list(TWO_CURVES.prediction.options)
    assert found[0] == NO_RISE
    assert found[2:] == [HALF, NEARLY_ALL]
    assert TWO_CURVES.prediction.right(table(0.0, 0.0, 1.0, 1.0)) == NO_RISE


def test_picture_and_words_hold_the_numbers():
    found = table(3.0, 0.1, 1.0, 1.1)
    drawn = {trace.name: trace for trace in TWO_CURVES.picture(found).data}
    assert list(drawn) == ["BN, running", "BN, precise", "GN (4)", "LN"]
    assert list(drawn["BN, running"].y) == [1.0, 4.0, 0.5]
    assert list(drawn["BN, precise"].x) == [10, 20, 30]
    assert "BN, precise: 1 at 10, 1.1 at 20, 0.5 at 30" in TWO_CURVES.words(found)
    assert "BN, running: 3.00; BN, precise: 0.10; GN (4): 1.00; LN: 1.10." in TWO_CURVES.words(found)
