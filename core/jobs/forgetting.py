"""A session's own work leaves the server: jobs are stopped and forgotten, and the records that they wrote deleted."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.jobs.snapshots import JobSnapshot, RaceSnapshot
from core.labels import listed
from core.records.owners import Deleted, Owners

if TYPE_CHECKING:
    from core.jobs.queue import RaceRegistry

STOP_SECONDS = 20.0
"""How long is waited for a job that was told to stop: a batch, or a chunk of an evaluation, of each of its variants."""
LOOK_SECONDS = 0.05
FORGOTTEN = "Forgotten: {things}."
NOTHING = "There was nothing of this session to forget."
ONE_STAYS = "One record stays, since another session has trained the same run."
SOME_STAY = "{count} records stay, since other sessions have trained the same runs."
STILL_STOPS = "Some of it is still being stopped; forget it in a moment."
HOLDS = "This server holds {things} of this session."
HOLDS_NOTHING = "This server holds nothing of this session."
NAMES = {
    "races": ("one race", "{count} races"),
    "trainings": ("one training of the lab", "{count} trainings of the lab"),
    "records": ("one record of a run", "{count} records of runs"),
    "uploads": ("one upload", "{count} uploads"),
}


@dataclass(frozen=True, kw_only=True)
class Held:
    """How much of one session there is: races, trainings of the lab, records of runs, uploads."""

    races: int = 0
    trainings: int = 0
    records: int = 0
    uploads: int = 0

    def things(self) -> str:
        """In words; empty where there is nothing."""
        counts = {name: getattr(self, name) for name in NAMES}
        return listed([NAMES[name][count > 1].format(count=count) for name, count in counts.items() if count])


def held(jobs: list[JobSnapshot], records: int, uploads: int) -> Held:
    """The same, counted; ``jobs`` of all kinds."""
    races = sum(isinstance(job, RaceSnapshot) for job in jobs)
    return Held(races=races, trainings=len(jobs) - races, records=records, uploads=uploads)


def forget(
    registry: RaceRegistry, owners: Owners, owner: str, *, seconds: float = STOP_SECONDS
) -> tuple[list[JobSnapshot], Deleted, bool]:
    """Stop the jobs of one session, then forget them and delete the records that they wrote. Blocks.

    The jobs that are gone, what became of the records, and whether something still ran after so many seconds: that
    is still known afterwards, and its records are not touched, since it would write them again.
    """
    for job_id in registry.known(owner):
        registry.cancel(job_id)
    end = time.monotonic() + seconds
    while (left := [j for j in registry.known(owner).values() if not j.ended]) and time.monotonic() < end:
        time.sleep(LOOK_SECONDS)
    gone = {job_id: job for job_id, job in registry.known(owner).items() if job.ended}
    for job_id in gone:
        registry.discard(job_id)
    running = {v.run_id for job in left if isinstance(job, RaceSnapshot) for v in job.variants}
    return list(gone.values()), owners.delete(owner, spare=running), bool(left)


def in_words(gone: Held, deleted: Deleted, still_stops: bool) -> str:
    """What was forgotten, and what was not."""
    things, stay = gone.things(), len(deleted.shared)
    sentences = [FORGOTTEN.format(things=things) if things else NOTHING]
    if stay:
        sentences.append(ONE_STAYS if stay == 1 else SOME_STAY.format(count=stay))
    if still_stops:
        sentences.append(STILL_STOPS)
    return " ".join(sentences)


def about(there: Held) -> str:
    """What there is of a session, in a sentence."""
    things = there.things()
    return HOLDS.format(things=things) if things else HOLDS_NOTHING
