"""Intervals and tests for accuracies: of one run, of a method over its seeds, of two methods or networks.

The formulas are statsmodels' and scipy's. What stands here is which of them answers which question:

    one run                      Wilson's interval: other test images of the same kind
    a method                     t interval over its seeds: other initial weights and orders, these test images
    two networks                 McNemar's exact test on the images that only one of them gets right
    two methods                  paired differences by seed: a t interval, and a bootstrap over seeds and images
    several pairs                p values corrected after Holm

Test images are never pooled over seeds as if they were new ones: five networks tested on the same 10,000
images have not seen 50,000.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
DRAWS = 10_000
EQUAL = 1e-9
"""Differences closer than this are rounding: one image of a million is 1e-4 points."""


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval, all in the unit of what was estimated."""

    value: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether zero lies outside: the sign of the estimate is then not chance alone, at this level."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class PairedTest:
    """Differences first minus second, one a pair.

    difference: their mean with its t interval.  p: two-sided, of the paired t test.  pairs: how many.
    """

    difference: Interval
    p: float
    pairs: int


@dataclass(frozen=True)
class McNemar:
    """Two networks on the same images. only_first, only_second: images that one alone gets right.

    p: two-sided and exact: the binomial probability of a split at least as uneven, were each such image
    as likely to go either way.
    """

    only_first: int
    only_second: int
    p: float


def wilson(correct: int, images: int) -> Interval:
    """Accuracy in percent with Wilson's 95 % interval, from ``correct`` of ``images``.

    Unlike p +- 1.96 standard errors it stays inside 0..100 and holds near 100 %. Raises ``ValueError`` for no
    images or more correct than there are.
    """
    if not 0 <= correct <= images or images < 1:
        raise ValueError(f"correct={correct}, images={images}; use 0 to images of at least one image")
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(correct, images, alpha=1 - LEVEL, method="wilson")
    return Interval(100 * correct / images, 100 * float(low), 100 * float(high))


def t_interval(values: Sequence[float]) -> Interval:
    """Mean of n >= 2 values with its 95 % t interval: mean +- t(n - 1) s / sqrt(n).

    Values that are all equal have an interval of length zero. Raises ``ValueError`` for fewer than two.
    """
    if len(values) < 2:
        raise ValueError(f"{len(values)} value has no spread; use at least two")
    from scipy import stats

    mean = float(np.mean(values))
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    if error == 0:
        return Interval(mean, mean, mean)
    low, high = stats.t.interval(LEVEL, len(values) - 1, loc=mean, scale=error)
    return Interval(mean, float(low), float(high))


def paired_test(first: Sequence[float], second: Sequence[float]) -> PairedTest:
    """The paired t test of two methods, one value a seed each, in the order of the seeds.

    Raises ``ValueError`` unless both have the same number of values n, at least two. Accuracies lie on a grid, one
    step an image, so differences may all be equal by chance. They have no spread to test against; p is then that of
    the exact sign test, 2^(1 - n): how probable it is that all have one sign. It is 1 where all are zero.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} values cannot be paired")
    differences = np.subtract(first, second)
    n = len(differences)
    if n < 2:
        raise ValueError(f"{n} pair has no spread; use at least two")
    if np.ptp(differences) < EQUAL:
        value = float(differences.mean())
        return PairedTest(Interval(value, value, value), 1.0 if abs(value) < EQUAL else 2.0 ** (1 - n), n)
    from scipy import stats

    return PairedTest(t_interval(differences.tolist()), float(stats.ttest_1samp(differences, 0).pvalue), n)


def bootstrap(differences: NDArray[np.integer], *, draws: int = DRAWS, seed: int = 0) -> Interval:
    """Mean difference in accuracy, points, with the 95 % percentile interval over seeds and images.

    differences: (S, M), right (1) or wrong (0) of the first method minus that of the second, for S seeds and M
    test images. Each draw takes S seeds and M images with replacement, the same images for all its seeds, so
    the interval speaks of other seeds and other test images at once.
    """
    s, m = differences.shape
    random = np.random.default_rng(seed)
    # images with the same column only matter by their number: U different columns are the cells of a multinomial
    columns, counts = np.unique(differences, axis=1, return_counts=True)  # (S, U), (U,)
    images = random.multinomial(m, counts / m, size=draws)  # (draws, U), how often each column was drawn
    seeds = random.multinomial(s, np.full(s, 1 / s), size=draws)  # (draws, S)
    means = 100 * ((images @ columns.T) * seeds).sum(axis=1) / (s * m)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(100 * float(differences.mean()), float(low), float(high))


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> McNemar:
    """McNemar's exact test. first, second: (M,), whether each network gets each of the same images right.

    Raises ``ValueError`` where the two have not the same number of images.
    """
    if first.shape != second.shape:
        raise ValueError(f"{len(first)} and {len(second)} images cannot be paired")
    from statsmodels.stats import contingency_tables

    table = np.array([[(first & second).sum(), (first & ~second).sum()], [(~first & second).sum(), 0]])
    table[1, 1] = len(first) - table.sum()
    p = float(contingency_tables.mcnemar(table, exact=True).pvalue) if table[0, 1] + table[1, 0] else 1.0
    return McNemar(int(table[0, 1]), int(table[1, 0]), min(1.0, p))


def holm(p_values: Sequence[float]) -> list[float]:
    """The p values of a family of tests, each corrected after Holm, in the same order.

    The chance of one false difference anywhere in the family stays below the level to which they are compared.
    """
    from statsmodels.stats.multitest import multipletests

    return multipletests(list(p_values), method="holm")[1].tolist() if len(p_values) else []


def standard_error(accuracy: float, images: int) -> float:
    """Standard error of an accuracy in percent measured on ``images`` test images, in points.

    100 * sqrt(p (1 - p) / n): how far one network's accuracy would scatter over other test sets of this size.
    Raises ``ValueError`` for no images or an accuracy outside 0..100.
    """
    if images < 1 or not 0 <= accuracy <= 100:
        raise ValueError(f"accuracy={accuracy}, images={images}; use 0 to 100 percent of at least one image")
    p = accuracy / 100
    return 100 * math.sqrt(p * (1 - p) / images)
