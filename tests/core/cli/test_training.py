"""Training on the command line: what train and race say, keep, and end with."""

from __future__ import annotations

import json

import pytest
import torch

from core.config import RunConfig
from core.data import datasets as data
from core.model import fastest_precision
from core.records import network
from core.records import store as runs
from core.records.store import RunStore
from tests.core.cli.test_parser import DIGITS, run
from tests.sizes import PARAMETERS


def test_json_lines_end_with_run_completed(capsys, tmp_path):
    out_folder = tmp_path / "records"
    status, out, err = run(
        capsys, "train", "--norm", "gn", "--groups", "8", "--epochs", "2", *DIGITS, "--out", out_folder, "--json"
    )
    assert status == 0
    assert err == []
    events = [json.loads(line) for line in out]
    assert [e["event"] for e in events[:2]] == ["run_started", "batch_done"]
    assert [e["epoch"] for e in events if e["event"] == "epoch_done"] == [1, 2]
    end = events[-1]
    assert set(end) == {
        *("event", "run_id", "label", "test_accuracy", "test_loss"),
        *("train_seconds", "images_per_second", "parameters", "at_chance"),
    }
    assert (end["event"], end["label"], end["parameters"]) == ("run_completed", "GN (8)", PARAMETERS)
    assert 0 < end["test_accuracy"] <= 100
    config = RunConfig(norm="gn", groups=8, epochs=2, dataset="digits", precision=fastest_precision())
    assert end["run_id"] == config.run_id
    kept = network.verify(out_folder / config.run_id)
    assert kept.epochs[-1].test_accuracy == end["test_accuracy"]
    assert kept.epochs[-1].test_loss == end["test_loss"]
    assert kept.environment["threads"] == 1
    # and evaluate gives the very numbers
    status, out, err = run(capsys, "evaluate", out_folder / config.run_id, "--json")
    assert (status, err) == (0, [])
    values = json.loads(out[0])
    assert (values["event"], values["run_id"]) == ("evaluated", config.run_id)
    assert values["test_accuracy"] == end["test_accuracy"]
    assert values["test_loss"] == pytest.approx(end["test_loss"], rel=1e-5)


def test_loading_leaves_no_threads_of_torch_behind(capsys, tmp_path, monkeypatch):
    load, seen = data.load, []

    def noting(*given, **named):
        seen.append(torch.get_num_threads())
        return load(*given, **named)

    monkeypatch.setattr(data, "load", noting)
    torch.set_num_threads(2)
    try:
        assert run(capsys, "train", "--norm", "ln", "--epochs", "1", *DIGITS, "--out", tmp_path)[0] == 0
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)
    assert seen == [1]


def test_every_option_reaches_the_configuration(capsys, tmp_path):
    options = {"--l1": "1e-4", "--l2": "2e-4", "--epochs": "1", "--batch-size": "500", "--lr": "0.05", "--seed": "3"}
    options["--precision"] = "fp32"
    flat = [part for pair in options.items() for part in pair]
    status, *_ = run(capsys, "train", "--norm", "ln", *flat, *DIGITS, "--no-augment", "--out", tmp_path)
    assert status == 0
    config = RunConfig(
        norm="ln", l1=1e-4, l2=2e-4, epochs=1, batch_size=500, lr=0.05, seed=3, dataset="digits", augment=False
    )
    assert runs.load(tmp_path / config.run_id).config == config


def test_validation_leaves_the_test_set_alone(capsys, tmp_path):
    arguments = ["--norm", "ln", "--epochs", "1", *DIGITS, "--validation", "--out", tmp_path]
    status, out, _ = run(capsys, "train", *arguments, "--json")
    assert status == 0
    started, completed = json.loads(out[0]), json.loads(out[-1])
    assert (started["train_images"], started["test_images"]) == (1438 - 119, 119)
    assert started["label"] == "LN (validation)"
    [folder] = tmp_path.iterdir()
    held = data.hold_out(data.load("digits"))
    assert runs.load(folder).predictions.fingerprint == held.fingerprint
    status, out, _ = run(capsys, "evaluate", folder, "--json")
    assert status == 0
    assert json.loads(out[0])["test_accuracy"] == completed["test_accuracy"]


