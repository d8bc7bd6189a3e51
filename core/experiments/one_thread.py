"""Work on one thread of torch, without a word to the threads of others."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import torch

T = TypeVar("T")


def in_one_thread(work: Callable[[], T], *, nicer: int = 0) -> T:
    """What ``work`` gives, in a thread of its own in which torch uses no other.

    For many small layers: on busy cores several threads wait for each other, up to twenty times as long as the work
    itself takes. Everything that ``work`` needs to be set for its thread, as ``no_denormals`` does, belongs into it.

    nicer: by how much this thread's priority is below that of the others, where the system knows that of threads.
    """
    usual = _usual()
    with ThreadPoolExecutor(1) as own:
        own.submit(_only_one, nicer).result()
        with ThreadPoolExecutor(1) as other:  # torch gives the last number to every thread that begins later
            other.submit(torch.set_num_threads, usual).result()
        return own.submit(work).result()


def _only_one(nicer: int) -> None:
    if nicer and sys.platform == "linux":  # elsewhere the number of a thread may be that of another process
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + nicer)
    torch.get_num_threads()  # a thread that has not asked yet would take the number of all at its first work
    torch.set_num_threads(1)


@cache
def _usual() -> int:
    """Asked for once: another visitor's thread might begin just when the number is 1."""
    return torch.get_num_threads()
