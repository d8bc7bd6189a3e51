"""The state of a run, made from its events."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from core.config import RunConfig
from core.jobs.fold import Fold, is_point
from core.jobs.recorder import Recorder
from core.jobs.snapshots import EarlyPoint, VariantSnapshot
from core.training.events import BatchDone, Diverged, EpochDone, EvaluationProgress, RunCompleted, RunStarted
from core.training.loop import train

WHO = {"run_id": "0123456789abcdef", "label": "BN"}


def start(epochs=2, **values) -> VariantSnapshot:
    config = RunConfig(**{"norm": "bn", "dataset": "digits", "epochs": epochs, "batch_size": 50, **values})
    return VariantSnapshot(config=config, label="BN, seed 0")


def done(epoch) -> EpochDone:
    values = {"train_loss": 0.3, "train_accuracy": 90.0, "test_loss": 0.2, "test_accuracy": 93.0, "seconds": 5.0}
    return EpochDone(**WHO, epoch=epoch, penalty=0.1, **values)


def batch(epoch, number, loss=1.0) -> BatchDone:
    return BatchDone(**WHO, epoch=epoch, batch=number, batches=4, loss=loss, images=50 * number)


def test_each_event_by_hand():
    now = [100.0]
    fold = Fold(start(), clock=lambda: now[0])
    assert fold.state == start()
    now[0] = 110.0  # what came before the start does not count
    begin = RunStarted(**WHO, config={}, parameters=19_130, batches=4, epochs=2, train_images=200, test_images=100)
    state = fold.fold(begin, 0.0)
    assert (state.status, state.parameters, state.batches, state.epoch, state.batch) == ("training", 19_130, 4, 1, 0)
    assert state.remaining is None
    now[0] = 113.0
    state = fold.fold(batch(1, 1, 2.0), 50.0)
    assert (state.epoch, state.batch, state.images_per_second) == (1, 1, 50.0)
    assert state.remaining == 3.0 * 7  # one batch of eight took three seconds
    assert [(p.epoch, p.train_loss) for p in state.curve] == [(0.25, 2.0)]
    tested = fold.fold(EvaluationProgress(**WHO, epoch=1, images=50, total=100), 50.0)
    assert tested.status == "testing"
    assert fold.fold(EvaluationProgress(**WHO, epoch=1, images=100, total=100), 50.0) == tested
    state = fold.fold(done(1), 60.0)
    assert [(r.epoch, r.test_accuracy, r.seconds) for r in state.rows] == [(1, 93.0, 5.0)]
    assert state.images_per_second == 60.0
    completed = RunCompleted(
        **WHO, test_accuracy=93.0, test_loss=0.2, train_seconds=9.0, images_per_second=70.0, parameters=19_130
    )
    state = fold.fold(completed, 65.0)
    assert (state.status, state.ended, state.remaining, state.images_per_second) == ("complete", True, None, 70.0)
    assert state.label == "BN, seed 0"  # as the race calls it
    with pytest.raises(FrozenInstanceError):
        state.status = "waiting"


def test_the_time_left_falls_to_nothing_with_the_batches():
    now = [0.0]
    fold = Fold(start(epochs=2), clock=lambda: now[0])
    left = []
    # eight batches of two seconds each, and a test of six seconds behind the first four
    for epoch, number, second in [(e, n, 2 * (4 * (e - 1) + n) + 6 * (e - 1)) for e in (1, 2) for n in (1, 2, 3, 4)]:
        now[0] = second
        left.append(fold.fold(batch(epoch, number), 25.0).remaining)
    # seconds so far / batches so far * batches to go
    expected = [2 / 1 * 7, 4 / 2 * 6, 6 / 3 * 5, 8 / 4 * 4, 16 / 5 * 3, 18 / 6 * 2, 20 / 7 * 1, 22 / 8 * 0]
    assert left == pytest.approx(expected)
    assert left[-1] == 0


def test_answers_at_chance_level_and_a_record_that_is_not_kept_are_noted():
    fold = Fold(start())
    fold.fold(batch(1, 1), 50.0)
    assert (fold.state.chance, fold.state.kept) == ("", True)
    assert fold.answered("At chance level.").chance == fold.state.chance == "At chance level."
    assert fold.kept(False).kept is fold.state.kept is False
    assert fold.answered("").chance == ""
    assert fold.kept(True).kept is True
    assert fold.state.batch == 1


def test_a_run_that_diverges_says_why():
    fold = Fold(start())
    state = fold.fold(Diverged(**WHO, epoch=1, batch=2, reason="the loss became nan"), 0.0)
    assert (state.status, state.message, state.remaining, state.ended) == (
        "diverged",
        "the loss became nan",
        None,
        True,
    )


@pytest.mark.parametrize("status", ["interrupted", "failed"])
def test_a_run_that_no_event_ends(status):
    fold = Fold(start())
    fold.fold(batch(1, 1), 50.0)
    state = fold.stop(status, "stopped after 0 of 2 epochs")
    assert (state.status, state.message, state.remaining) == (status, "stopped after 0 of 2 epochs", None)
    assert state.batch == 1


def test_a_point_of_the_curve_means_the_losses_since_the_one_before(few):
    one = start(epochs=1, batch_size=2)  # 64 batches: a point every second one
    fold, losses = Fold(one), [[]]
    for event in train(one.config, few):
        state = fold.fold(event, 100.0)
        if isinstance(event, BatchDone):
            losses[-1].append(event.loss)
            if event.batch == 1 or event.batch % 2 == 0:  # the very first batch has a point of its own
                losses.append([])
            assert state.remaining >= 0
            assert state.images_per_second == 100.0
    assert state.ended
    assert [p.epoch for p in state.curve] == [pytest.approx(i / 64) for i in (1, *range(2, 65, 2))]
    assert [p.train_loss for p in state.curve] == [pytest.approx(sum(some) / len(some)) for some in losses[:-1]]


@pytest.mark.parametrize(
    ("epoch", "batches", "points"),
    [
        (1, 12, list(range(1, 13))),
        (1, 47, list(range(1, 48))),
        (2, 469, [*range(19, 469, 19), 469]),
        (1, 469, [*range(1, 20), *range(38, 469, 19), 469]),
        (1, 6000, [*range(1, 25), 32, 64, 128, *range(250, 6001, 250)]),
    ],
)
def test_the_curve_has_a_point_by_batch_at_first(epoch, batches, points):
    assert [batch for batch in range(1, batches + 1) if is_point(epoch, batch, batches)] == points


def test_looks_within_the_first_epoch_are_noted_in_order():
    fold = Fold(start())
    points = [EarlyPoint(0.1, 50.0, 500), EarlyPoint(0.2, 60.0, 500)]
    for point in points:
        assert fold.looked(point) is fold.state
    assert fold.state.early == tuple(points)


def test_the_record_is_made_from_the_same_state(few):
    training = train(start().config, few)
    fold = Fold(start())
    recorder = Recorder(training, None, 1, fold)
    for event in training:
        assert recorder.note(event) is fold.state
        assert recorder.record.epochs == fold.state.rows
    assert recorder.record.status == fold.state.status == "complete"
    assert recorder.record.parameters == fold.state.parameters
    assert recorder.record.images_per_second == fold.state.images_per_second > 0
