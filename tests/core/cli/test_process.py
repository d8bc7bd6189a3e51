"""The command line as a process: signals, terminals, and readers that go away."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest

from core.data import datasets as data
from core.records import network
from core.records.store import RunStore
from tests.core.cli.test_parser import DIGITS, ROOT, run


def started(tmp_path, *arguments, program=("-m", "core")):
    return subprocess.Popen(
        [sys.executable, *program, *arguments, "--out", str(tmp_path), "--json", *DIGITS],
        cwd=ROOT,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_keeps_the_finished_epochs(tmp_path, sent):
    process = started(tmp_path, "race", "--preset", "assignment", "--epochs", "1000", "--batch-size", "700")
    try:
        done = set()
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "epoch_done":
                done.add(event["run_id"])
            if len(done) == 3:
                break
        process.send_signal(sent)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 1
    lines = errors.splitlines()
    assert len(lines) == 1, errors
    assert lines[0].startswith("core: error: BN + L1: stopped after ")
    assert lines[0].endswith(f"finished epochs are kept in {tmp_path}")
    kept, refused = RunStore(tmp_path).summaries()
    assert refused == []
    assert [r.status for r in kept] == ["interrupted"] * 3
    assert all(r.epochs and network.verify(tmp_path / r.run_id).epochs == r.epochs for r in kept)


LAST_EVENT = """
import sys, threading
from core.cli.parser import main
from core.jobs import race

cancelled = threading.Event()

class Waiting(race.Race):
    \"\"\"One that waits for a signal when its last event has been told.\"\"\"

    def __init__(self, configs, *, on_event, **named):
        ended = []

        def see(variant, event):
            on_event(variant, event)
            if event.name == "run_completed":
                ended.append(variant)
                if len(ended) == len(configs):
                    cancelled.wait(60)

        super().__init__(configs, on_event=see, **named)

    def cancel(self, variant=None):
        super().cancel(variant)
        cancelled.set()

race.Race = Waiting
sys.exit(main(sys.argv[1:]))
"""


def test_a_signal_after_the_last_event_of_a_race_ends_the_study(tmp_path):
    process = started(tmp_path, "study", "--epochs", "1", "--batch-size", "1400", program=["-c", LAST_EVENT])
    try:
        completed = 0
        while completed < 3:
            completed += json.loads(process.stdout.readline())["event"] == "run_completed"
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, rest) == (1, "")
    assert errors == f"core: error: stopped; finished epochs are kept in {tmp_path}\n"
    assert [r.status for r in RunStore(tmp_path).summaries()[0]] == ["complete"] * 3


def test_a_reader_that_goes_away_is_no_traceback(tmp_path):
    process = started(tmp_path, "train", "--norm", "bn", "--epochs", "1000")
    try:
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        process.wait(60)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
    assert process.returncode == 1
    assert errors.startswith("core: error: stopped, since nobody reads the output any more")
    assert len(errors.splitlines()) == 1, errors


def test_json_shows_progress_where_stderr_is_a_terminal(tmp_path):
    here, terminal = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))  # a new one is 0 wide
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "core", "train", "--norm", "ln", "--epochs", "1"),
            *("--out", str(tmp_path), "--json", *DIGITS),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
    )
    os.close(terminal)
    out, _ = process.communicate(timeout=60)
    shown = os.read(here, 100_000).decode()
    os.close(here)
    assert process.returncode == 0
    events = [json.loads(line) for line in out.splitlines()]
    assert events[-1]["event"] == "run_completed"
    done = next(e for e in events if e["event"] == "epoch_done")
    assert f"epoch 1: test {done['test_accuracy']:.2f} %" in shown


def test_an_interrupted_download_ends_with_one_line(capsys, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        signal.raise_signal(signal.SIGTERM)
        time.sleep(60)  # the handler does not let it come to this

    monkeypatch.setattr(data, "load", interrupted)
    before = signal.getsignal(signal.SIGTERM)
    status, out, err = run(capsys, "train", "--norm", "bn", *DIGITS, "--out", tmp_path)
    assert (status, out, err) == (1, [], ["core: error: stopped"])
    assert signal.getsignal(signal.SIGTERM) == before
