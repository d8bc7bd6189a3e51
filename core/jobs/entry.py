"""A job in the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.jobs.job import Job


@dataclass(eq=False)
class Entry:
    """A job, whose it is, and its data once they are there and it waits for its turn."""

    job: Job
    owner: str
    data: Any = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.job.snapshot().ended

    @property
    def waits(self) -> bool:
        """Whether its turn is still to come."""
        return self.job.snapshot().status in ("queued", "preparing")
