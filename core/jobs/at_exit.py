"""What must be closed before a process ends: a thread that is inside torch at that moment aborts it."""

from __future__ import annotations

import threading
from typing import Protocol
from weakref import WeakSet


class Closes(Protocol):
    """What has threads that it cancels and joins."""

    def close(self) -> None:
        """Cancel and join them."""
        ...


_open: WeakSet[Closes] = WeakSet()


def close_at_exit(something: Closes) -> None:
    """Call its ``close`` when the interpreter ends, where it is still there and not ``closed``."""
    _open.add(something)


def closed(something: Closes) -> None:
    """It has been closed."""
    _open.discard(something)


def _close_all() -> None:
    for something in list(_open):
        something.close()


# The interpreter joins the threads of every executor before it calls what atexit knows: a race would then run to its
# end first. What threading knows runs before that join, since it was registered after it; there is no public way.
threading._register_atexit(_close_all)  # type: ignore[attr-defined]
