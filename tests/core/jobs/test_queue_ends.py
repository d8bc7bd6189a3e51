"""The end of a queue: nothing is left inside torch, and nothing that hangs keeps a process alive."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.jobs.queue import BusyError, RaceRegistry
from core.records.store import RunStore
from tests.core.jobs.test_queue import PATIENCE, config

ROOT = Path(__file__).parents[3]


def test_closing_stops_everything_and_leaves_no_thread(store, few):
    began = threading.Event()

    def load(name, progress):
        began.set()
        return few, ""

    registry = RaceRegistry(store, load, threads=1)
    running, waiting = registry.submit([config(epochs=20), config("bn", epochs=20)]), registry.submit([config()])
    assert began.wait(PATIENCE)
    registry.close()
    assert [t.name for t in threading.enumerate() if t.name.startswith("normlens")] == []
    assert [registry.snapshot(i).status for i in (running, waiting)] == ["interrupted", "interrupted"]
    assert registry.busy() == 0
    with pytest.raises(BusyError, match="shutting down"):
        registry.submit([config()])
    registry.close()  # twice is fine


def test_closing_an_unused_registry_is_fine(store):
    RaceRegistry(store).close()


PROGRAM = """
import signal, sys, threading
from core.config import preset
from core.jobs.queue import RaceRegistry
from core.records.store import RunStore

registry = RaceRegistry(RunStore())
race = registry.submit(preset("assignment", dataset="digits", epochs=20))
wait = threading.Event()
while not all(v.batch for v in registry.snapshot(race).variants):
    wait.wait(0.01)
ENDING
"""
RUNNING = "print('running', flush=True)\n"
# in short steps: a signal that comes just before a wait begins is noticed when it ends
WAITING = f"{RUNNING}for _ in range(600): wait.wait(0.1)\nsys.exit('no signal came')"


@pytest.mark.parametrize(
    ("ending", "sent", "statuses"),
    [
        # 1 where the package tabulate is there: torch imports it at the very end, and Python then forgets what ended it
        (WAITING, signal.SIGINT, {-signal.SIGINT, 1}),
        (WAITING, signal.SIGTERM, {-signal.SIGTERM}),
        ("signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))\n" + WAITING, signal.SIGTERM, {5}),
    ],
    ids=["SIGINT", "SIGTERM", "SIGTERM handled"],
)
def test_a_process_that_ends_in_the_middle_of_a_race_does_not_abort(tmp_path, ending, sent, statuses):
    status, errors = run_until_it_says_so(PROGRAM.replace("ENDING", ending), tmp_path, sent)
    assert status in statuses, errors
    assert "terminate called" not in errors
    assert ("KeyboardInterrupt" in errors) == (sent == signal.SIGINT)
    assert "no signal came" not in errors


def run_until_it_says_so(program, tmp_path, sent=None):
    """Run a program until it prints "running", send it a signal, and return its status and what it said on stderr."""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "NORMLENS_RUNS": str(tmp_path / "runs")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "running\n"
        if sent:
            process.send_signal(sent)
        _, errors = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.wait()
    return process.returncode, errors


MORE = """
for seed in (1, 2):
    registry.submit(preset("assignment", dataset="digits", epochs=20, seed=seed))
"""
# once the first one runs: of those whose data are still on their way any may be the first
QUEUED = PROGRAM.replace("ENDING", f"{MORE}{RUNNING}sys.exit(3)")


@pytest.fixture(scope="module")
def exited(tmp_path_factory) -> tuple[int, str, Path]:
    """Status, stderr and folder of a process that exits in the middle of a race, while two others wait."""
    folder = tmp_path_factory.mktemp("exited")
    return *run_until_it_says_so(QUEUED, folder), folder


def test_a_process_that_exits_in_the_middle_of_a_race_does_not_abort(exited):
    status, errors, folder = exited
    assert (status, errors) == (3, "")
    # nor does it wait for the end of the race
    assert {record.status for record in RunStore(folder / "runs", keep=None).summaries()[0]} <= {"interrupted"}


def test_what_waits_does_not_begin_when_the_process_ends(exited):
    status, errors, folder = exited
    assert status == 3, errors
    records = [record.config.seed for record in RunStore(folder / "runs", keep=None).summaries()[0]]
    assert set(records) <= {0}


HANGING = """
import sys, threading
from core.config import preset
from core.jobs.queue import RaceRegistry

arrived = threading.Event()
def load(name, progress):
    arrived.set()
    threading.Event().wait()  # for ever

registry = RaceRegistry(None, load, join_seconds=0.2)
race = registry.submit(preset("assignment", dataset="digits"))
registry.submit(preset("all", dataset="digits"))
arrived.wait()
print("running", flush=True)
sys.exit(3)
"""


def test_data_that_never_come_do_not_keep_a_process_alive(tmp_path):
    status, errors = run_until_it_says_so(HANGING, tmp_path)
    assert status == 3, errors
    assert errors == ""


def test_closing_leaves_behind_data_that_do_not_come(store, few):
    came, go = threading.Event(), threading.Event()

    def load(name, progress):
        came.set()
        go.wait(PATIENCE)
        return few, ""

    registry = RaceRegistry(store, load, join_seconds=0.1)
    race = registry.submit([config()])
    assert came.wait(PATIENCE)
    registry.close()
    left = [t for t in threading.enumerate() if t.name.startswith("normlens")]
    assert [t.name for t in left] == ["normlens-data"]
    last = registry.snapshot(race)
    assert (last.status, last.message) == ("interrupted", "stopped before it began")
    go.set()
    left[0].join(PATIENCE)  # what comes late troubles nobody
    assert registry.snapshot(race) == last
