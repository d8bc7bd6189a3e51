"""What can be thrown away: the removable share, the verdicts, what is said and drawn, all by hand-made tables."""

from dataclasses import asdict, replace

import pytest

from core.catalogue import NORMS
from core.config import DEFAULT_GROUPS
from core.experiments.experiment import judge
from core.experiments.listed import EXPERIMENTS
from core.experiments.pruned import RENEWED, SHARES, Network, measure
from core.experiments.pruning import MARGIN, PRUNING
from core.experiments.pruning_networks import BN, BN_L1, GN, GN_L1, LN, LN_L2, METHODS
from core.experiments.pruning_seen import OPTIONS, gain, removable
from core.experiments.table import Done, Table

FULL = 0.41
"""An error whose sum with half a point, as a binary number, lies below 0.91."""
USUAL = {
    BN: (40, 35),
    BN_L1: (80, 82),
    "BN + L1 + L2": (75, 80),
    GN: (55, 50),
    GN_L1: (84, 80),
    LN: (45,),
    LN_L2: (50,),
}


def rows(method, seed, share, *, renewed=False, near_zero=4.0, beyond=80.0):
    """A network of which ``share`` percent can be removed, at just the price that is tolerated."""
    for at in SHARES:
        row = {"seed": seed, "method": method, "renewed": renewed, "share": at}
        error = FULL if at == 0 else FULL + 0.5 if at < share else 0.91 if at == share else beyond
        yield {**row, "error": error} if at or renewed else {**row, "error": error, "near_zero": near_zero}


def table(removed=USUAL, *, renewed=60, near_zero=54.0, beyond=80.0):
    done = {}
    for method, shares in removed.items():
        for seed, share in enumerate(shares):
            penalty = near_zero if "L1" in method else 4.0
            found = tuple(rows(method, seed, share, near_zero=penalty, beyond=beyond))
            if method == BN:
                found += tuple(rows(method, seed, renewed, renewed=True, beyond=beyond / 2))
            done[f"{method} {seed}"] = Done(found, 1.0)
    return Table("pruning", False, done)


def test_the_share_that_is_removable():
    found = table()
    for method, shares in USUAL.items():
        assert removable(found, method) == {seed: float(share) for seed, share in enumerate(shares)}
    assert removable(found, BN, renewed=True) == {0: 60.0, 1: 60.0}
    assert removable(found, "IN") == {}


def test_a_hundredth_of_a_point_more_is_too_much():
    found = table({LN: (45,)})
    done = found.done["LN 0"]
    more = tuple({**row, "error": 0.92} if row["share"] == 45 else row for row in done.rows)
    assert removable(Table("pruning", False, {"LN 0": Done(more, 1.0)}), LN) == {0: 40.0}
    # and nothing counts behind the first share that is too much
    gap = tuple({**row, "error": 5.0} if row["share"] == 30 else row for row in done.rows)
    assert removable(Table("pruning", False, {"LN 0": Done(gap, 1.0)}), LN) == {0: 0.0}


def test_a_gain_is_of_the_seeds_that_have_both():
    assert gain(table({BN: (40, 35), BN_L1: (80, 82, 90)}), BN_L1, BN) == {0: 40.0, 1: 47.0}


L1_ON_BN, L1_ON_GN, NOT_L2 = range(3)
YES, NO, OPPOSITE = "reproduced", "not at this scale", "contradicted"


@pytest.mark.parametrize(
    ("check", "changes", "answer", "evidence"),
    [
        (L1_ON_BN, {}, YES, "By seed: +40 (seed 0), +47 (seed 1) points of share."),
        (L1_ON_BN, {BN: (65, 35)}, NO, "By seed: +15 (seed 0), +47 (seed 1) points of share."),
        (L1_ON_BN, {BN: (90, 90), BN_L1: (70, 70)}, OPPOSITE, "By seed: -20 (seed 0), -20 (seed 1) points of share."),
        (L1_ON_GN, {}, YES, "By seed: +29 (seed 0), +30 (seed 1) points of share."),
        (L1_ON_GN, {GN: (82, 84)}, NO, "By seed: +2 (seed 0), -4 (seed 1) points of share."),
        (L1_ON_GN, {GN: (84, 80), GN_L1: (55, 50)}, OPPOSITE, "By seed: -29 (seed 0), -30 (seed 1) points of share."),
        (NOT_L2, {}, YES, "By seed: +10 (seed 0) points of share."),
        (NOT_L2, {LN_L2: (60, 80), LN: (45, 80)}, NO, "By seed: +0 (seed 0), +15 (seed 1) points of share."),
        (NOT_L2, {LN_L2: (65,)}, OPPOSITE, "By seed: -5 (seed 0) points of share."),
    ],
)
def test_each_answer_of_each_check(check, changes, answer, evidence):
    verdict = PRUNING.verdicts(table(USUAL | changes))[check]
    assert (verdict.answer, verdict.evidence) == (answer, evidence)


