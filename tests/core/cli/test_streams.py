"""The streams of a process: closed by the shell, on a full disk, or with a reader that went away."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.records import network
from tests.core.cli.test_parser import DIGITS, ROOT

FULL = Path("/dev/full")
needs_a_full_device = pytest.mark.skipif(not FULL.exists(), reason="Linux alone has a disk that is always full")


def redirected(how: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """One command with its streams redirected as a shell writes it."""
    command = [sys.executable, "-m", "core", *map(str, arguments)]
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {how}', "sh", *command], cwd=ROOT, capture_output=True, text=True, timeout=300
    )


def test_a_failure_is_one_with_closed_streams_too(tmp_path):
    done = redirected(">&- 2>&-", "evaluate", tmp_path / "absent")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


@pytest.mark.parametrize("how", ["<&- >&- 2>&-", pytest.param("2>/dev/full", marks=needs_a_full_device)])
def test_a_progress_bar_that_nobody_sees_does_not_stop_the_training(how, tmp_path):
    """Nor are closed streams a failure of the command."""
    done = redirected(how, "train", "--norm", "ln", "--epochs", "1", "--out", tmp_path, *DIGITS)
    [folder] = tmp_path.iterdir()
    # and nothing that was printed went into a file that was opened in a closed stream's place
    assert network.verify(folder).status == "complete"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout[:18] == ("" if ">&- " in how else "LN: test accuracy ")


def test_a_reader_that_went_away_knows_what_it_did_not_read(record_folder):
    with subprocess.Popen(
        [sys.executable, "-m", "core", "findings", str(record_folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.close()  # before anything is printed: as head does after its first lines
        errors = process.stderr.read()
    assert (process.returncode, errors) == (0, "")


def test_a_file_is_written_though_nobody_reads_the_output(record_folder, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("<!-- findings -->\n<!-- end of findings -->\n")
    done = redirected(">&-", "findings", record_folder, "--readme", readme)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "Final test accuracy: **BN**" in readme.read_text()


@needs_a_full_device
def test_output_that_is_lost_is_no_success(record_folder, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("<!-- findings -->\n<!-- end of findings -->\n")
    done = redirected(">/dev/full", "findings", record_folder, "--readme", readme)
    assert done.returncode == 1
    assert done.stderr == "core: error: the output could not be written: No space left on device\n"
    assert "Final test accuracy: **BN**" in readme.read_text()


@needs_a_full_device
def test_events_that_are_lost_stop_the_training(tmp_path):
    arguments = ["--norm", "ln", "--epochs", "1000", "--out", tmp_path, *DIGITS, "--json"]
    done = redirected(">/dev/full", "train", *arguments)
    assert done.returncode == 1
    assert done.stderr == "core: error: the output could not be written: No space left on device\n"
