"""Events as JSON lines."""

import json
from dataclasses import FrozenInstanceError

import pytest

from core.training.events import BatchDone, Diverged, EpochDone, EvaluationProgress, RunCompleted, RunStarted, plain

WHO = {"run_id": "0123456789abcdef", "label": "BN"}


def test_names_are_those_of_the_json_lines():
    kinds = (RunStarted, BatchDone, EvaluationProgress, EpochDone, Diverged, RunCompleted)
    assert [kind.name.fget(object.__new__(kind)) for kind in kinds] == [
        "run_started",
        "batch_done",
        "evaluation_progress",
        "epoch_done",
        "diverged",
        "run_completed",
    ]


def test_json_holds_every_field_and_the_name_first():
    event = BatchDone(**WHO, epoch=1, batch=2, batches=3, loss=0.5, images=256)
    line = event.to_json()
    assert next(iter(line)) == "event"
    assert line == {"event": "batch_done", **WHO, "epoch": 1, "batch": 2, "batches": 3, "loss": 0.5, "images": 256}
    assert json.loads(json.dumps(line, allow_nan=False)) == line


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_does_not_have_becomes_null(value):
    line = BatchDone(**WHO, epoch=1, batch=1, batches=1, loss=value, images=1).to_json()
    assert line["loss"] is None
    assert json.dumps(line, allow_nan=False)


def test_events_are_frozen():
    event = EvaluationProgress(**WHO, epoch=1, images=250, total=1000)
    with pytest.raises(FrozenInstanceError):
        event.images = 3


def test_what_is_not_finite_is_null_however_deep():
    nan, inf = float("nan"), float("inf")
    assert plain({"a": nan, "b": {"c": [1.5, -inf, (2, inf)]}, "d": "nan", "e": True}) == {
        "a": None,
        "b": {"c": [1.5, None, [2, None]]},
        "d": "nan",
        "e": True,
    }
