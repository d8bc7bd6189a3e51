"""Whose a record is: which session's races have written which, in the memory of one server and nowhere else.

A session is known by a secret of its own, which is never shown; a record does not name it.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial

from core.records.store import RunStore

MOST_NOTED = 2000
"""Records that are remembered, of all sessions together; the oldest go first."""


@dataclass(frozen=True)
class Deleted:
    """What a session's records came to.

    records: those that are gone, by id, with the time that each had been written.
    shared: ids of those that stay, since another session has written the same run as well.
    """

    records: dict[str, int] = field(default_factory=dict)
    shared: tuple[str, ...] = ()


class Owners:
    """The records in ``store`` by the sessions that wrote them. All of it may be called from any thread."""

    def __init__(self, store: RunStore, most: int = MOST_NOTED) -> None:
        self.store = store
        self._most = most
        self._written: dict[tuple[str, str], int] = {}  # (owner, run id): when, in the order of writing
        self._lock = threading.Lock()

    def writer(self, owner: str) -> RunStore:
        """The store for the races of one session: what is written by it is the session's."""
        return self.store.noting(partial(self._wrote, owner))

    def _wrote(self, owner: str, run_id: str, modified: int) -> None:
        with self._lock:
            self._written.pop((owner, run_id), None)
            self._written[owner, run_id] = modified
            while len(self._written) > self._most:
                del self._written[next(iter(self._written))]

    def of(self, owner: str) -> frozenset[str]:
        """Ids of the records that a session has written and that are still there."""
        with self._lock:
            found = [run_id for who, run_id in self._written if who == owner]
        return frozenset(run_id for run_id in found if self.store.modified(run_id) is not None)

    def delete(self, owner: str, spare: Collection[str] = ()) -> Deleted:
        """Delete the records of one session, and know nothing of them any more.

        One that another session has written, too, stays, whoever was the last. spare: ids of runs that still run.
        """
        records, shared = {}, []
        with self._lock:
            own = {
                run_id: mark for (who, run_id), mark in self._written.items() if who == owner and run_id not in spare
            }
            for run_id in own:
                del self._written[owner, run_id]
            others = {run_id for _, run_id in self._written}
            for who, run_id in self._written:  # what was written last is theirs now
                self._written[who, run_id] = max(self._written[who, run_id], own.get(run_id, 0))
        for run_id, mark in own.items():
            found = self.store.modified(run_id)
            if found is None:
                continue
            # another time: it was written by somebody of whom this server does not know
            if run_id in others or found != mark:
                shared.append(run_id)
            else:
                self.store.delete(run_id)
                records[run_id] = mark
        return Deleted(records, tuple(shared))
