"""Numbers by seed, which verdicts are made of: differences, the least of several, means."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence

from core.experiments.experiment import Scalar
from core.experiments.table import Table

BySeed = Mapping[int, float]


def minus(more: BySeed, less: BySeed) -> dict[int, float]:
    """``more`` - ``less``, for the seeds that both have.

    >>> minus({3: 5.0, 4: 7.0}, {4: 1.0, 5: 2.0})
    {4: 6.0}
    """
    return {seed: more[seed] - less[seed] for seed in more if seed in less}


def of_all(choose: Callable[[list[float]], float], each: Sequence[BySeed]) -> dict[int, float]:
    """What ``choose``, such as ``min``, makes of the values of a seed, for the seeds that all of ``each`` have.

    >>> of_all(min, [{3: 5.0, 4: 7.0}, {4: 1.0, 5: 2.0}])
    {4: 1.0}
    """
    seeds = set.intersection(*(set(values) for values in each)) if each else set()
    return {seed: choose([values[seed] for values in each]) for seed in sorted(seeds)}


def mean(values: BySeed) -> float:
    """Over the seeds; nan without any."""
    return statistics.fmean(values.values()) if values else math.nan


def difference(
    value: str, more: Mapping[str, Scalar], less: Mapping[str, Scalar], **where: Scalar
) -> Callable[[Table], dict[int, float]]:
    """``Check.difference``: of a table, ``value`` where ``more`` minus ``value`` where ``less``; ``where``: of both."""
    return lambda table: table.difference(value, {**where, **more}, {**where, **less})
