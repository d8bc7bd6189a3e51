"""Runs with which a test does something at a moment of its choice."""

from __future__ import annotations

from collections.abc import Callable

from core.training.events import Event
from core.training.loop import Training


def after_events(act: Callable[[Training, Event], object]) -> type[Training]:
    """Runs with which ``act`` is called after each event, once its consumer has had it and asks for the next."""

    class Acting(Training):
        _last: Event | None = None

        def __next__(self) -> Event:
            if self._last is not None:
                act(self, self._last)
            self._last = super().__next__()
            return self._last

    return Acting
