"""Keeps the memory of a process with many threads small, where the C library lets one: on Linux with glibc.

Tells whether it is short, too.

glibc gives every thread a heap of its own, up to eight for each core, and what a thread has freed is kept there.
Training threads, and the thread that Streamlit starts for each run of a page, leave holes in all of them.
"""

from __future__ import annotations

import ctypes
import platform
import re
from functools import cache
from pathlib import Path

_M_ARENA_MAX = -8
ARENAS = 2
"""Heaps shared by all threads; torch allocates rarely enough that they do not wait for each other."""

LEAST_LEFT = 200_000_000
"""Bytes that stay for what somebody waits for."""
_FILES = Path("/")


@cache
def library() -> ctypes.CDLL | None:
    """The C library where it is glibc, else None; looked for once."""
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None


def few_heaps() -> bool:
    """Let all threads started from now on share ``ARENAS`` heaps; whether the C library does so."""
    found = library()
    return found is not None and found.mallopt(_M_ARENA_MAX, ARENAS) == 1


def give_back() -> bool:
    """Return freed memory to the system, after something large has ended; whether the C library can."""
    found = library()
    if found is None:
        return False
    found.malloc_trim(0)
    return True


def short(files: Path = _FILES) -> bool:
    """Whether less than ``LEAST_LEFT`` is left, on the machine or in the container; False where Linux does not say.

    files: the root of the file system.
    """
    left = (_of_machine(files / "proc/meminfo"), _of_container(files / "sys/fs/cgroup"))
    return any(each is not None and each < LEAST_LEFT for each in left)


def _of_machine(meminfo: Path) -> int | None:
    found = _number(meminfo, r"^MemAvailable:\s+(\d+) kB$")
    return None if found is None else 1024 * found


def _of_container(group: Path) -> int | None:
    most, used = (_number(group / name, r"^(\d+)$") for name in ("memory.max", "memory.current"))
    if most is None or used is None:  # no limit, or another version of control groups
        return None
    return most - used + (_number(group / "memory.stat", r"^inactive_file (\d+)$") or 0)  # which is given up at need


def _number(path: Path, pattern: str) -> int | None:
    try:
        found = re.search(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)
    except (OSError, UnicodeError):
        return None
    return int(found[1]) if found else None
