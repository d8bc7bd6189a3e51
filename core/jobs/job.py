"""What the queue runs: a race, or something else that needs data first and the processor afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from core.catalogue import DatasetName
from core.data.download import Progress
from core.jobs.snapshots import JobSnapshot

if TYPE_CHECKING:
    from core.data.datasets import Dataset

Load = Callable[[DatasetName, Progress], "tuple[Dataset, str]"]
"""Gives the data set of a name, and a note where it gives another one instead."""


class Job(Protocol):
    """One piece of work that waits for its turn. All of it may be called from any thread."""

    @property
    def job_id(self) -> str:
        """A name that nobody guesses, under which it can be seen and stopped."""
        ...

    def snapshot(self) -> JobSnapshot:
        """The state now: immutable, and cheap enough to ask for many times a second."""
        ...

    def prepare(self, load: Load) -> Any:
        """What ``train`` needs, by ``load``; None where the job has ended already. Blocks, outside the queue."""
        ...

    def train(self, data: Any, /) -> JobSnapshot:
        """Do the work in its turn, with what ``prepare`` gave, and return the last snapshot. Blocks."""
        ...

    def cancel(self) -> None:
        """Stop it: at once before its turn, else soon."""
        ...

    def fail(self, message: str) -> None:
        """End it as failed, from outside, where it has not ended already."""
        ...
