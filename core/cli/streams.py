"""stdout and stderr as a command uses them: closed by the shell, on a full disk, or with a reader that went away."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from core.cli.common import FAILED, Failure
from core.quoting import shortened
from core.training.events import plain

MOST_OF_A_LINE = 300
"""Characters of an error's line: what it quotes may be of any length."""
MOST_OF_A_REPORT = 1500
"""Characters of the line that says how each of several variants ended, in this program's own words."""


def open_streams() -> None:
    """Let the streams that the shell has closed (``>&-``) lead nowhere.

    Python has None in their place, and the next file to be opened would get their number, and with it what any
    library prints.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8"))  # noqa: SIM115, PTH123


def put(text: str) -> None:
    """Print ``text`` and a line's end on stdout.

    A reader that went away knows what it did not read, so that is no failure. Raises ``Failure`` where the text is
    lost otherwise.
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _mute(sys.stdout)
    except OSError as error:
        _mute(sys.stdout)
        raise Failure(f"the output could not be written: {error.strerror}") from error


def json_line(values: Mapping[str, Any]) -> str:
    """``values`` as one line of strict JSON: a number that is not finite is null."""
    return json.dumps(plain(values), allow_nan=False)


def tell(line: str) -> None:
    """Print one line on stderr. Where nobody can read it, that is no reason to stop."""
    with quiet_stderr():
        print(line, file=sys.stderr, flush=True)


def tell_error(error: object) -> None:
    """Print why a command ends, on one line."""
    tell(shortened(f"core: error: {error}", MOST_OF_A_REPORT if isinstance(error, Failure) else MOST_OF_A_LINE))


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Inside the block a stderr that cannot be written is told to nobody, and leads nowhere from then on."""
    try:
        yield
    except OSError:
        _mute(sys.stderr)


def flushed(status: int) -> int:
    """Flush both streams at the end of a process, and return its status: 1 where its output is lost."""
    try:
        sys.stdout.flush()
    except OSError as error:
        # the interpreter's own attempt at its end must not change the status
        _mute(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            tell_error(f"the output could not be written: {error.strerror}")
            status = status or FAILED
    with quiet_stderr():
        sys.stderr.flush()
    return status


def _mute(stream: TextIO) -> None:
    # what is still in the stream's buffer goes there, too
    with open(os.devnull, "w") as nowhere, contextlib.suppress(OSError):  # noqa: PTH123
        os.dup2(nowhere.fileno(), stream.fileno())
