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
            "of the 1,000 test images, more than chance explains.",
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
            "You just saw **no norm** learn nothing: the answers are at chance level. **BN** ended at 98.00 %.",
            ("depth", "learning-rate"),
        ),
        (
            [variant("bn", 10.0, chance="At chance level."), variant("ln", 10.0, chance="At chance level.")],
            "You just saw **BN and LN** learn nothing: after 1 epoch the answers are at chance level.",
            ("learning-rate", "set-size"),
        ),
        (
            [variant("bn", 60.0, batch_size=2), variant("gn", 95.0, batch_size=2)],
            "You just saw **BN** lose: 60.00 % right after 1 epoch, **GN (4)** 95.00 %. That is a difference of 350 of "
            "the 1,000 test images, more than chance explains.",
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
    def ran(*accuracies) -> VariantSnapshot:
        rows = tuple(row(accuracy, epoch) for epoch, accuracy in enumerate(accuracies, start=1))
        return VariantSnapshot(config=RunConfig(norm="bn", epochs=3), label="", rows=rows)

    assert places(race(ran(90.0, 99.0), ran(95.0), ran(95.0), ran(91.0, 92.0))) == [4, 1, 1, 3]
    assert places(race(ran(), ran(95.0), ran(96.0))) == [None, 2, 1]
    assert places(race(ran(), ran())) == [None, None]
