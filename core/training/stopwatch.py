"""A stopwatch that can stand still."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Gives seconds since some moment; only differences count."""


class Stopwatch:
    """Counts the seconds between ``resume`` and ``pause``, over as many turns as there are.

    >>> seconds = iter([10.0, 12.0, 50.0, 51.0])
    >>> watch = Stopwatch(clock=lambda: next(seconds))
    >>> for _ in range(2):
    ...     watch.resume()
    ...     watch.pause()
    >>> watch.seconds
    3.0
    """

    def __init__(self, clock: Clock = time.perf_counter) -> None:
        self._clock = clock
        self._total = 0.0
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        """Seconds so far."""
        running = self._clock() - self._since if self._since is not None else 0.0
        return self._total + running

    def pause(self) -> None:
        """Stand still."""
        self._total = self.seconds
        self._since = None

    def resume(self) -> None:
        """Go on."""
        self._since = self._clock()
