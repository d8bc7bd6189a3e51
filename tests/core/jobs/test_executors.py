"""Units of work in processes of this machine: results, failures, and an end at any moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from core.config import ConfigError
from core.jobs.executors import as_completed, open_executor
from core.jobs.failures import ExecutorError, ItemError
from tests.core.jobs import units

ROOT = Path(__file__).parents[3]
SECONDS = 120
"""How long what must happen may take on a busy machine."""


@pytest.fixture(autouse=True)
def plain_main(monkeypatch):
    """A new process runs the main module first of all, and Streamlit's test driver leaves a page in its place."""
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))


def gone(pid: int) -> bool:
    """Whether a process that is nobody's child here has ended, some time soon."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            # one that nobody has waited for is there still, and runs no more
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


class ByHand(Executor):
    """Does nothing by itself: a test ends what was submitted."""

    def __init__(self) -> None:
        self.futures: dict[object, Future] = {}

    def submit(self, fn, /, *args, **kwargs):
        self.futures[args[0]] = Future()
        return self.futures[args[0]]


def test_results_come_from_other_processes():
    with open_executor(None, workers=2) as executor:
        assert dict(as_completed(executor, units.double, [1, 2, 3, 4, 5])) == {1: 2, 2: 4, 3: 6, 4: 8, 5: 10}
        assert list(as_completed(executor, units.double, [])) == []
        assert len({pid for _, pid in as_completed(executor, units.own_pid, range(8))} | {os.getpid()}) in (2, 3)


def test_no_more_are_in_flight_than_ahead():
    executor = ByHand()
    results = as_completed(executor, units.double, "abcd", ahead=2)
    executor.futures["b"] = ready = Future()
    ready.set_result("done")
    executor.submit = lambda fn, item, futures=executor.futures: futures.setdefault(item, Future())
    assert next(results) == ("b", "done")
    assert set(executor.futures) == {"a", "b"}
    executor.futures["c"] = ready
    assert next(results) == ("c", "done")
    assert set(executor.futures) == {"a", "b", "c"}
    results.close()
    assert executor.futures["a"].cancelled()
    assert "d" not in executor.futures


def test_what_runs_when_a_unit_fails_still_comes_and_the_rest_is_cancelled():
    executor = ByHand()
    failing, running = Future(), Future()
    running.set_running_or_notify_cancel()
    failing.set_exception(ValueError("odd"))
    waiting = Future()
    given = {"bad": failing, "runs": running, "waits": waiting}
    executor.submit = lambda fn, item: given[item]
    waiting.add_done_callback(lambda _: running.set_result("late"))  # once the one that waits is cancelled
    came = []
    with pytest.raises(ItemError, match=r"^run bad: stopped on an error: ValueError: odd$") as error:
        came.extend(as_completed(executor, units.double, list(given), name="run {}".format))
    assert came == [("runs", "late")]
    assert waiting.cancelled()
    assert error.value.item == "bad"
    assert isinstance(error.value.__cause__, ValueError)


def test_a_unit_that_fails_is_named_whatever_its_error_is():
    with open_executor(None) as executor:
        with pytest.raises(ItemError, match=r"^3: stopped on an error: Odd: three is odd$") as error:
            list(as_completed(executor, units.double_but_3, [1, 3]))
        assert "double_but_3" in "".join(error.value.__cause__.__notes__)
        with pytest.raises(ItemError, match=r"^5: number=5 is out of range$") as error:
            list(as_completed(executor, units.refuse, [5]))
        assert isinstance(error.value.__cause__, ConfigError)
        with pytest.raises(ItemError, match=r"^1: stopped on an error: (PicklingError|AttributeError): "):
            list(as_completed(executor, lambda number: number, [1]))


def test_a_process_that_ends_is_told_and_the_next_unit_gets_another():
    with open_executor(None) as executor:
        ended = r"^1: the process that ran it ended with status 7; was it killed, or short of memory\?$"
        with pytest.raises(ItemError, match=ended):
            list(as_completed(executor, units.end_process, [1]))
        assert list(as_completed(executor, units.double, [2])) == [(2, 4)]


def test_the_end_of_the_block_ends_a_unit_half_way(tmp_path):
    pids = []

    def interrupted():
        with open_executor(None) as executor:
            executor.submit(units.wait_in, tmp_path, 1)
            units.wait_for(tmp_path / "1.begun")
            pids.append(int((tmp_path / "1.begun").read_text()))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_after_the_end_nothing_is_taken():
    with open_executor(None) as executor:
        pass
    with pytest.raises(RuntimeError):
        executor.submit(units.double, 1)


PROGRAM = """
import sys
from functools import partial
from pathlib import Path
from core.cli.common import sigterm_interrupts
from core.jobs.executors import as_completed, open_executor
from tests.core.jobs import units

folder = Path(sys.argv[1])
try:
    with sigterm_interrupts(), open_executor(None, 2) as executor:
        print("open", flush=True)
        list(as_completed(executor, partial(units.wait_in, folder), [1, 2, 3]))
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.fixture
def program(tmp_path):
    """A process that has two units at work and one that waits; in a group of its own, as a terminal has it."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    yield process
    (tmp_path / "go").touch()  # whatever has been left behind ends
    process.kill()
    process.communicate()


def begun(folder: Path) -> list[int]:
    """The processes of both units, once they work."""
    for number in (1, 2):
        units.wait_for(folder / f"{number}.begun")
    return [int((folder / f"{number}.begun").read_text()) for number in (1, 2)]


def test_ctrl_c_ends_all_processes_without_a_word(program, tmp_path):
    pids = begun(tmp_path)
    os.killpg(program.pid, signal.SIGINT)  # a terminal sends it to all of them
    out, errors = program.communicate(timeout=SECONDS)
    assert (program.returncode, out, errors) == (0, "open\nstopped\n", "")
    assert all(map(gone, pids))
    assert not (tmp_path / "3.begun").exists()


def test_a_signal_while_processes_start_ends_them_without_a_word(program):
    assert program.stdout.readline() == "open\n"
    children = Path(f"/proc/{program.pid}/task")
    while not any((thread / "children").read_text() for thread in children.iterdir()):
        assert program.poll() is None
    os.killpg(program.pid, signal.SIGINT)
    out, errors = program.communicate(timeout=SECONDS)
    assert (program.returncode, out, errors) == (0, "stopped\n", "")


def test_processes_end_with_a_parent_that_is_killed(program, tmp_path):
    pids = begun(tmp_path)
    program.kill()
    program.wait(SECONDS)
    assert all(map(gone, pids))


def test_importing_it_loads_neither_dask_nor_torch():
    names = ("distributed", "dask", "torch")
    text = f"import sys, json, core.jobs.executors; print(json.dumps([n for n in {names} if n in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_a_local_executor_whose_work_is_cancelled_says_so():
    executor = ByHand()
    cancelled = Future()
    cancelled.cancel()
    cancelled.set_running_or_notify_cancel()
    executor.submit = lambda fn, item: cancelled
    with pytest.raises(ExecutorError, match="the work was cancelled"):
        list(as_completed(executor, partial(units.double), [1]))
