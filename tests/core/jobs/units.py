"""Units of work of the tests of executors: functions of a module, so that another process can import them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.config import ConfigError, RunConfig

if TYPE_CHECKING:  # torch comes with these, which most units do without
    from core.experiments.experiment import Trial
    from core.experiments.table import Done

LONG = 120
"""Seconds after which a unit gives up waiting: by then the test has failed."""


def double(number: int) -> int:
    return 2 * number


def double_but_3(number: int) -> int:
    """Fails on 3 as a class of errors does that pickle cannot bring back."""
    if number == 3:
        raise Odd("three", "is odd")
    return 2 * number


class Odd(Exception):
    """Its message is not what it was made with."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what} {why}")


def refuse(number: int) -> int:
    raise ConfigError(f"number={number} is out of range")


def begin(folder: Path, name: object) -> None:
    """Tell in ``folder`` that ``name`` has begun, and in which process."""
    part = folder / f"{name}.part"
    part.write_text(str(os.getpid()))
    part.rename(folder / f"{name}.begun")


def wait_for(path: Path, until: Callable[[str], bool] = lambda text: True) -> str:
    """The text of ``path`` once it is there and ``until`` finds it complete."""
    end = time.monotonic() + LONG
    while not (path.exists() and until(text := path.read_text())):
        if time.monotonic() > end:
            raise TimeoutError(f"{path.name} did not come")
        time.sleep(0.02)
    return text


def wait_in(folder: Path, number: int) -> int:
    """Begins, and ends once the test lets it."""
    begin(folder, number)
    wait_for(folder / "go")
    return 2 * number


def end_process(number: int) -> int:
    os._exit(7)


def run_when_let(folder: Path, config: RunConfig, *, threads: int, data_root: str | None) -> dict[str, bytes]:
    """``run_one``, that waits for the test after it has begun."""
    from core.jobs.one_run import run_one  # torch comes with it, which the other units do without

    begin(folder, config.run_id)
    wait_for(folder / "go")
    return run_one(config, threads=threads, data_root=data_root)


def trial_when_let(folder: Path, trial: Trial, *, data_root: Path | None) -> Done:
    """``run_trial``, that waits for the test after it has begun."""
    from core.experiments.run import run_trial

    begin(folder, trial.settings.norm)
    wait_for(folder / "go")
    return run_trial(trial, data_root)


def own_pid(_: int) -> int:
    return os.getpid()


def six_runs(**fields: Any) -> list[tuple[RunConfig, ...]]:
    """A study in small: two races of three narrow networks."""
    return [tuple(RunConfig(norm=norm, seed=seed, width=4, **fields) for norm in ("bn", "gn", "ln")) for seed in (0, 1)]