def test_without_json_there_are_bars_and_a_line_of_results(capsys):
    status, out, err = run(capsys, "train", "--norm", "bn", "--epochs", "1", "--batch-size", "200", *DIGITS)
    assert status == 0
    kept = RunStore().summaries()[0]
    assert len(kept) == 1  # in the folder that the environment names
    row = kept[0].epochs[0]
    assert len(out) == 1
    assert out[0].startswith(
        f"BN: test accuracy {row.test_accuracy:.2f} %, test loss {row.test_loss:.4f} after 1 epoch. At chance level: "
    )
    assert out[0].endswith(f"record in {RunStore().root / kept[0].run_id}")
    assert "8/8" in err[-1]
    assert f"epoch 1: test {row.test_accuracy:.2f} %" in err[-1]


def test_a_race_trains_its_preset(capsys, tmp_path):
    status, out, err = run(
        capsys, "race", "--preset", "session6", "--epochs", "1", *DIGITS, "--out", tmp_path, "--json"
    )
    assert (status, err) == (0, [])
    events = [json.loads(line) for line in out]
    completed = {e["label"] for e in events if e["event"] == "run_completed"}
    assert completed == {"GN (4) + L1", "LN + L2", "BN + L1 + L2"}
    assert events[-1]["event"] == "run_completed"
    assert len(list(tmp_path.iterdir())) == 3


def test_a_run_that_diverges_ends_with_status_1_and_says_so(capsys, tmp_path, monkeypatch):
    import torch

    from core.training.loop import Training

    real = Training.__next__

    def poisoned(self):
        event = real(self)
        if event.name == "epoch_done":
            with torch.no_grad():
                self.model.head.bias.fill_(float("nan"))
        return event

    monkeypatch.setattr(Training, "__next__", poisoned)
    status, out, err = run(capsys, "train", "--norm", "bn", "--epochs", "2", *DIGITS, "--out", tmp_path, "--json")
    assert status == 1
    assert json.loads(out[-1])["event"] == "diverged"
    assert err == [
        "core: error: BN: the loss became nan in epoch 2, batch 1; a smaller learning rate than 0.1 or a "
        f"normalization helps; finished epochs are kept in {tmp_path}"
    ]
    assert RunStore(tmp_path).summaries()[0][0].status == "diverged"


def test_a_disk_that_fills_is_one_line(capsys, tmp_path, monkeypatch):
    def full(self, _):
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(runs.Path, "write_bytes", full)
    status, _, err = run(capsys, "train", "--norm", "bn", "--epochs", "1", *DIGITS, "--out", tmp_path, "--json")
    assert (status, len(err)) == (1, 1)
    assert "No space left on device" in err[0]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_ones_own_is_never_pruned(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("NORMLENS_KEEP_RUNS", "1")
    for seed in ("0", "1"):
        status, _, err = run(
            capsys, "train", "--norm", "ln", "--epochs", "1", "--seed", seed, *DIGITS, "--out", tmp_path
        )
        assert status == 0, err
    assert sorted(record.config.seed for record in RunStore(tmp_path, keep=60).summaries()[0]) == [0, 1]


def test_the_usual_folder_keeps_as_many_runs_as_the_limit_says(capsys, monkeypatch):
    monkeypatch.setenv("NORMLENS_KEEP_RUNS", "1")
    for seed in ("0", "1"):
        assert run(capsys, "train", "--norm", "ln", "--epochs", "1", "--seed", seed, *DIGITS)[0] == 0
    assert [record.config.seed for record in RunStore().summaries()[0]] == [1]
