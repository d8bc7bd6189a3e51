"""Background runs: a queue of races in threads, and immutable snapshots to look at meanwhile.

A page never waits for a race and a race never knows of a page: it submits configurations, gets an id,
and asks for the snapshot of that id as often as it likes. Workers are cancelled and joined before the
process ends, since a thread that is inside torch at that moment aborts it.
"""

from __future__ import annotations

import atexit
import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.catalogue import TRAIN_IMAGES, DatasetName
from core.config import ConfigError, RunConfig
from core.data import datasets as data
from core.data.datasets import Dataset
from core.data.download import DataError, Progress
from core.jobs.limits import limits
from core.jobs.memory import give_back
from core.jobs.race import Load, Race
from core.jobs.snapshots import RaceSnapshot
from core.records.store import RunStore

JOIN_SECONDS = 10.0

_log = logging.getLogger(__name__)


class BusyError(RuntimeError):
    """The queue is full. The message is one sentence for the visitor."""


def load_or_digits(
    name: DatasetName, progress: Progress | None = None, root: Path | None = None
) -> tuple[Dataset, str]:
    """The app's loader: the data set, or digits and a sentence that says why."""
    try:
        return data.load(name, root, progress=progress), ""
    except (DataError, ConfigError) as error:
        return data.load("digits"), f"{error} The race goes on with digits, which come with the app."


class RaceRegistry:
    """The races of one process: one runs, the others wait their turn, ended ones stay to be looked at.

    Create one in a process and share it. ``close`` cancels and joins everything, and runs by itself when
    the interpreter ends.
    """

    def __init__(
        self,
        store: RunStore | None = None,
        load: Load = load_or_digits,
    ) -> None:
        self.store = store
        self._load = load
        self._races: OrderedDict[str, Race] = OrderedDict()
        self._waiting: deque[Race] = deque()
        self._current: Race | None = None
        self._condition = threading.Condition()
        self._closed = False
        self._rate: float | None = None
        if store is not None:
            store.mark_interrupted()
        self._dispatcher: threading.Thread | None = None
        atexit.register(self.close)

    def submit(self, configs: Sequence[RunConfig]) -> str:
        """Queue a race and return its id.

        Raises ``ConfigError`` for bad variants and ``BusyError`` where the queue is full.
        """
        allowed = limits()
        allowed.check(configs)
        race = Race(configs, store=self.store, deadline=60 * allowed.race_minutes)
        with self._condition:
            if self._closed:
                raise BusyError("The server is shutting down; start the race again in a moment.")
            if len(self._waiting) >= allowed.max_waiting:
                raise BusyError(f"{allowed.max_waiting} races are waiting already; try again in a few minutes.")
            self._races[race.race_id] = race
            self._waiting.append(race)
            self._forget()
            if self._dispatcher is None:
                self._dispatcher = threading.Thread(target=self._dispatch, daemon=True, name="normlens-dispatcher")
                self._dispatcher.start()
            self._condition.notify_all()
        return race.race_id

    def snapshot(self, race_id: str) -> RaceSnapshot | None:
        """The race now, with its place in the queue; None for an id that this process does not know."""
        with self._condition:
            race = self._races.get(race_id)
            if race is None:
                return None
            queue = [*([self._current] if self._current else []), *self._waiting]
            before = queue[: queue.index(race)] if race in self._waiting else []
        waits = [self._seconds_left(other) for other in before]
        known = None if None in waits else sum(w for w in waits if w is not None)
        return replace(race.snapshot(), position=len(before), expected_wait=known)

    def estimate(self, configs: Sequence[RunConfig]) -> float | None:
        """Seconds that a race of ``configs`` would take, from the rate of the last race here; None before one."""
        if self._rate is None:
            return None
        return sum(config.epochs * TRAIN_IMAGES[config.dataset] for config in configs) / self._rate

    def _seconds_left(self, race: Race) -> float | None:
        seen = race.snapshot()
        left = [v.remaining for v in seen.variants if v.remaining is not None]
        return max(left) if left else self.estimate(race.configs)

    def _measure(self, race: Race) -> None:
        # images trained on over the time of the whole race, tests included: what a visitor waits for
        seen = race.snapshot()
        images = sum(len(v.rows) * TRAIN_IMAGES[v.config.dataset] for v in seen.variants)
        if seen.status == "complete" and seen.elapsed and images:  # none where all diverged in their first epoch
            self._rate = images / seen.elapsed

    def cancel(self, race_id: str, variant: int | None = None) -> None:
        """Stop a race or one of its variants; unknown ids are ignored."""
        with self._condition:
            race = self._races.get(race_id)
            if race is None:
                return
            if variant is None and race in self._waiting:
                self._waiting.remove(race)
        race.cancel(variant)

    def busy(self) -> int:
        """How many races run or wait."""
        with self._condition:
            return len(self._waiting) + (self._current is not None)

    def close(self) -> None:
        """Cancel everything and wait for the threads: nothing of torch runs afterwards."""
        with self._condition:
            self._closed = True
            waiting = list(self._waiting)
            self._waiting.clear()
            current = self._current
            dispatcher = self._dispatcher
            self._condition.notify_all()
        for race in [*waiting, *([current] if current else [])]:
            race.cancel()
        if dispatcher is not None and dispatcher is not threading.current_thread():
            # a download that hangs is not inside torch and may be left behind; a worker may not
            preparing = current is not None and current.snapshot().status == "preparing"
            dispatcher.join(timeout=JOIN_SECONDS if preparing else None)
        atexit.unregister(self.close)

    def _forget(self) -> None:
        # the oldest ended races make room; those that run or wait stay
        for race_id in [key for key, race in self._races.items() if race.snapshot().ended]:
            if len(self._races) <= limits().keep_races:
                break
            del self._races[race_id]

    def _dispatch(self) -> None:
        while True:
            with self._condition:
                while not self._waiting and not self._closed:
                    self._condition.wait()
                if self._closed:
                    return
                race = self._current = self._waiting.popleft()
            try:
                race.run(self._load)
                self._measure(race)
            except Exception:  # a race that breaks must not take the queue with it
                _log.exception("race %s stopped on an error", race.race_id)
                race.fail("the race stopped on an error of the server; its log says more")
            finally:
                give_back()
                with self._condition:
                    self._current = None
