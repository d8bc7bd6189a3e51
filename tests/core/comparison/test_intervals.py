"""Intervals and tests against closed forms, textbook values and brute force."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats import contingency_tables
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.proportion import proportion_confint

from core.comparison.intervals import (
    Interval,
    detectable,
    holm,
    mcnemar,
    paired_test,
    sign_flip,
    standard_error,
    t_interval,
    wilson,
)


@pytest.mark.parametrize(("correct", "images"), [(9948, 10_000), (0, 50), (50, 50), (7, 10)])
def test_wilson_is_its_formula(correct, images):
    z = 1.959963984540054
    p, n = correct / images, images
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    found = wilson(correct, images)
    assert found.value == 100 * p
    assert found.low == pytest.approx(100 * max(0, centre - half), abs=1e-9)
    assert found.high == pytest.approx(100 * min(1, centre + half), abs=1e-9)


@pytest.mark.parametrize("images", [1, 7, 50, 359, 10_000])
def test_wilson_is_that_of_statsmodels(images):
    for correct in {0, 1, images // 3, images // 2, images - 1, images}:
        low, high = proportion_confint(correct, images, alpha=0.05, method="wilson")
        found = wilson(correct, images)
        assert (found.low, found.high) == pytest.approx((100 * low, 100 * high), abs=1e-10)
        assert 0 <= found.low < found.high <= 100


@pytest.mark.parametrize(("correct", "images"), [(5, 4), (-1, 4), (0, 0)])
def test_wilson_refuses_what_cannot_be(correct, images):
    with pytest.raises(ValueError, match=f"correct={correct}, images={images}"):
        wilson(correct, images)


def test_t_interval_of_five_seeds():
    # t(4) at 97.5 % is 2.776445; the values have mean 3 and standard deviation sqrt(2.5)
    found = t_interval([1, 2, 3, 4, 5])
    half = 2.7764451052 * math.sqrt(2.5 / 5)
    assert (found.value, found.low, found.high) == pytest.approx((3, 3 - half, 3 + half))


def test_t_interval_of_equal_values_has_no_length():
    assert t_interval([99.5, 99.5, 99.5]) == Interval(99.5, 99.5, 99.5)
    with pytest.raises(ValueError, match="1 value has no spread"):
        t_interval([99.5])


@pytest.mark.parametrize("seeds", [2, 3, 5, 30])
def test_intervals_and_p_are_those_of_scipy(seeds):
    first, second = np.random.default_rng(seeds).normal(99.5, 0.05, (2, seeds))
    found = paired_test(first.tolist(), second.tolist())
    theirs = stats.ttest_rel(first, second)
    low, high = theirs.confidence_interval(0.95)
    assert found.p == pytest.approx(theirs.pvalue, rel=1e-12)
    assert (found.difference.low, found.difference.high) == pytest.approx((low, high), abs=1e-12)
    mean, error = first.mean(), stats.sem(first)
    own = t_interval(first.tolist())
    assert (own.low, own.high) == pytest.approx(stats.t.interval(0.95, seeds - 1, mean, error), abs=1e-12)


def test_paired_test_of_two_pairs():
    # differences 1 and 3: t = 2 / (sqrt(2) / sqrt(2)) = 2 with one degree of freedom: p = 1 - 2 atan(2) / pi
    found = paired_test([2, 5], [1, 2])
    assert found.pairs == 2
    assert found.difference.value == 2
    assert found.p == pytest.approx(1 - 2 * math.atan(2) / math.pi)
    # t(1) at 97.5 % is tan(0.475 pi)
    assert found.difference.high == pytest.approx(2 + math.tan(0.475 * math.pi))


def test_paired_test_where_all_differences_are_equal():
    assert paired_test([1, 2], [1, 2]).p == 1
    assert paired_test([2, 3], [1, 2]).p == 0.5  # both signs alike: two of the four ways they can fall
    assert paired_test([99.2, 99.3, 99.4], [99.1, 99.2, 99.3]).p == 0.25  # equal but for rounding
    assert paired_test([2, 3], [1, 2]).difference == Interval(1, 1, 1)
    assert Interval(-1, -2, -0.5).excludes_zero
    assert not Interval(1, 0, 2).excludes_zero
    with pytest.raises(ValueError, match="1 pair has no spread; use at least two"):
        paired_test([1], [0])
    with pytest.raises(ValueError, match="3 and 2 values cannot be paired"):
        paired_test([1, 2, 3], [1, 2])


@pytest.mark.parametrize(
    "differences",
    [[1, 2, 3, 4, 5], [0.1, 0.1, 0.1, -0.1, 0.1], [0.01, -0.02, 0.03], [0.1] * 3, [0, 0.1, 0.1], [0.2, -0.2]],
)
def test_sign_flip_counts_all_the_ways(differences):
    sums = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(differences))
    ]
    assert sign_flip(differences) == np.mean([total >= abs(sum(differences)) - 1e-12 for total in sums])


@pytest.mark.parametrize("pairs", [2, 5, 16])
def test_sign_flip_is_that_of_scipy(pairs):
    differences = np.random.default_rng(pairs).integers(-3, 6, pairs) / 100  # on a grid, so that sums are equal
    theirs = stats.permutation_test(
        (differences,), lambda x, axis: np.round(x.sum(axis=axis), 9), permutation_type="samples", n_resamples=2**16
    )
    assert sign_flip(differences.tolist()) == theirs.pvalue


def test_sign_flip_of_five_pairs_is_never_below_one_in_sixteen():
    assert paired_test([2, 3, 4, 5, 6.5], [1, 1, 1, 1, 1]).flip_p == 0.0625
    assert sign_flip([0, 0, 0]) == 1
    with pytest.raises(ValueError, match="1 difference is too few to flip signs"):
        sign_flip([1])


def test_sign_flip_of_many_pairs_draws_its_flips_and_always_the_same():
    differences = np.random.default_rng(0).normal(0.2, 1, 40).tolist()
    found = sign_flip(differences)
    assert found == sign_flip(differences)
    # the sum of so many flipped differences is close to normal
    z = sum(differences) / math.sqrt(sum(d * d for d in differences))
    assert found == pytest.approx(math.erfc(abs(z) / math.sqrt(2)), rel=0.05)


@pytest.mark.parametrize(("pairs", "level"), [(2, 0.05), (3, 0.05 / 3), (5, 0.05), (5, 0.05 / 3), (10, 0.05)])
def test_what_the_t_test_would_find_is_found_four_times_in_five(pairs, level):
    difference = detectable(0.06, pairs, level=level)
    drawn = np.random.default_rng(7).normal(difference, 0.06, (100_000, pairs))
    p = stats.ttest_1samp(drawn, 0, axis=1).pvalue
    assert (p < level).mean() == pytest.approx(0.8, abs=0.005)


def test_what_five_seeds_would_find():
    # statsmodels' power of an effect of 1.682 standard deviations with five pairs
    assert detectable(1, 5) == pytest.approx(1.682, abs=0.001)
    assert TTestPower().power(detectable(1, 5), nobs=5, alpha=0.05) == pytest.approx(0.8, abs=1e-5)
    assert detectable(0, 5) == 0
    with pytest.raises(ValueError, match="1 pair has no spread"):
        detectable(1, 1)


def test_mcnemar_is_the_binomial_test_of_the_images_that_differ():
    first = np.array([True] * 90 + [True] * 8 + [False] * 2 + [False] * 5)
    second = np.array([True] * 90 + [False] * 8 + [True] * 2 + [False] * 5)
    found = mcnemar(first, second)
    assert (found.only_first, found.only_second) == (8, 2)
    # 2 * P(X <= 2) of binomial(10, 1/2) = 2 * (1 + 10 + 45) / 1024
    assert found.p == pytest.approx(2 * 56 / 1024)


@pytest.mark.parametrize(("only_first", "only_second"), [(0, 1), (3, 3), (0, 12), (17, 40), (700, 600)])
def test_mcnemar_is_that_of_statsmodels(only_first, only_second):
    first = np.repeat([True, True, False, False], [50, only_first, only_second, 5])
    second = np.repeat([True, False, True, False], [50, only_first, only_second, 5])
    theirs = contingency_tables.mcnemar([[50, only_first], [only_second, 5]], exact=True)
    assert mcnemar(first, second).p == pytest.approx(theirs.pvalue, rel=1e-9)


def test_mcnemar_of_equal_networks():
    same = np.array([True, False, True])
    assert mcnemar(same, same).p == 1
    with pytest.raises(ValueError, match="3 and 2 images cannot be paired"):
        mcnemar(same, same[:2])


def test_holm_by_hand():
    # sorted 0.01, 0.02, 0.04: times 3, 2, 1, made to rise
    assert holm([0.04, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])
    assert holm([0.5, 0.6]) == pytest.approx([1, 1])
    assert holm([0.03]) == pytest.approx([0.03])
    assert holm([]) == []
    for size in (1, 2, 7, 30):
        p = np.random.default_rng(size).random(size) ** 3
        assert holm(p) == pytest.approx(multipletests(p, method="holm")[1].tolist())


def test_standard_error():
    assert standard_error(50, 100) == 5
    assert f"{standard_error(99.4, 10_000):.3f}" == "0.077"
    for wrong in ((101, 5), (50, 0)):
        with pytest.raises(ValueError, match="use 0 to 100 percent"):
            standard_error(*wrong)
