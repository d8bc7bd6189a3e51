"""How many cores there are for this process, and how a race shares them out among its variants."""

from __future__ import annotations

import os

MOST_THREADS = "OMP_NUM_THREADS"


def cores() -> int:
    """The processor's cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads_each(variants: int, available: int | None = None) -> int:
    """torch threads for each of so many variants side by side: the cores, or those ``available``, shared out.

    As for torch itself, ``OMP_NUM_THREADS`` is the most that each may have. Where others keep the cores busy, the
    threads of a variant wait for each other, several times as long as one thread takes for all of its work.
    """
    most, _, _ = os.environ.get(MOST_THREADS, "").partition(",")  # more numbers are for regions within regions
    each = max(1, (available or cores()) // variants)
    return min(each, int(most)) if most.isascii() and most.isdigit() and int(most) else each
