"""The command line: statuses, and one clear line for what goes wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.cli import parser as cli
from core.cli import training as cli_training
from core.config import RunConfig
from core.data import datasets as data
from core.data.download import DataError
from core.records import store as runs
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
