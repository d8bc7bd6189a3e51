"""Runs of several places as one list: what was uploaded, what was trained here, and what comes with the app.

    Library({"own": RunStore(), "shipped": RunFolder(shipped_root())}).summaries()

One rule says which counts where a run lies in several places (see ``Library.origin``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from core.quoting import shortened
from core.records.record import RecordError, RunRecord, RunSummary

Origin = Literal["uploaded", "own", "shipped"]
ORIGINS: tuple[Origin, ...] = get_args(Origin)
"""The places in the order in which their runs are listed."""
PRECEDENCE: tuple[Origin, ...] = ("uploaded", "shipped", "own")
"""The places in the order in which one run that lies in several is asked for."""


class Place(Protocol):
    """Where records lie, as ``core.records.store.RunFolder`` has it."""

    def summaries(self) -> tuple[list[RunSummary], list[str]]:
        """All readable records without their arrays, in their order, and one sentence a refused one."""

    def summary(self, run_id: str) -> RunSummary:
        """One of them; ``RecordError`` where it is not here or cannot be trusted."""

    def load(self, run_id: str) -> RunRecord:
        """One of them, whole; ``RecordError`` as for ``summary``."""


@dataclass(frozen=True)
class InMemory:
    """Records by id that lie nowhere but in the memory: a ``Place``."""

    records: Mapping[str, RunRecord]

    def summaries(self) -> tuple[list[RunSummary], list[str]]:
        """As ``Place`` has it; none is refused."""
        return [record.summary for record in self.records.values()], []

    def summary(self, run_id: str) -> RunSummary:
        """As ``Place`` has it."""
        return self.load(run_id).summary

    def load(self, run_id: str) -> RunRecord:
        """As ``Place`` has it."""
        if run_id not in self.records:
            raise RecordError(f"{shortened(run_id)}: no such run here")
        return self.records[run_id]


@dataclass(frozen=True)
class Library:
    """The runs of some ``places`` that have an epoch, each once: itself a ``Place``."""

    places: Mapping[Origin, Place]

    def origin(self, run_id: str) -> Origin | None:
        """The place that counts for a run; None where it is nowhere.

        That is the first of uploaded, shipped and own where it has all its epochs, else the first that has it: what
        the app comes with stays what it is, whatever is trained beside it.
        """
        found: dict[Origin, RunSummary] = {}
        for origin, place in self.places.items():
            try:
                found[origin] = place.summary(run_id)
            except RecordError:
                continue
        return _first(found)

    def by_origin(self) -> dict[Origin, list[RunSummary]]:
        """The runs of each place in its order, place by place, without those that count from another one."""
        listed = {o: {run.run_id: run for run in self.places[o].summaries()[0]} for o in ORIGINS if o in self.places}
        return {
            origin: [
                run
                for run_id, run in runs.items()
                if _first({other: there[run_id] for other, there in listed.items() if run_id in there}) == origin
            ]
            for origin, runs in listed.items()
        }

    def summaries(self) -> tuple[list[RunSummary], list[str]]:
        """All runs without their arrays, place by place. What cannot be read is passed over, and not told."""
        return [summary for runs in self.by_origin().values() for summary in runs], []

    def summary(self, run_id: str) -> RunSummary:
        """A run without its arrays, from the place that counts; ``RecordError`` where there is none."""
        return self._place(run_id).summary(run_id)

    def load(self, run_id: str) -> RunRecord:
        """A whole record from the place that counts; ``RecordError`` where there is none, or it is damaged."""
        return self._place(run_id).load(run_id)

    def _place(self, run_id: str) -> Place:
        origin = self.origin(run_id)
        if origin is None:
            raise RecordError("there is no such run")
        return self.places[origin]


def _first(places: Mapping[Origin, RunSummary]) -> Origin | None:
    """The rule of ``Library.origin``, for one run; what has no epoch does not count."""
    having = [origin for origin in PRECEDENCE if origin in places and places[origin].epochs]
    return next((origin for origin in having if places[origin].status == "complete"), next(iter(having), None))
