"""Methods: runs that differ in nothing but their seed, seen together.

A single run is a method with one seed, so that whoever draws or compares has one kind of thing to handle.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, count, pairwise
from typing import Generic, Literal, TypeAlias, TypeVar

from core.catalogue import DATASETS
from core.config import RECIPE, VALIDATION_PART, RunConfig, place_in_study, races
from core.labels import distinct_labels
from core.records.record import EpochRow, Run, RunRecord

Metric = Literal["test_loss", "test_accuracy", "train_loss", "train_accuracy"]
Axis = Literal["epochs", "steps", "seconds"]
R = TypeVar("R", bound=Run)
R_co = TypeVar("R_co", bound=Run, covariant=True)


@dataclass(frozen=True, eq=False)
class MethodOf(Generic[R_co]):
    """One or more runs of one configuration, by ascending seed: summaries, or records with their arrays.

    label: a text that tells it from the others it was made with.
    """

    label: str
    records: tuple[R_co, ...]

    @property
    def config(self) -> RunConfig:
        """The configuration of its first seed."""
        return self.records[0].config

    @property
    def seeds(self) -> tuple[int, ...]:
        """One a run."""
        return tuple(record.config.seed for record in self.records)

    @property
    def epochs(self) -> int:
        """The epochs that every run of it has finished."""
        return min(len(record.epochs) for record in self.records)

    def values(self, of: Callable[[EpochRow], float], epoch: int = -1) -> list[float]:
        """``of`` an epoch's row, one value a seed; by default of each run's last epoch, else counted from 1."""
        return [of(record.epochs[epoch - 1 if epoch > 0 else epoch]) for record in self.records]

    @property
    def accuracies(self) -> list[float]:
        """Final test accuracy in percent, one a seed."""
        return self.values(lambda row: row.test_accuracy)

    def curve(self, metric: Metric) -> list[list[float]]:
        """``metric`` after each epoch: (seeds, epochs)."""
        return [[getattr(row, metric) for row in record.epochs[: self.epochs]] for record in self.records]

    def x(self, axis: Axis) -> list[float]:
        """Where the epochs' ends lie on an axis; seconds are the mean over the seeds."""
        numbers = range(1, self.epochs + 1)
        if axis == "epochs":
            return [float(epoch) for epoch in numbers]
        if axis == "steps":
            images = DATASETS[self.config.dataset].train_images
            if self.config.validation:
                images -= images // VALIDATION_PART
            batches = math.ceil(images / self.config.batch_size)
            return [float(epoch * batches) for epoch in numbers]
        each = [list(accumulate(row.seconds for row in record.epochs[: self.epochs])) for record in self.records]
        return [statistics.mean(seconds) for seconds in zip(*each, strict=True)]


Method: TypeAlias = MethodOf[Run]
"""Runs of which only their epochs count: with arrays or without."""
WholeMethod: TypeAlias = MethodOf[RunRecord]
"""Runs with their weights and predictions."""


@lru_cache(maxsize=1024)  # a page asks it of all runs, several times
def method_id(config: RunConfig) -> str:
    """The same for all seeds of a configuration: "m" and the id of its seed 0."""
    return f"m{replace(config, seed=0).run_id}"


def as_methods(records: Sequence[R]) -> list[MethodOf[R]]:
    """The records as methods, in the order of their first ones. Runs that are not complete stay alone.

    A run that is given twice counts once: it is no second seed.
    """
    groups: dict[str, list[R]] = {}
    seen: set[str] = set()
    for record in records:
        if record.run_id in seen:
            continue
        seen.add(record.run_id)
        complete = record.status == "complete"
        groups.setdefault(method_id(record.config) if complete else record.run_id, []).append(record)
    return named(list(groups.values()))


def single_runs(records: Sequence[R]) -> list[MethodOf[R]]:
    """Each record as a method of its own."""
    return named([[record] for record in records])


def named(groups: Sequence[Sequence[R]]) -> list[MethodOf[R]]:
    """Methods of these groups of runs, each with a label that tells it from the others."""
    grouped = [tuple(sorted(group, key=lambda record: record.config.seed)) for group in groups]
    # the seed names a run that is alone, never a group: all groups take one that none of those has
    alone = {group[0].config.seed for group in grouped if len(group) == 1}
    free = next(seed for seed in count() if seed not in alone)
    configs = [group[0].config if len(group) == 1 else replace(group[0].config, seed=free) for group in grouped]
    labels = distinct_labels(configs)
    return [
        MethodOf(label if len(group) == 1 else label.replace(f"seed {free}", f"{len(group)} seeds"), group)
        for label, group in zip(labels, grouped, strict=True)
    ]


def roughness(rows: Sequence[EpochRow], epochs: int = 5) -> float:
    """How much the test loss rises on its way down: nats, summed over the first ``epochs`` epochs.

    R = sum over e = 1 .. epochs - 1 of max(0, L(e + 1) - L(e)), L(e) the test loss after epoch e. It is 0 for
    every curve that only falls, however steeply, and counts each bump by its height.
    """
    losses = [row.test_loss for row in rows[:epochs]]
    return sum(max(0.0, after - before) for before, after in pairwise(losses))


def last_crossing(first: Method, second: Method, metric: Metric) -> float | None:
    """The epoch, with a fraction, where the mean curves change order for the last time; None where they never do.

    Between two epochs the curves count as straight. Curves that touch and part on the same side do not cross;
    where they are equal for a while in between, it is the middle of that while.
    """
    length = min(first.epochs, second.epochs)
    gaps = [
        statistics.mean(a) - statistics.mean(b)
        for a, b in zip(
            zip(*(row[:length] for row in first.curve(metric)), strict=True),
            zip(*(row[:length] for row in second.curve(metric)), strict=True),
            strict=True,
        )
    ]
    found = None
    before: tuple[int, float] | None = None  # the last epoch at which the curves differ
    for epoch, gap in enumerate(gaps, start=1):
        if gap == 0:
            continue
        if before is not None and (before[1] > 0) != (gap > 0):
            last, size = before
            found = last + size / (size - gap) if epoch == last + 1 else (last + epoch) / 2
        before = (epoch, gap)
    return found


def in_study_order(records: Iterable[R]) -> list[R]:
    """``records`` race by race as the study has them (see ``config.races``), any others last.

    Those of the current recipe first, then those of former ones, in the same order.
    """

    def place(record: R) -> tuple[int, bool, int, str]:
        found = place_in_study(replace(record.config, recipe=RECIPE))
        return -record.config.recipe, found is None, found or 0, record.run_id

    return sorted(records, key=place)


def in_first_race(records: Iterable[R]) -> list[R]:
    """Those of ``records`` that have the methods and the seed of the study's first race: the assignment."""
    first = len(races()[0])
    return [r for r in in_study_order(records) if (place := place_in_study(r.config)) is not None and place < first]
