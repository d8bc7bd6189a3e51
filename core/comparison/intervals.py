"""Intervals and tests for accuracies: of one run, of a method over its seeds, of two methods or networks.

The distributions are ``scipy.special``'s, the functions behind those of ``scipy.stats``: that module and statsmodels
would each bring more into a server's memory than all of the app's own pages, for closed formulas of a line or two.
What stands here is which of them answers which question:

    one run                      Wilson's interval: other test images of the same kind
    a method                     t interval over its seeds: other initial weights and orders, these test images
    two networks                 McNemar's exact test on the images that only one of them gets right
    two methods                  paired differences by seed: a t interval, the t test and the sign-flip test
    two methods, other images    an interval over seeds and images: see ``crossed``
    several pairs                p values corrected after Holm
    what could not be told       the difference that the t test would find with 80 % power

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
POWER = 0.8
FLIPS = 2**16
"""The sign-flip test is exact where there are no more ways than these to flip: up to 16 pairs."""
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

    difference: their mean with its t interval.  p: two-sided, of the paired t test.  flip_p: of the sign-flip test.
    pairs: how many.
    """

    difference: Interval
    p: float
    flip_p: float
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

    With p the share of n that is correct and z = 1.96 the normal bound: (p + z^2 / 2n +- z sqrt(p (1 - p) / n +
    z^2 / 4n^2)) / (1 + z^2 / n) (Wilson 1927). Unlike p +- 1.96 standard errors it stays inside 0..100 and holds near
    100 %. Raises ``ValueError`` for no images or more correct than there are.
    """
    if not 0 <= correct <= images or images < 1:
        raise ValueError(f"correct={correct}, images={images}; use 0 to images of at least one image")
    from scipy import special

    p, z = correct / images, float(special.ndtri((1 + LEVEL) / 2))
    middle = p + z**2 / (2 * images)
    half = z * math.sqrt(p * (1 - p) / images + z**2 / (4 * images**2))
    low, high = ((middle + side) / (1 + z**2 / images) for side in (-half, half))
    return Interval(100 * p, 100 * max(0.0, low), 100 * min(1.0, high))


def t_interval(values: Sequence[float]) -> Interval:
    """Mean of n >= 2 values with its 95 % t interval: mean +- t(n - 1) s / sqrt(n).

    Values that are all equal have an interval of length zero. Raises ``ValueError`` for fewer than two.
    """
    if len(values) < 2:
        raise ValueError(f"{len(values)} value has no spread; use at least two")
    from scipy import special

    mean = float(np.mean(values))
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    half = error * float(special.stdtrit(len(values) - 1, (1 + LEVEL) / 2))
    return Interval(mean, mean - half, mean + half)


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
    flip_p = sign_flip(differences.tolist())
    if np.ptp(differences) < EQUAL:
        value = float(differences.mean())
        return PairedTest(Interval(value, value, value), flip_p, flip_p, n)
    from scipy import special

    interval = t_interval(differences.tolist())
    t = interval.value / (float(np.std(differences, ddof=1)) / math.sqrt(n))
    return PairedTest(interval, 2 * float(special.stdtr(n - 1, -abs(t))), flip_p, n)


def sign_flip(differences: Sequence[float]) -> float:
    """The two-sided p of the sign-flip test of n differences: that their distribution is symmetric about zero.

    The share of the 2^n ways to choose their signs that give a sum at least as far from zero: it takes no difference
    for normal, and with n pairs it is never below 2^(1 - n), 0.0625 for five. Beyond 16 pairs ``FLIPS`` random ways
    stand for all, the same in every call. Raises ``ValueError`` for fewer than two.
    """
    if len(differences) < 2:
        raise ValueError(f"{len(differences)} difference is too few to flip signs; use at least two")
    values = np.where(np.abs(differences) < EQUAL, 0.0, differences)
    if not values.any():
        return 1.0
    if 2 ** len(values) <= FLIPS:
        sums: NDArray[np.floating] = np.zeros(1)
        for value in values:
            sums = np.concatenate([sums - value, sums + value])  # the last one is of the signs as they are
        sums = np.round(np.abs(sums), 9)  # equal sums stay equal, whatever their order
        return float(np.mean(sums >= sums[-1]))
    from scipy import stats

    found = stats.permutation_test(
        (values,),
        lambda flipped, axis: np.round(flipped.sum(axis=axis), 9),
        permutation_type="samples",
        vectorized=True,
        n_resamples=FLIPS,
        batch=1024,
        rng=np.random.default_rng(0),
    )
    return float(found.pvalue)


def detectable(deviation: float, pairs: int, *, level: float = 1 - LEVEL) -> float:
    """The true difference that the two-sided paired t test finds with 80 % power, in the unit of ``deviation``.

    deviation: the standard deviation of the differences.  pairs: n, at least two.  level: at which p is judged.
    It solves P(T > t) = 0.8 for T noncentral t with n - 1 degrees of freedom and noncentrality sqrt(n) difference /
    deviation, t the bound of the test; the other tail adds less than 0.00001. Raises ``ValueError`` for fewer than two
    pairs.
    """
    if pairs < 2:
        raise ValueError(f"{pairs} pair has no spread; use at least two")
    from scipy import special

    bound = -float(special.stdtrit(pairs - 1, level / 2))
    return deviation * float(special.nctdtrinc(pairs - 1, 1 - POWER, bound)) / math.sqrt(pairs)


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> McNemar:
    """McNemar's exact test. first, second: (M,), whether each network gets each of the same images right.

    Raises ``ValueError`` where the two have not the same number of images.
    """
    if first.shape != second.shape:
        raise ValueError(f"{len(first)} and {len(second)} images cannot be paired")
    from scipy import special

    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    p = 2 * float(special.bdtr(min(only_first, only_second), only_first + only_second, 0.5))
    return McNemar(only_first, only_second, min(1.0, p))


def holm(p_values: Sequence[float]) -> list[float]:
    """The p values of a family of tests, each corrected after Holm, in the same order.

    The k-th smallest of n, counted from 0, times n - k, never below that of a smaller one and at most 1 (Holm 1979).
    The chance of one false difference anywhere in the family stays below the level to which they are compared.
    """
    # not statsmodels' multipletests: it collects garbage in each call, which takes longer than all the tests together
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p)
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return corrected.tolist()


def standard_error(accuracy: float, images: int) -> float:
    """Standard error of an accuracy in percent measured on ``images`` test images, in points.

    100 * sqrt(p (1 - p) / n): how far one network's accuracy would scatter over other test sets of this size.
    Raises ``ValueError`` for no images or an accuracy outside 0..100.
    """
    if images < 1 or not 0 <= accuracy <= 100:
        raise ValueError(f"accuracy={accuracy}, images={images}; use 0 to 100 percent of at least one image")
    p = accuracy / 100
    return 100 * math.sqrt(p * (1 - p) / images)
