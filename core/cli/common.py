"""What every command of the command line needs: its statuses, its one failure, and a way to be stopped."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from core.config import ConfigError
from core.quoting import shortened

DONE, FAILED, BAD_ARGUMENT = 0, 1, 2
MOST_FOLDERS = 100
"""Folders of a path, one in the other."""
T = TypeVar("T")


class Failure(Exception):
    """Ends the command with status 1 and this one line."""


def check_out(out: Path | None) -> None:
    """Raise ``ConfigError`` where ``out`` is a file or lies below one, or so deep that it cannot be made."""
    if out is None:
        return
    if len(out.parts) > MOST_FOLDERS:  # each is made by a call within the call for the next
        raise ConfigError(f"out={shortened(out)} lies {len(out.parts)} folders deep; use one of at most {MOST_FOLDERS}")
    for place in (out, *out.parents):
        if os.path.isfile(place):  # noqa: PTH113 - unlike Path.is_file, False where the folder cannot be read
            what = "is a file" if place == out else "lies below a file"
            raise ConfigError(f"out={shortened(out)} {what}; use a folder")


@contextmanager
def no_threads_left() -> Iterator[None]:
    """Work of torch in this thread on one core, before another thread trains.

    The threads of a run wait for each other by spinning only while the process has no more of them than there are
    cores, and by sleeping else: those that work in this thread would leave behind make a variant alone half as fast.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def sigterm_interrupts() -> Iterator[None]:
    """Inside the block SIGTERM raises ``KeyboardInterrupt``, as SIGINT does: for work without threads."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@dataclass(frozen=True)
class Ended(Generic[T]):
    """What a work came to, and whether a signal came meanwhile: maybe too late for the work to notice."""

    result: T
    interrupted: bool


def until_done(work: Callable[[], T], cancel: Callable[[], None]) -> Ended[T]:
    """Run ``work`` in a thread of its own; SIGINT and SIGTERM call ``cancel`` and wait for its end.

    A signal interrupts the main thread wherever it is. Were that inside torch, or were the process to
    end while a worker is, the interpreter would abort; so the main thread only waits.
    """
    result: list[T] = []
    errors: list[BaseException] = []
    signals: list[int] = []

    def target() -> None:
        try:
            result.append(work())
        except BaseException as error:
            errors.append(error)

    def stop(number: int, _: object) -> None:
        signals.append(number)
        cancel()

    worker = threading.Thread(target=target, name="normlens-command")
    stops = (signal.SIGINT, signal.SIGTERM)
    in_main = threading.current_thread() is threading.main_thread()
    before = {s: signal.signal(s, stop) for s in stops} if in_main else {}
    try:
        worker.start()
        while worker.is_alive():
            worker.join(0.2)  # in steps, so that a signal's handler gets its turn
    finally:
        for s, handler in before.items():
            signal.signal(s, handler)
    if errors:
        raise errors[0]
    return Ended(result[0], bool(signals))
