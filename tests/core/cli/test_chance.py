"""A network that answers without a look at its images is called one, in words and in JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.records import store as runs
from core.records.chance import ONE_CLASS
from core.records.record import Predictions
from core.training.loop import Training, evaluate
from tests.core.cli.test_parser import DIGITS, run


def answer_three(head: torch.nn.Linear) -> None:
    """Let a network say 3 of every image."""
    with torch.no_grad():
        head.weight.zero_()
        head.bias.zero_()
        head.bias[3] = 1


@pytest.fixture
def always_three(monkeypatch):
    """Whatever is trained says 3 of every image when it is tested."""
    real = Training.__next__

    def answering(self):
        event = real(self)
        if event.name == "batch_done" and event.batch == event.batches:
            answer_three(self.model.head)
        return event

    monkeypatch.setattr(Training, "__next__", answering)


def test_a_training_says_so(capsys, tmp_path, always_three):
    arguments = ["train", "--norm", "ln", "--epochs", "1", *DIGITS, "--out", tmp_path]
    status, out, _ = run(capsys, *arguments)
    assert status == 0
    assert len(out) == 1
    # 52 of the 359 test images are a 3
    assert out[0].startswith("LN: test accuracy 14.48 %, test loss ")
    assert f" after 1 epoch. {ONE_CLASS} " in out[0]
    assert f" images/s; record in {tmp_path}" in out[0]
    status, out, _ = run(capsys, *arguments, "--json")
    end = json.loads(out[-1])
    assert (status, end["event"], end["at_chance"]) == (0, "run_completed", True)


def test_each_of_a_race_is_judged_by_itself(capsys, tmp_path, monkeypatch):
    real = Training.__next__

    def answering(self):
        event = real(self)
        if self.config.norm == "gn" and event.name == "batch_done" and event.batch == event.batches:
            answer_three(self.model.head)
        return event

    monkeypatch.setattr(Training, "__next__", answering)
    arguments = ["race", "--epochs", "3", "--batch-size", "64", *DIGITS, "--out", tmp_path]
    status, out, _ = run(capsys, *arguments, "--json")
    ends = {e["label"]: e for e in map(json.loads, out) if e["event"] == "run_completed"}
    assert status == 0
    assert {label: end["at_chance"] for label, end in ends.items()} == {"BN + L1": False, "GN (4)": True, "LN": False}
    status, out, _ = run(capsys, *arguments)
    assert status == 0
    assert [line.split(":")[0] for line in out if ONE_CLASS in line] == ["GN (4)"]
    assert all(" after 3 epochs" in line for line in out)


def test_evaluate_says_so(capsys, tmp_path, record, digits):
    from core.model import get_model

    model = get_model(record.config).eval()
    answer_three(model.head)
    result = evaluate(model, digits)
    answers = Predictions.of(
        digits.test_labels.numpy(), result.probabilities.numpy(), digits.test_images.numpy(), digits.fingerprint
    )
    weights = {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}
    *rows, last = record.epochs
    summary = record.summary.changed(epochs=(*rows, replace(last, test_accuracy=answers.accuracy)))
    folder = runs.save(replace(record, summary=summary, weights=weights, predictions=answers), tmp_path)
    status, out, err = run(capsys, "evaluate", folder)
    # cross-entropy of a bias of 1 for one class and 0 for nine: log(e + 9) - 1 where it is right, log(e + 9) else
    loss = np.log(np.e + 9) - 52 / 359
    assert (status, err) == (0, [])
    assert out == [f"BN: test accuracy 14.48 %, test loss {loss:.4f}. {ONE_CLASS}"]
    status, out, _ = run(capsys, "evaluate", folder, "--json")
    values = json.loads(out[0])
    assert (status, values["at_chance"]) == (0, True)
    assert values["test_loss"] == pytest.approx(loss, rel=1e-5)
    assert set(values) == {"event", "run_id", "label", "test_accuracy", "test_loss", "at_chance"}


def test_a_network_that_looks_is_not_at_chance(capsys, record_folder):
    status, out, _ = run(capsys, "evaluate", record_folder, "--json")
    assert (status, json.loads(out[0])["at_chance"]) == (0, False)


def test_a_number_that_is_not_finite_is_null(capsys, tmp_path, record):
    """Weights are finite, and what comes of them need not be."""
    weights = {name: array.copy() for name, array in record.weights.items()}
    weights["head.weight"][:] = 3e38
    folder = runs.save(replace(record, weights=weights), tmp_path)
    status, out, err = run(capsys, "evaluate", folder, "--json")
    assert (status, err) == (0, [])

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    assert json.loads(out[0], parse_constant=refuse)["test_loss"] is None