def test_another_margin_is_another_answer():
    found = table(USUAL | {BN: (64, 65), BN_L1: (80, 82)})  # no share of 64: 60 are removable
    check = PRUNING.checks[L1_ON_BN]
    assert check.margin == MARGIN == 15
    differences = check.difference(found)
    assert differences == {0: 20.0, 1: 17.0}
    assert [judge(differences, margin) for margin in (check.margin, 17)] == [YES, NO]
    other = replace(PRUNING, checks=(replace(check, margin=18),))
    assert other.verdicts(found)[0].answer == NO


def test_what_is_said_where_l1_helps():
    assert PRUNING.seen(table()) == (
        "At the price of half a point of error, 81 % of the weights of BN + L1 can be removed and 38 % of those of BN."
        "\n\n"
        "L1 pulls at a weight with the same force however small it is, so what is of little use ends near 0: 54 % of "
        "the weights lie below 0.05 of the RMS of their filter, 4 % without a penalty. With 80 % removed, BN is wrong "
        "on 80.0 % of the images and BN + L1 on 0.9 %. Part of that is the stored statistics, which belong to the "
        "whole network: with re-estimated ones BN is wrong on 40.0 %. L2 pulls less at a smaller weight, so it brings "
        "none to 0: 50 % of the weights of LN + L2 can be removed and 45 % of those of LN."
    )


def test_what_is_said_where_it_does_not():
    said = PRUNING.seen(table(USUAL | {BN: (80, 80), LN_L2: (80,)}, renewed=80, near_zero=3.0))
    assert said == (
        "At the price of half a point of error, 81 % of the weights of BN + L1 can be removed and 80 % of those of BN. "
        "Here L1 did not make clearly more of them removable.\n\nWith 80 % removed, BN is wrong on 0.9 % of the images "
        "and BN + L1 on 0.9 %. Of LN + L2 80 % of the weights can be removed, and 45 % of those of LN."
    )


def test_no_reason_is_given_that_the_numbers_do_not_show():
    said = PRUNING.seen(table(near_zero=3.0))
    assert "81 % of the weights of BN + L1" in said
    assert "pulls at a weight" not in said
    assert "did not" not in said


@pytest.mark.parametrize(("share", "option"), [(0, 0), (30, 1), (50, 1), (55, 2), (75, 2), (80, 3)])
def test_the_right_prediction(share, option):
    assert PRUNING.prediction.right(table(USUAL | {BN_L1: (share,)})) == OPTIONS[option]
    assert PRUNING.prediction.options == OPTIONS


def test_the_picture_holds_the_table():
    found = table()
    traces = [trace for trace in PRUNING.picture(found).data if trace.mode == "lines+markers"]
    assert [trace.name for trace in traces] == [
        "BN", "BN, re-estimated", "BN + L1", "BN + L1 + L2", "GN (4)", "GN (4) + L1", "LN", "LN + L2",
    ]  # fmt: skip
    for trace in traces:
        method, renewed = trace.name.split(",")[0], "re-estimated" in trace.name
        assert list(trace.x) == list(SHARES)
        assert list(trace.y) == [found.mean("error", method=method, renewed=renewed, share=at) for at in SHARES]
        assert trace.line.color == NORMS[next(of.norm for of in METHODS if of.method == method)].color
    looks = [(trace.line.color, trace.line.dash, trace.marker.symbol) for trace in traces]
    assert len(set(looks)) == len(looks)


def test_the_picture_in_words():
    words = PRUNING.words(table())
    assert words.startswith("Test error, % over weights removed, %. BN: 0.41 at 0, 40.5 at 40, 80 at 60, 80 at 80")
    assert words.endswith("LN + L2: 0.41 at 0, 0.91 at 40, 80 at 60, 80 at 80, 80 at 90.")


def test_the_full_form_takes_every_network_of_these_methods():
    found = PRUNING.trials((3, 4, 5, 6, 7), False)
    counts = {}
    for settings in found:
        counts.setdefault(settings.method, []).append(settings.seed)
    assert {method: len(seeds) for method, seeds in counts.items()} == {
        BN: 8, BN_L1: 8, "BN + L1 + L2": 5, GN: 8, GN_L1: 5, LN: 8, LN_L2: 5,
    }  # fmt: skip
    assert all(seeds == list(range(len(seeds))) for seeds in counts.values())
    assert {(s.dataset, s.tests, s.validation) for s in found} == {("mnist", 10_000, False)}
    assert {s.method for s in found if s.renewed} == {BN}
    assert {s.renewed for s in found} == {0, RENEWED}
    assert len({trial.key for trial in PRUNING.units((3,), quick=False)}) == len(found) == 47


def test_the_quick_form_takes_one_seed_and_small_mnist():
    found = PRUNING.trials((0,), True)
    assert [settings.method for settings in found] == list(USUAL)
    assert {(s.seed, s.dataset, s.tests) for s in found} == {(0, "mnist-small", 1000)}
    few = [s.method for s in PRUNING.trials((6,), True)]  # the others ship with five
    assert few == [BN, BN_L1, GN, LN]


def test_it_is_listed():
    assert PRUNING in EXPERIMENTS
    assert PRUNING.measure is measure
    assert PRUNING.live
    assert asdict(Network(norm="bn"))["dataset"] == "mnist"
    assert DEFAULT_GROUPS == 4  # what the labels above say
