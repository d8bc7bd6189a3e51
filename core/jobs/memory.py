"""Keeps the memory of a process with many threads small, where the C library lets one: on Linux with glibc.

glibc gives every thread a heap of its own, up to eight for each core, and what a thread has freed is kept there.
Training threads, and the thread that Streamlit starts for each run of a page, leave holes in all of them.
"""

from __future__ import annotations

import ctypes
import platform
from functools import cache

_M_ARENA_MAX = -8
ARENAS = 2
"""Heaps shared by all threads; torch allocates rarely enough that they do not wait for each other."""


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
