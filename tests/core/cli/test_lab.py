"""``lab`` on the command line: the list, tables that are gone on with, verdicts, and the same numbers on a cluster."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future
from contextlib import contextmanager

import pytest

from core.cli.parser import main
from core.experiments import listed
from core.experiments.listed import EXPERIMENTS
from core.experiments.table import load
from core.jobs import executors
from tests.core.cli.dask_processes import ROOT, DaskProcesses
from tests.toy_experiment import Toy, experiment

SECONDS = 600
"""How long a command may take on a busy machine."""
PROGRAM = """
import sys
from functools import partial
from pathlib import Path
from core.cli.parser import main
from core.experiments import run
from core.experiments import two_curves_trained as curves
from tests.core.jobs.units import trial_when_let

folder, others, *arguments = sys.argv[1:]
whole = curves.TRAINING
curves.TRAINING = lambda norm, **rest: whole(norm=norm, **{**rest, "steps": 10 if norm == "bn" else int(others)})
if folder:
    run.run_trial = partial(trial_when_let, Path(folder))
sys.exit(main(["lab", "two-curves", "--quick", *arguments]))
"""
"""A real experiment of three trials: BN's has ten steps of its hundred, so that it takes half a second.

folder: where trials tell that they have begun, and wait for ``go``; "": they do neither.  others: steps of the others.
"""


class Here(Executor):
    """Runs every unit in this thread, at once."""

    def submit(self, function, /, *args, **kwargs):
        future = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@pytest.fixture
def toy(monkeypatch) -> Toy:
    """The only experiment there is, run in this thread."""
    toy = Toy()
    monkeypatch.setattr(listed, "EXPERIMENTS", (experiment(toy=toy),))

    @contextmanager
    def here(address, workers=1, *, tell=None):
        assert address is None
        yield Here()

    monkeypatch.setattr(executors, "open_executor", here)
    return toy


def lines(capsys) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_without_a_name_it_lists_them(capsys):
    assert main(["lab"]) == 0
    assert [line.split()[0] for line in lines(capsys)] == [found.name for found in EXPERIMENTS]
    assert len(EXPERIMENTS) == 9


def test_a_table_with_its_verdict_and_what_was_seen(toy, tmp_path, capsys):
    assert main(["lab", "toy", "--out", str(tmp_path)]) == 0
    said = lines(capsys)
    assert said[0].startswith("toy: ")
    assert "By seed: " in said[0]
    assert said[-1].startswith("toy: With ")
    table = load(tmp_path / "toy.json")
    assert (table.experiment, table.quick, table.seeds) == ("toy", False, [3, 4, 5, 6, 7])
    assert len(table.done) == 15
    assert table.by_seed("error", size=2) == {seed: 32.0 + seed for seed in (3, 4, 5, 6, 7)}


def test_a_stopped_sweep_goes_on(toy, tmp_path, capsys):
    def stop(settings, tell):
        if len(toy.came) == 4:
            raise RuntimeError("it broke")

    toy.act = stop
    assert main(["lab", "toy", "--out", str(tmp_path)]) == 1
    assert "it broke" in capsys.readouterr().err
    assert len(load(tmp_path / "toy.json").done) == 14  # in this thread all units are begun at once
    toy.act = lambda settings, tell: None
    toy.came.clear()
    assert main(["lab", "toy", "--out", str(tmp_path)]) == 0
    assert len(toy.came) == 1
    assert len(load(tmp_path / "toy.json").done) == 15
    toy.came.clear()
    assert main(["lab", "toy", "--out", str(tmp_path)]) == 0
    assert toy.came == []


@pytest.mark.parametrize("other", [["--quick"], ["--seeds", "2"]])
def test_a_table_of_other_settings_is_left_alone(toy, tmp_path, capsys, other):
    assert main(["lab", "toy", "--out", str(tmp_path)]) == 0
    before = (tmp_path / "toy.json").read_bytes()
    assert main(["lab", "toy", "--out", str(tmp_path), *other]) == 2
    assert "of other settings or seeds than this command's; use another folder" in capsys.readouterr().err
    assert (tmp_path / "toy.json").read_bytes() == before


def test_json_lines_are_the_trials_the_verdicts_and_the_end(toy, capsys):
    assert main(["lab", "toy", "--quick", "--json"]) == 0
    events = [json.loads(line) for line in lines(capsys)]
    assert [event["event"] for event in events] == [
        *["trial_completed"] * 3,
        *["verdict"] * len(experiment().checks),
        "experiment_completed",
    ]
    assert events[0]["rows"] == [{"seed": 0, "size": 2, "error": 32.0}]
    assert events[3]["answer"] in ("reproduced", "not at this scale", "contradicted")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "experiment='nothing' is unknown; use one of toy"),
        (["toy", "--seeds", "0"], "seeds=0 is out of range; use a whole number from 1 to 20"),
        (["toy", "--seeds", "21"], "seeds=21 is out of range"),
        (["toy", "--dask", "nowhere"], "dask='nowhere' is no address of a scheduler"),
        (["toy", "--out", __file__], "is a file; use a folder"),
        (["toy", "--data-root", __file__], "is a file; use a folder"),
    ],
)
def test_bad_arguments_are_told_in_one_line(toy, capsys, arguments, words):
    assert main(["lab", *arguments]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 1
    assert words in errors[0]
    assert toy.came == []


def test_a_damaged_table_is_not_written_over(toy, tmp_path, capsys):
    (tmp_path / "toy.json").write_text("{", encoding="utf-8")
    assert main(["lab", "toy", "--out", str(tmp_path)]) == 1
    assert "toy.json: this is no JSON" in capsys.readouterr().err
    assert (tmp_path / "toy.json").read_text(encoding="utf-8") == "{"


def command(*options: str, folder: str = "", others: int = 10) -> list[str]:
    return [sys.executable, "-c", PROGRAM, folder, str(others), *options]


@pytest.fixture(scope="module")
def by_processes(tmp_path_factory):
    """A real experiment's table from the processes of this machine."""
    out = tmp_path_factory.mktemp("lab")
    ended = subprocess.run(command("--out", str(out)), cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1].startswith("two-curves: ")
    return load(out / "two-curves.json")


