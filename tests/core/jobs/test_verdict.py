"""What a race has shown: who lost, or that nobody did, and where to look next."""

from __future__ import annotations

import math

import pytest

from core.config import RunConfig
from core.experiments.listed import EXPERIMENTS
from core.jobs.snapshots import RaceSnapshot, VariantSnapshot
from core.jobs.standing import places
from core.jobs.verdict import verdict
from core.records.record import EpochRow


def row(accuracy, epoch=1) -> EpochRow:
    values = {"train_loss": 0.3, "train_accuracy": 90.0, "test_loss": 0.2, "seconds": 1.0}
    return EpochRow(epoch=epoch, test_accuracy=accuracy, **values)


def variant(norm, accuracy=None, status="complete", chance="", **values) -> VariantSnapshot:
    config = RunConfig(norm=norm, **{"dataset": "mnist-small", "epochs": 1, **values})
    rows = () if accuracy is None else (row(accuracy),)
    return VariantSnapshot(config=config, label=config.label, status=status, rows=rows, chance=chance)


def race(*variants, status="complete") -> RaceSnapshot:
    return RaceSnapshot(race_id="0" * 16, status=status, variants=variants)


@pytest.mark.parametrize(
    ("variants", "sentence", "look_at"),
    [
        (
            [variant("bn", 98.2, epochs=3), variant("none", 76.1, epochs=3)],
            "You just saw **no norm** lose: 76.10 % right after 3 epochs, **BN** 98.20 %. That is a difference of 221 "
            "of the 1,000 test images, more than chance explains. One seed is no proof.",
            ("depth", "learning-rate"),
        ),
        (
            [variant("bn", 98.2), variant("ln", 97.9), variant("gn", 98.0)],
            "You just saw no loser: **BN** is first with 98.20 %, **LN** last with 97.90 %. That is a difference of 3 "
            "of the 1,000 test images, no more than another seed may make.",
            ("set-size", "light"),
        ),
        (
            [variant("bn", 98.2, l1=1e-4), variant("ln", 98.2)],
            "You just saw no loser: **BN + L1 and LN** ended alike at 98.20 %.",
            ("pruning", "set-size"),
        ),
        (
            [variant("none", status="diverged"), variant("bn", 98.0)],
            "You just saw **no norm** diverge: the loss stopped being a finite number. **BN** ended at 98.00 %.",
            ("depth", "learning-rate"),
        ),
        (
            [variant("none", status="diverged"), variant("bn", status="diverged")],
            "You just saw **no norm and BN** diverge: this learning rate is too high.",
            ("depth", "learning-rate"),
        ),
        (
            [variant("none", 10.0, chance="At chance level."), variant("bn", 98.0), variant("ln", 97.0)],
            "You just saw **no norm** still at chance level after 1 epoch, **BN** at 98.00 %. More epochs or "
            "another seed may change that.",
            ("depth", "learning-rate"),
        ),
        (
            [variant("bn", 10.0, chance="At chance level."), variant("ln", 10.0, chance="At chance level.")],
            "You just saw **BN and LN** still at chance level after 1 epoch. More epochs or another seed may "
            "change that.",
            ("learning-rate", "set-size"),
        ),
        (
            [variant("bn", 60.0, batch_size=2), variant("gn", 95.0, batch_size=2)],
            "You just saw **BN** lose: 60.00 % right after 1 epoch, **GN (4)** 95.00 %. That is a difference of 350 of "
            "the 1,000 test images, more than chance explains. One seed is no proof.",
            ("set-size", "light"),
        ),
        (
            [variant("ln", 97.9)],
            "You just saw **LN** reach 97.90 %: 21 of the 1,000 test images are wrong. A race against another "
            "norm shows what this one does.",
            ("set-size", "light"),
        ),
        (
            [variant("bn", 98.0), variant("ln", 90.0, status="interrupted")],
            "Not all variants finished, so nobody has lost.",
            (),
        ),
    ],
)
def test_what_a_race_has_shown(variants, sentence, look_at):
    found = verdict(race(*variants))
    assert found is not None
    assert (found.sentence, found.look_at) == (sentence, look_at)
    assert set(look_at) <= {experiment.name for experiment in EXPERIMENTS}


def ran(norm, *accuracies, status="complete", chance="") -> VariantSnapshot:
    config = RunConfig(norm=norm, dataset="mnist-small", epochs=len(accuracies) or 1)
    rows = tuple(row(accuracy, epoch) for epoch, accuracy in enumerate(accuracies, start=1))
    return VariantSnapshot(config=config, label=config.label, status=status, rows=rows, chance=chance)


