"""The command line: statuses, one clear line for what goes wrong, JSON lines, and Ctrl-C."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from core.cli import parser as cli
from core.cli import training as cli_training
from core.config import RunConfig
from core.data import datasets as data
from core.data.download import DataError
from core.model import fastest_precision
from core.records import network
from core.records import store as runs
from core.records.store import RunStore
from tests.sizes import PARAMETERS

ROOT = Path(__file__).parents[3]
DIGITS = ["--dataset", "digits", "--threads", "1"]


def run(capsys, *arguments) -> tuple[int, list[str], list[str]]:
    """Status, and the lines of stdout and stderr, of one command."""
    status = cli.main([str(a) for a in arguments])
    captured = capsys.readouterr()
    return status, captured.out.splitlines(), captured.err.splitlines()


@pytest.fixture
def no_training(monkeypatch):
    """Whatever trains is too late: the argument was to be refused before."""

    def train(*_):
        raise AssertionError("training began")

    for where in ("core.jobs.race.train", "core.training.loop.train"):
        monkeypatch.setattr(where, train)


BAD = [
    (["train", "--norm", "gn", "--groups", "3"], "groups=3 does not divide 16 channels; use 1, 2, 4, 8 or 16"),
    (["train", "--norm", "batch"], "norm='batch' is unknown; use one of bn, ln, gn, in, none"),
    (["train", "--norm", "bn", "--l1", "-1"], "l1=-1 is out of range; use a number from 0 to 1"),
    (["train", "--norm", "bn", "--l2", "-0.5"], "l2=-0.5 is out of range; use a number from 0 to 1"),
    (["train", "--norm", "bn", "--epochs", "0"], "epochs=0 is out of range; use a whole number from 1 to 1000"),
    (["train", "--norm", "bn", "--batch-size", "0"], "batch_size=0 is out of range"),
    (
        ["train", "--norm", "bn", "--batch-size", "2000", "--dataset", "digits"],
        "batch_size=2000 is larger than the 1438",
    ),
    (["race", "--batch-size", "2000", "--dataset", "digits"], "batch_size=2000 is larger than the 1438"),
    (["train", "--norm", "bn", "--lr", "nan"], "lr=nan is not finite; use a number above 0 up to 10"),
    (["train", "--norm", "bn", "--lr", "inf"], "lr=inf is not finite"),
    (["train", "--norm", "bn", "--lr", "fast"], "argument --lr: 'fast' is not a number"),
    (["train", "--norm", "bn", "--seed", "1.5"], "argument --seed: '1.5' is not a whole number"),
    (["train", "--norm", "bn", "--seed", "-1"], "seed=-1 is out of range"),
    (
        ["train", "--norm", "bn", "--dataset", "cifar"],
        "dataset='cifar' is unknown; use one of mnist, mnist-small, fas",
    ),
    (["train", "--norm", "bn", "--threads", "257"], "threads=257 is out of range; use a whole number from 1 to 256"),
    (["train", "--norm", "bn", "--threads", "0"], "threads=0 is out of range; use a whole number from 1 to 256"),
    (["train", "--norm", "bn", "--data-root", "FILE"], "the data root FILE is a file; use a folder"),
    (["train", "--norm", "bn", "--data-root", "FILE/x"], "the data root FILE/x lies below FILE, which is a file; use"),
    (["train", "--norm", "bn", "--data-root", "~nobody-here/x"], "names a user that is not known; use a folder"),
    (["race", "--data-root", "FILE"], "the data root FILE is a file; use a folder"),
    (["evaluate", "RECORD", "--data-root", "FILE"], "the data root FILE is a file; use a folder"),
    (["train", "--norm", "bn", "--out", "FILE"], "out=FILE is a file; use a folder"),
    (["train", "--norm", "bn", "--out", "FILE/x/y"], "out=FILE/x/y lies below a file; use a folder"),
    (["figures", "RECORD", "--out", "FILE"], "out=FILE is a file; use a folder"),
    (["figures", "RECORD"], "the following arguments are required: --out"),
    (["race", "--preset", "best"], "preset='best' is unknown; use one of assignment, session6, all"),
    (["train"], "the following arguments are required: --norm"),
    (["benchmark", "--readme", "nowhere.md"], "readme=nowhere.md is not a file"),
    (
        ["train", "--norm", "bn", "--batch-size", "1400", "--dataset", "digits", "--validation"],
        "batch_size=1400 is larger than the 1319",
    ),
    (["train", "--norm", "bn", "--precision", "fp8"], "precision='fp8' is unknown; use one of auto, fp32, bf16"),
    (["train", "--norm", "bn", "--precision", "auto "], "precision='auto ' is unknown; use one of auto, fp32, bf16"),
    (["train", "--norm", "z" * 5000], f"norm='{'z' * 146}...{'z' * 49}' is unknown; use one of bn, ln, gn, in, none"),
    (["train", "--norm", "bn", "--seed", "9" * 400], f"seed={'9' * 147}...{'9' * 50} is out of range; use a whole"),
    (["train", "--norm", "bn", "--lr", "z" * 5000], f"argument --lr: '{'z' * 146}...{'z' * 49}' is not a number"),
    (["train", "--norm", "bn", "--out", "x/" * 2000], "x/x lies 2000 folders deep; use one of at most 100"),
    (["evaluate", "RECORD", "--z\n\x1b[1m"], r"unrecognized arguments: --z\n\x1b[1m"),
    (["train", "--norm", "bn", "--gpu"], "unrecognized arguments: --gpu"),
    (["paint"], "invalid choice: 'paint'"),
    ([], "the following arguments are required: COMMAND"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[" ".join(a)[:60] for a, _ in BAD])
def test_a_bad_argument_is_one_line_and_status_2(arguments, message, capsys, tmp_path, record_folder, no_training):
    file = tmp_path / "file"
    file.write_text("")

    def filled(text):
        return text.replace("FILE", str(file)).replace("RECORD", str(record_folder))

    status, out, err = run(capsys, *map(filled, arguments))
    assert (status, out) == (2, [])
    assert len(err) == 1, err
    assert filled(message) in err[0]
    assert ": error: " in err[0]


@pytest.mark.parametrize("command", ["evaluate", "figures"])
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: (f / "weights.safetensors").unlink(), "weights.safetensors: missing"),
        (lambda f: (f / "predictions.npz").unlink(), "predictions.npz: missing"),
        (lambda f: (f / "run.json").unlink(), "run.json: missing"),
        (lambda f: (f / "run.json").write_text("{}"), "run.json: field 'schema_version' is None; this version reads 1"),
        (lambda f: (f / "predictions.npz").write_bytes(b"x"), "predictions.npz: does not match its checksum"),
        (shutil.rmtree, "run.json: missing"),
    ],
    ids=["weights", "predictions", "run", "foreign", "altered", "nothing"],
)
def test_a_damaged_record_is_one_line_and_status_1(command, damage, message, capsys, record_folder, tmp_path):
    damage(record_folder)
    rest = ["--out", tmp_path / "figures"] if command == "figures" else []
    status, out, err = run(capsys, command, record_folder, *rest)
    assert (status, out, len(err)) == (1, [], 1)
    assert err[0].startswith(f"core: error: {record_folder}: ")
    assert message in err[0]
    assert not (tmp_path / "figures").exists()


def test_missing_data_end_with_status_1_and_never_with_other_data(capsys, monkeypatch, tmp_path):
    def fails(kind, title, folder, progress):
        raise DataError(f"{title} is not in {folder} and could not be downloaded.")

    monkeypatch.setattr(data, "download", fails)
    out_folder = tmp_path / "records"
    arguments = ["train", "--norm", "bn", "--data-root", tmp_path / "empty", "--out", out_folder, "--json"]
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (1, [])
    assert err == [f"core: error: MNIST is not in {tmp_path / 'empty'} and could not be downloaded."]
    assert list(out_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (KeyError("weights"), "core: error: an error in this program: KeyError: 'weights'"),
        (RecursionError("a\nb"), r"core: error: an error in this program: RecursionError: a\nb"),
        (MemoryError(), "core: error: there is not enough memory"),
        (KeyboardInterrupt(), "core: error: stopped"),
        (OSError(5, "Input/output error", "/a/file"), "core: error: /a/file: Input/output error"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_goes_wrong_is_one_line_and_status_1(error, line, capsys, monkeypatch, tmp_path):
    def fail(options):
        raise error

    monkeypatch.setattr("core.cli.reports.evaluate", fail)
    assert run(capsys, "evaluate", tmp_path) == (1, [], [line])


def test_help_is_no_failure(capsys):
    status, out, err = run(capsys, "--help")
    assert (status, err) == (0, [])
    assert "train" in "\n".join(out)


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


def test_a_folder_that_cannot_be_made_is_told_before_an_epoch_is_spent(capsys, tmp_path, monkeypatch, no_training):
    def refuse(self, *_, **__):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(runs.Path, "mkdir", refuse)
    status, _, err = run(capsys, "train", "--norm", "bn", *DIGITS, "--out", tmp_path / "no", "--json")
    assert (status, err) == (1, [f"core: error: {tmp_path / 'no'}: Permission denied"])


def test_evaluate_in_words(capsys, record, record_folder):
    status, out, err = run(capsys, "evaluate", record_folder)
    row = record.epochs[-1]
    assert (status, err) == (0, [])
    assert out == [f"BN: test accuracy {row.test_accuracy:.2f} %, test loss {row.test_loss:.4f}"]


def test_a_run_without_an_epoch_can_be_neither_evaluated_nor_drawn(capsys, tmp_path):
    config = RunConfig(norm="ln")
    folder = runs.save(runs.RunSummary(config=config, status="interrupted", parameters=PARAMETERS), tmp_path)
    status, _, err = run(capsys, "evaluate", folder)
    assert (status, len(err)) == (1, 1)
    assert "the run stopped before its first epoch ended, so it has no weights" in err[0]
    status, _, err = run(capsys, "figures", folder, "--out", tmp_path / "figures")
    assert (status, err) == (1, ["core: error: LN stopped before its first epoch ended: there is nothing to draw"])


def test_a_folder_of_ones_own_is_never_pruned(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("NORMLENS_KEEP_RUNS", "1")
    for seed in ("0", "1"):
        status, _, err = run(
            capsys, "train", "--norm", "ln", "--epochs", "1", "--seed", seed, *DIGITS, "--out", tmp_path
        )
        assert status == 0, err
    assert sorted(record.config.seed for record in RunStore(tmp_path, keep=60).summaries()[0]) == [0, 1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "--norm", "bn", "--out", ""],
        ["train", "--norm", "bn", "--data-root", ""],
        ["evaluate", ""],
        ["findings", "", "--readme", "x"],
    ],
)
def test_an_empty_path_is_not_the_folder_one_is_in(arguments, capsys, no_training):
    status, out, err = run(capsys, *arguments)
    assert (status, out, len(err)) == (2, [], 1)
    assert err[0].endswith("is empty; use a path")


def test_a_folder_that_cannot_be_written_is_told_before_an_epoch_is_spent(capsys, tmp_path, monkeypatch, no_training):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr(cli_training.tempfile, "TemporaryDirectory", refuse)
    status, out, err = run(capsys, "train", "--norm", "bn", *DIGITS, "--out", tmp_path)
    assert (status, out, err) == (1, [], [f"core: error: {tmp_path}: Permission denied"])


def test_the_usual_folder_keeps_as_many_runs_as_the_limit_says(capsys, monkeypatch):
    monkeypatch.setenv("NORMLENS_KEEP_RUNS", "1")
    for seed in ("0", "1"):
        assert run(capsys, "train", "--norm", "ln", "--epochs", "1", "--seed", seed, *DIGITS)[0] == 0
    assert [record.config.seed for record in RunStore().summaries()[0]] == [1]
