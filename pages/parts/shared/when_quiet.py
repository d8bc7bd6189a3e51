"""Work for a moment in which no visitor waits for a page."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class WhenQuiet:
    """Calls ``work``, in a thread of its own, when it is ``due`` and no page has been run for some seconds."""

    def __init__(self, work: Callable[[], None], seconds: float, due: Callable[[], bool]) -> None:
        self.seconds = seconds
        self._work = work
        self._due = due
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
                if not self._runs and not self._working() and self._due():
                    self._timer = threading.Timer(self.seconds, self._begin)
                    self._timer.daemon = True  # the end of a process does not wait for it
                    self._timer.start()

    def _working(self) -> bool:
        return self.thread is not None and self.thread.is_alive()

    def _begin(self) -> None:
        with self._lock:
            if self._runs or self._working() or not self._due():
                return
            # the end of a process waits for this one: nothing may end in the middle of an import of torch
            self.thread = threading.Thread(target=self._work, name="when quiet", daemon=False)
            self.thread.start()
