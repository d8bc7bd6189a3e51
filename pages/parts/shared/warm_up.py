"""Imports what most pages need while nobody waits for one: the first page does without, so that it is there at once."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pages.parts.shared import collector

NEEDED = ("torch", "scipy.special")
"""What takes long to import, the longest first."""
QUIET_SECONDS = 3.0
"""How long no page must have been run before that: an import holds the interpreter, and would slow the page."""


def bring() -> None:
    """Import ``NEEDED``, and leave it out of garbage collections."""
    for name in NEEDED:
        importlib.import_module(name)
    collector.spare_the_collector()


class WarmUp:
    """Calls ``work`` once, in a thread of its own, when no page has been run for ``quiet`` seconds."""

    def __init__(self, work: Callable[[], None], quiet: float = QUIET_SECONDS) -> None:
        self._work = work
        self._quiet = quiet
        self._lock = threading.Lock()
        self._runs = 0
        self._timer: threading.Timer | None = None
        self.thread: threading.Thread | None = None

    @property
    def occupied(self) -> bool:
        """Whether a page is being run."""
        with self._lock:
            return self._runs > 0

    @contextmanager
    def after_this(self) -> Iterator[None]:
        """Around a run of a page: not while it goes on."""
        with self._lock:
            self._runs += 1
            if self._timer is not None:
                self._timer.cancel()
        try:
            yield
        finally:
            with self._lock:
                self._runs -= 1
                if not self._runs and self.thread is None:
                    self._timer = threading.Timer(self._quiet, self._begin)
                    self._timer.daemon = True  # the end of a process does not wait for it
                    self._timer.start()

    def _begin(self) -> None:
        with self._lock:
            if self._runs or self.thread is not None:
                return
            # the end of a process waits for this one: nothing may end in the middle of an import of torch
            self.thread = threading.Thread(target=self._work, name="warm-up", daemon=False)
            self.thread.start()


warm_up = WarmUp(bring)
"""That of this process."""