@pytest.mark.parametrize(
    ("variants", "sentence", "look_at"),
    [
        (  # who was slow at first is no longer the last one at the end
            [ran("bn", 92.1, 98.5), ran("ln", 71.0, 97.9), ran("gn", 77.1, 99.0), ran("in", 10.0, 98.6)],
            "**BN** learned fastest: after the first epoch it had 92.10 % right, **GN (4)** as the next 77.10 %, "
            "**IN** as the last 10.00 %. After 2 epochs **GN (4)** has 99.00 %, **LN** 97.90 %: 11 of the 1,000 test "
            "images apart, no more than chance explains. One seed is no proof.",
            ("set-size", "light"),
        ),
        (
            [ran("bn", 88.6, 96.0, 98.2), ran("none", 10.0, 12.0, 76.1)],
            "**BN** learned faster: after the first epoch it had 88.60 % right, **no norm** 10.00 %. After 3 epochs "
            "**BN** has 98.20 %, **no norm** 76.10 %: 221 of the 1,000 test images apart, more than chance explains. "
            "One seed is no proof.",
            ("depth", "learning-rate"),
        ),
        (
            [ran("bn", 71.8, 98.5), ran("none", 10.0, 12.2, chance="At chance level.")],
            "**BN** learned faster: after the first epoch it had 71.80 % right, **no norm** 10.00 %. You just saw **no "
            "norm** still at chance level after 2 epochs, **BN** at 98.50 %. More epochs or another "
            "seed may change that.",
            ("depth", "learning-rate"),
        ),
        (
            [ran("bn", 90.0, 98.0), ran("ln", 91.0, 98.0), ran("none", 10.0, 98.0)],
            "**LN and BN** learned fastest, hardly apart: after the first epoch they had 90.00 to 91.00 % right, **no "
            "norm** as the last 10.00 %. After 2 epochs all have 98.00 %. One seed is no proof.",
            ("set-size", "light"),
        ),
        (
            [ran("bn", 90.0), ran("ln", 91.0)],
            "Nobody learned clearly faster: after the first epoch **LN** had 91.00 % right, **BN** 90.00 %. One seed "
            "is no proof.",
            ("set-size", "light"),
        ),
        (
            [ran("bn", 90.0, 98.0), ran("gn", 70.0, 97.0), ran("none", status="diverged")],
            "**BN** learned faster: after the first epoch it had 90.00 % right, **GN (4)** 70.00 %. You just saw **no "
            "norm** diverge: the loss stopped being a finite number. **BN** ended at 98.00 %.",
            ("depth", "learning-rate"),
        ),
    ],
)
def test_who_was_fastest_is_told_first_where_that_was_asked(variants, sentence, look_at):
    found = verdict(race(*variants), "who is fastest")
    assert found is not None
    assert (found.sentence, found.look_at) == (sentence, look_at)


@pytest.mark.parametrize(
    "variants",
    [
        [ran("bn", 90.0)],
        [ran("bn", 90.0), ran("none", status="diverged")],
        [ran("bn", 10.0, chance="At chance level."), ran("ln", 10.0, chance="At chance level.")],
        [ran("bn", 90.0), ran("ln", 80.0, status="interrupted")],
    ],
)
def test_where_no_two_have_learned_nobody_was_fastest(variants):
    assert verdict(race(*variants), "who is fastest") == verdict(race(*variants)) is not None


@pytest.mark.parametrize("apart", [1, 3, 20, 100])
def test_who_is_more_than_three_standard_deviations_behind_has_lost(apart):
    """The deviation of the difference is the root of both errors' sum; here 20 errors and ``apart`` more of 1,000."""
    found = verdict(race(variant("bn", 98.0), variant("gn", 98.0 - apart / 10)))
    assert found is not None
    assert ("no loser" not in found.sentence) == (apart > 3 * math.sqrt(40 + apart))


def test_no_verdict_before_the_end_and_none_of_a_race_in_which_nothing_was_finished():
    assert verdict(race(variant("bn", 98.0), variant("ln", status="training"), status="running")) is None
    assert verdict(race(variant("bn", status="interrupted"), status="interrupted")) is None
    assert verdict(race(variant("bn", status="failed"), status="failed")) is None


def test_places_are_by_the_last_epoch_that_all_have_finished():
    assert places(race(ran("bn", 90.0, 99.0), ran("bn", 95.0), ran("bn", 95.0), ran("bn", 91.0, 92.0))) == [4, 1, 1, 3]
    assert places(race(ran("bn"), ran("bn", 95.0), ran("bn", 96.0))) == [None, 2, 1]
    assert places(race(ran("bn"), ran("bn"))) == [None, None]
