"""The study on a real Dask cluster: workers that are killed, versions that differ, schedulers that are not there."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from core.cli import training as cli_training
from core.jobs import cluster
from core.jobs.failures import ExecutorError
from core.records.store import RunStore, load
from tests.core.cli.dask_processes import ROOT, DaskProcesses
from tests.core.cli.test_parser import DIGITS, run
from tests.core.jobs.units import six_runs, wait_for

SECONDS = 240
"""How long a command may take on a busy machine."""

PROGRAM = """
import sys
from functools import partial
from pathlib import Path
from core.cli import cluster, training
from core.cli.parser import main
from tests.core.jobs.units import run_when_let, six_runs

folder, *arguments = sys.argv[1:]
training.study_races = six_runs
cluster.run_one = partial(run_when_let, Path(folder))
sys.exit(main(arguments))
"""


RUNS = [c for race in six_runs(dataset="digits", epochs=1, precision="fp32") for c in race]
STUDY = ["study", "--epochs", "1", "--precision", "fp32", *DIGITS]


@pytest.fixture(scope="module")
def schedulers():
    """Those of this module, each with its workers: the last one is in use while it runs."""
    started = []
    yield started
    for processes in started:
        processes.close()


@pytest.fixture
def dask(schedulers, tmp_path):
    """A scheduler, and of workers as many as the tests before have left: a test asks for as many as it needs."""
    if not schedulers or schedulers[-1].scheduler.poll() is not None:
        schedulers.append(DaskProcesses(tmp_path / "dask"))
    return schedulers[-1]


@pytest.fixture
def started(tmp_path):
    """A function that starts the small study in a process; its units end once ``tmp_path/go`` is there."""
    running = []

    def start(address, *options):
        out = ["--out", str(tmp_path / "out"), "--dask", address]
        command = [sys.executable, "-c", PROGRAM, str(tmp_path), *STUDY, *out, *options]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        running.append(subprocess.Popen(command, cwd=ROOT, **pipes))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def kept(tmp_path) -> str:
    return f"finished runs are kept in {tmp_path / 'out'}"


def numbers(record) -> dict[str, object]:
    """All of a record that must not depend on where it was made; of its arrays what tells their bytes apart."""
    arrays = {**record.weights, **record.predictions.arrays}
    return {
        "config": record.config,
        "status": record.status,
        "environment": record.environment,
        "epochs": [replace(row, seconds=0.0) for row in record.epochs],
        **{name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in arrays.items()},
    }


def test_all_runs_come_as_they_would_here_though_a_worker_is_killed(dask, started, tmp_path, capsys, monkeypatch):
    killed, _ = dask.workers(2)
    process = started(dask.address, "--json")
    # both have begun a run: which one is whose is told by the process
    begun = {}
    while len(set(begun.values())) < 2:
        assert process.poll() is None, process.stderr.read()
        begun = {path.stem: path.read_text() for path in tmp_path.glob("*.begun")}
        time.sleep(0.05)
    lost = next(run_id for run_id, pid in begun.items() if int(pid) == killed.pid)
    killed.kill()
    killed.wait()
    (tmp_path / f"{lost}.begun").unlink()
    (tmp_path / "go").touch()
    out, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, errors) == (0, "")
    wait_for(tmp_path / f"{lost}.begun")  # again, by the other one
    events = [json.loads(line) for line in out.splitlines()]
    assert {event["run_id"] for event in events} == {config.run_id for config in RUNS}
    assert len(events) == 6

    monkeypatch.setattr(cli_training, "study_races", six_runs)
    status, _, _ = run(capsys, *STUDY, "--out", tmp_path / "here")
    assert status == 0
    for event in events:
        there, here = (load(tmp_path / place / event["run_id"]) for place in ("out", "here"))
        assert numbers(there) == numbers(here)
        row = there.epochs[-1]
        assert event == {
            "event": "run_completed",
            "run_id": there.run_id,
            "label": there.label,
            "test_accuracy": row.test_accuracy,
            "test_loss": row.test_loss,
            "train_seconds": row.seconds,
            "images_per_second": there.images_per_second,
            "parameters": there.parameters,
            "at_chance": event["at_chance"],
        }

    # what is finished is left alone: there is nothing to do, so nobody is asked
    assert run(capsys, *STUDY, "--out", tmp_path / "out", "--dask", "tcp://127.0.0.1:1") == (0, [], [])


def test_ctrl_c_stops_and_a_second_start_does_what_is_missing(dask, started, tmp_path):
    dask.workers(1)
    process = started(dask.address)
    assert process.stderr.readline() == "0 of 6 runs are done\n"
    while not list(tmp_path.glob("*.begun")):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == (1, "")
    told = [line for line in errors.splitlines() if not line.startswith("waiting for workers")]
    assert told == [f"core: error: stopped; {kept(tmp_path)}"]

    (tmp_path / "go").touch()
    shutil.copytree(_made(RUNS[1], tmp_path), tmp_path / "out" / RUNS[1].run_id)
    process = started(dask.address)
    out, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    lines = [
        re.fullmatch(r"(.+), seed (\d): test accuracy .+ after 1 epoch.+ record in .+", o) for o in out.splitlines()
    ]
    assert sorted(line.groups() for line in lines) == sorted((c.label, str(c.seed)) for c in RUNS if c != RUNS[1])
    assert errors.splitlines()[0] == "1 of 6 runs are done"
    assert errors.splitlines()[-1] == "6 of 6 runs are done"


def _made(config, tmp_path):
    from core.jobs.one_run import received, run_one

    return RunStore(tmp_path / "made").save(received(run_one(config), config))


def test_a_worker_of_another_version_is_refused(dask, started, tmp_path):
    dask.workers(0)
    other = tmp_path / "other"
    for name in ("core", "tests"):
        shutil.copytree(ROOT / name, other / name, ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "core" / "labels.py").open("a") as file:
        file.write("# changed\n")
    dask.worker(cwd=other)
    process = started(dask.address)
    out, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == (1, "")
    assert re.search(
        r"\ncore: error: the Dask worker on \S+ has another version of core than this command, so its numbers could "
        r"differ \((\S+)-\w{8} there, \1-\w{8} here\); bring both to one version and start the worker again; "
        + re.escape(f"{kept(tmp_path)}\n"),
        errors,
    ), errors


def test_without_workers_it_waits_aloud_and_without_a_scheduler_it_ends(dask, started, tmp_path):
    """The last of the tests of this scheduler, which it ends."""
    dask.workers(0)
    process = started(dask.address)
    assert process.stderr.readline() == "0 of 6 runs are done\n"
    assert process.stderr.readline() == f"waiting for workers: none is connected to {dask.address}\n"
    worker = dask.worker()
    assert process.stderr.readline() == f"workers connected to {dask.address}: 1\n"
    worker.kill()
    assert process.stderr.readline() == f"waiting for workers: none is connected to {dask.address}\n"
    dask.scheduler.kill()
    out, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == (1, "")
    assert errors == f"core: error: the connection to the Dask scheduler at {dask.address} is lost; {kept(tmp_path)}\n"


def test_a_scheduler_that_cannot_import_the_program_is_told(started, tmp_path):
    processes = DaskProcesses(tmp_path / "elsewhere", cwd=tmp_path)
    try:
        _, errors = started(processes.address, "--json").communicate(timeout=SECONDS)
    finally:
        processes.close()
    assert errors == (
        f"core: error: the Dask scheduler at {processes.address} or a worker of it cannot import this program; start "
        f"both in the folder of this clone, with python -m dask; {kept(tmp_path)}\n"
    )


@pytest.mark.parametrize("what", ["python", "torch", "core"])
def test_every_version_is_compared(what):
    here = cluster.versions()
    assert cluster.run_there(here, os.getpid) == os.getpid()
    with pytest.raises(ExecutorError, match=rf"another version of {what} than this command.*there, 0 here"):
        cluster.run_there(replace(here, **{what: "0"}), os.getpid)


def test_without_the_package_one_line_says_what_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    status, out, errors = run(capsys, *STUDY, "--out", tmp_path, "--dask", "tcp://127.0.0.1:1")
    assert (status, out) == (1, [])
    assert errors == [
        "core: error: Dask needs the package distributed, which is not installed: pip install distributed==2026.8.0"
    ]


def test_the_version_is_the_same_wherever_it_stands():
    assert cluster.DISTRIBUTED in (ROOT / "tests" / "requirements.txt").read_text().splitlines()
    assert f'dask = ["{cluster.DISTRIBUTED}"]' in (ROOT / "pyproject.toml").read_text().splitlines()
    assert "distributed" not in (ROOT / "requirements.txt").read_text()  # the app does without