def test_real_trials_in_processes(by_processes):
    assert by_processes.seeds == [0]
    assert len(by_processes.done) == 3
    assert all(done.seconds > 0 for done in by_processes.done.values())


def test_the_same_numbers_come_from_a_cluster_that_loses_a_worker(by_processes, tmp_path):
    dask = DaskProcesses(tmp_path / "dask")
    try:
        lost, _ = dask.worker(), dask.worker()
        arguments = command("--out", str(tmp_path / "out"), "--dask", dask.address, folder=str(tmp_path))
        process = subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        try:
            begun: dict[str, str] = {}
            while str(lost.pid) not in begun.values():
                assert process.poll() is None, process.stderr.read()
                begun = {path.stem: path.read_text() for path in tmp_path.glob("*.begun")}
                time.sleep(0.05)
            again = next(tmp_path / f"{norm}.begun" for norm, pid in begun.items() if int(pid) == lost.pid)
            lost.kill()
            lost.wait()
            again.unlink()
            (tmp_path / "go").touch()
            _, errors = process.communicate(timeout=SECONDS)
            assert process.returncode == 0, errors
        finally:
            process.kill()
            process.communicate()
    finally:
        dask.close()
    assert again.exists()  # what the lost one was at has begun once more
    table = load(tmp_path / "out" / "two-curves.json")
    assert list(table.done) == list(by_processes.done)
    assert [done.rows for done in table.done.values()] == [done.rows for done in by_processes.done.values()]


@pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
def test_ctrl_c_ends_it_in_one_line_and_keeps_what_is_done(tmp_path):
    arguments = command("--out", str(tmp_path), others=150)
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        while not (tmp_path / "two-curves.json").exists():
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 1
    assert errors.splitlines()[-1].strip() == "core: error: stopped"
    assert "Traceback" not in errors
    assert 1 <= len(load(tmp_path / "two-curves.json").done) < 3
