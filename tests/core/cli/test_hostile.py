"""Whatever the arguments and the records are: status 0, 1 or 2, and one line of a modest length for what is wrong.

A seed makes the same hostile inputs every time; ``TRIES`` of them keep the tests short.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import shutil
import zipfile
from pathlib import Path

import pytest

from core.cli.parser import main
from core.cli.streams import MOST_OF_A_LINE
from core.data import datasets
from core.data.download import DataError
from core.records.archive import from_zip, to_zip
from core.records.files import RUN_FILE, encode
from core.records.record import RecordError, RunRecord

TRIES = 25

TRAINING = {
    *("--epochs", "--batch-size", "--lr", "--seed", "--dataset", "--data-root", "--precision", "--threads", "--out"),
    *("--no-augment", "--validation", "--json"),
}
COMMANDS = {
    "train --norm bn --dataset digits": {*TRAINING, "--norm", "--groups", "--l1", "--l2"},
    "race --dataset digits": {*TRAINING, "--preset"},
    "study --dataset digits": TRAINING,
    "evaluate RUN": {"--data-root", "--json"},
    "findings RUN": {"--readme"},
    "figures --out out RUN": {"--pictures-of-seed", "--out"},
    "benchmark": {"--quick", "--json", "--readme", "--data-root"},
    "paint": {"--json"},
}
WITHOUT_A_VALUE = {"--no-augment", "--validation", "--json", "--quick"}
VALUES = [
    *("", "0", "-1", "1", "nan", "inf", "1e999", "1e-400", "9" * 300, "9" * 5000, "4294967296", "0x10", "1_000", "٣"),
    *("a" * 10_000, "x/" * 2000, "💥" * 500, "\n\n", "a\nb", "\x1b[31m", "\udc80", "%s", "%(prog)s", "{}", "@file"),
    *("--", "-", "--norm", "gn", "mnist", "fp32", "auto", "all", "None", "True"),
    *("/dev/null", "/dev/zero", "/proc/nope/x", "/proc/self/mem", "~nobody-here/x"),
    *("FOLDER", "FOLDER/file", "FOLDER/file/x", "FOLDER/pipe", "FOLDER/loop", "FOLDER/loop/x", "FOLDER/part.md", "RUN"),
]


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Where a command runs: with a file, a pipe, a link to itself and a README in it."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "file").write_text("x")
    (here / "part.md").write_text("<!-- findings -->\n<!-- end of findings -->\n")
    os.mkfifo(here / "pipe")
    (here / "loop").symlink_to(here / "loop")
    monkeypatch.chdir(here)
    monkeypatch.setenv(datasets.DATA_ENV, str(tmp_path / "data"))
    return here


@pytest.fixture(autouse=True)
def neither_training_nor_network(monkeypatch):
    """Of a command that is right after all it is enough that it begins."""

    def train(*_, **__):
        raise MemoryError

    def download(kind, title, folder, progress):
        raise DataError(f"{title} is not here")

    monkeypatch.setattr("core.training.loop.train", train)
    monkeypatch.setattr("core.jobs.race.train", train)
    monkeypatch.setattr("plotly.graph_objects.Figure.to_image", lambda *_, **__: b"a picture")
    monkeypatch.setattr(datasets, "download", download)


def check(arguments: list[str]) -> None:
    """Run a command in this process: one line says what is wrong, of a length that can be read."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(arguments)
    lines = err.getvalue().splitlines()
    said = ([a[:80] for a in arguments], status, lines)
    assert status in (0, 1, 2), said
    assert (len(lines) == 1) == (status != 0), said
    assert all(len(line) <= MOST_OF_A_LINE and line.isprintable() for line in lines), said
    assert "an error in this program" not in err.getvalue(), said


@pytest.mark.parametrize("seed", range(TRIES))
def test_hostile_arguments(seed, folder, record_folder):
    draw = random.Random(seed)

    def filled(text: str) -> str:
        return text.replace("FOLDER", str(folder)).replace("RUN", str(record_folder))

    for command, options in COMMANDS.items():
        arguments = command.split()
        for _ in range(draw.randint(1, 3)):
            arguments.append(draw.choice(sorted(options)))
            if arguments[-1] not in WITHOUT_A_VALUE:
                arguments.append(draw.choice(VALUES))
        if draw.random() < 0.3:
            arguments.insert(draw.randint(0, len(arguments)), draw.choice(VALUES))
        check([filled(argument) for argument in arguments])


def damaged(draw: random.Random, files: dict[str, bytes], sign) -> dict[str, bytes]:
    """``files`` with bytes changed, cut or added, or with other values in run.json; half of them signed anew."""
    name = draw.choice(sorted(files))
    if name == RUN_FILE and draw.random() < 0.7:
        values = json.loads(files[name])
        holder = draw.choice([values, values["config"], values["environment"], values["epochs"][-1]])
        key = draw.choice([*sorted(holder), "unknown", "k" * 5000])
        strange = [None, True, -1, 1e308, 10**300, "", "t" * 5000, "\ud800", "\n\x1b[0m", [], {}, {"a": [[]]}, "nan"]
        holder[key] = draw.choice(strange)
        changed = {**files, name: json.dumps(values).encode()}
    else:
        content = bytearray(files[name])
        for _ in range(draw.randint(1, 8)):
            content[draw.randrange(len(content))] = draw.randrange(256)
        start, end = draw.choice([(0, 0), (0, 0), (0, 0), (draw.randrange(200), 0), (0, draw.randrange(200))])
        changed = {**files, name: bytes(content[start : len(content) - end]) + draw.choice([b"", b"", b"\0" * 50])}
    if draw.random() < 0.5:
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):  # what is no JSON any more
            return sign(changed)
    return changed


@pytest.mark.parametrize("seed", range(TRIES))
def test_damaged_records(seed, record, record_folder, sign, folder):
    draw = random.Random(seed)
    for name, content in damaged(draw, encode(record), sign).items():
        (record_folder / name).write_bytes(content)
    for rest in (["evaluate"], ["findings"], ["figures", "--out", "out"]):
        check([*rest, str(record_folder)])


@pytest.mark.parametrize("name", ["run.json", "weights.safetensors", "predictions.npz"])
@pytest.mark.parametrize("what", ["pipe", "device", "folder", "link to itself"])
def test_what_is_no_file_in_place_of_one(name, what, record_folder, folder):
    path = record_folder / name
    path.unlink()
    if what == "pipe":
        os.mkfifo(path)
    elif what == "device":
        path.symlink_to("/dev/zero")
    elif what == "folder":
        path.mkdir()
    else:
        path.symlink_to(path)
    check(["evaluate", str(record_folder)])
    shutil.rmtree(record_folder)


@pytest.mark.parametrize("seed", range(TRIES))
def test_damaged_archives(seed, record, sign):
    """As the app reads them: a record, or a sentence."""
    draw = random.Random(seed)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", draw.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as made:
        for name, content in damaged(draw, encode(record), sign).items():
            made.writestr(draw.choice(["", "", "folder/"]) + name, content)
    archives = [buffer.getvalue()]
    content = bytearray(to_zip(record))
    for _ in range(draw.randint(1, 4)):
        place = draw.choice([draw.randrange(len(content)), -1 - draw.randrange(400)])
        content[place] = draw.randrange(256)
    archives.append(bytes(content))
    for data in archives:
        try:
            assert isinstance(from_zip(data), RunRecord)
        except RecordError as error:
            sentence = str(error)
            assert 10 < len(sentence) <= MOST_OF_A_LINE, sentence
            assert sentence.isprintable(), sentence
