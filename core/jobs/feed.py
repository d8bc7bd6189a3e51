"""The batches of a race: each made once for all variants that see the same, and kept until all of them have had it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from core.config import RunConfig
from core.data.batches import Batch, run_batches
from core.data.datasets import Dataset, hold_out

IMAGES_AHEAD = 4096
"""So many images the first of the variants may be ahead of the last: what lies between them is held in memory."""

LOOK_SECONDS = 0.1
"""How often one that waits for the others looks whether it is to stop."""


class Feed:
    """One stream of batches for several readers, each in a thread of its own and all in step.

    Whoever is the first to ask for a batch makes it, so every reader gets what it would get alone. A reader that has
    left, or that ``pace`` was told of, keeps nobody waiting.
    """

    def __init__(self, stream: Iterator[Batch], readers: Sequence[int], ahead: int) -> None:
        self._stream = stream
        self._ahead = ahead
        self._given = dict.fromkeys(readers, 0)  # batches that each reader has got
        self._kept: deque[Batch] = deque()  # those that some reader has not got yet
        self._first = 0  # the number of the first of them, from 0
        self._broken: BaseException | None = None  # what kept a batch from being made
        self._moved = threading.Condition()

    def reader(self, i: int) -> Iterator[Batch]:
        """The batches of reader ``i``, from the first one. What breaks the stream is raised to every reader."""
        while (batch := self._take(i)) is not None:
            yield batch

    def pace(self, i: int, stopped: Callable[[], bool]) -> None:
        """Wait while reader ``i`` is ``ahead`` batches before the slowest one, and is not ``stopped``."""
        with self._moved:
            while self._given[i] - min(self._given.values()) >= self._ahead and not stopped():
                self._moved.wait(LOOK_SECONDS)

    def leave(self, i: int) -> None:
        """Reader ``i`` takes no more."""
        with self._moved:
            del self._given[i]
            self._forget()
            self._moved.notify_all()

    def _take(self, i: int) -> Batch | None:
        with self._moved:
            wanted = self._given[i]
            if wanted == self._first + len(self._kept):
                batch = self._next()
                if batch is None:
                    return None
                self._kept.append(batch)
            batch = self._kept[wanted - self._first]
            self._given[i] += 1
            self._forget()
            self._moved.notify_all()
            return batch

    def _next(self) -> Batch | None:
        # a generator that has raised is at its end for whoever asks next: a run would be shorter, and nobody would know
        if self._broken is not None:
            raise RuntimeError("a batch could not be made") from self._broken
        try:
            return next(self._stream, None)
        except BaseException as error:
            self._broken = error
            raise

    def _forget(self) -> None:
        needed = min(self._given.values(), default=self._first + len(self._kept))
        while self._first < needed:
            self._kept.popleft()
            self._first += 1


def feeds(configs: Sequence[RunConfig], data: Dataset) -> list[Feed]:
    """For each of the variants its feed, shared by all that train on the same batches."""
    alike: dict[RunConfig, list[int]] = {}
    for i, config in enumerate(configs):
        alike.setdefault(_without_method(config), []).append(i)
    found: dict[int, Feed] = {}
    for shared, readers in alike.items():
        part = hold_out(data) if shared.validation else data
        ahead = max(2, IMAGES_AHEAD // shared.batch_size)
        found |= dict.fromkeys(readers, Feed(run_batches(shared, part), readers, ahead))
    return [found[i] for i in range(len(configs))]


def _without_method(config: RunConfig) -> RunConfig:
    return replace(config, norm="none", l1=0.0, l2=0.0, width=1, precision="fp32")
