"""How a run ends before its last epoch: numbers that break, and a consumer that has had enough."""

from __future__ import annotations

import math

import pytest
import torch

from core.training.events import BatchDone, Diverged, EpochDone, RunCompleted
from core.training.loop import train
from tests.core.training.test_loop import config


def breaks_after(training, batches, value):
    """Consume the events; after so many batches the linear layer's bias becomes ``value``."""
    events = []
    for event in training:
        events.append(event)
        if isinstance(event, BatchDone) and sum(isinstance(e, BatchDone) for e in events) == batches:
            with torch.no_grad():
                training.model.head.bias.fill_(value)
    return events


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_ends_the_run_and_keeps_its_epochs(few, value):
    training = train(config(epochs=3), few)
    events = breaks_after(training, 4, value)  # the first batch of epoch 2
    end = events[-1]
    assert isinstance(end, Diverged)
    assert (end.epoch, end.batch) == (2, 2)
    assert end.reason == (
        "the loss became nan in epoch 2, batch 2; a smaller learning rate than 0.1 or a normalization helps"
    )
    assert [type(e) for e in events].count(EpochDone) == 1
    assert not any(isinstance(e, RunCompleted) for e in events)
    epoch = next(e for e in events if isinstance(e, EpochDone))
    assert training.evaluation.accuracy == epoch.test_accuracy
    assert next(training, None) is None


def test_a_break_in_the_last_step_of_an_epoch_ends_the_run_too(few):
    """No batch is left to show it, but the test set does: no row may hold a loss that is not a number."""
    training = train(config(epochs=3), few)
    events = breaks_after(training, 6, math.nan)
    end = events[-1]
    assert isinstance(end, Diverged)
    assert (end.epoch, end.batch) == (2, 3)
    assert end.reason.startswith("the test loss became nan after epoch 2; ")
    rows = [e for e in events if isinstance(e, EpochDone)]
    assert [e.epoch for e in rows] == [1]
    assert training.evaluation.accuracy == rows[0].test_accuracy


def test_a_penalty_that_overflows_is_what_the_reason_names(few):
    training = train(config(norm="none", l2=1.0), few)
    with torch.no_grad():
        training.model.head.weight.fill_(1e30)
        training.model.convs[0].weight.zero_()
        for conv in training.model.convs:
            conv.bias.zero_()
            conv.weight.zero_()
    end = list(training)[-1]
    assert isinstance(end, Diverged)
    assert end.reason.startswith("the loss became inf in epoch 1, batch 1; ")


def test_a_run_can_be_closed_in_the_middle(few):
    training = train(config(), few)
    for event in training:
        if isinstance(event, BatchDone) and (event.epoch, event.batch) == (2, 1):
            break
    before = {k: v.clone() for k, v in training.model.state_dict().items()}
    training.close()
    training.close()
    assert list(training) == []
    assert all(torch.equal(v, before[k]) for k, v in training.model.state_dict().items())
    assert training.evaluation is not None


def test_a_run_closed_before_it_began_has_no_evaluation(few):
    training = train(config(), few)
    training.close()
    assert list(training) == []
    assert training.evaluation is None
    assert training.images_per_second == 0
