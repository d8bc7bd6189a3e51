"""Intervals and tests against closed forms, textbook values and brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.comparison.intervals import (
    Interval,
    bootstrap,
    holm,
    mcnemar,
    paired_test,
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
    with pytest.raises(ValueError, match="1 pair has no spread; use at least two"):
        paired_test([1], [0])
    with pytest.raises(ValueError, match="3 and 2 values cannot be paired"):
        paired_test([1, 2, 3], [1, 2])


def test_bootstrap_lumps_equal_images_without_changing_the_answer():
    """Against drawing every image by itself, as the definition has it."""
    random = np.random.default_rng(3)
    differences = np.zeros((4, 300), dtype=np.int8)
    differences[:, :30] = random.choice([-1, 0, 1], size=(4, 30), p=[0.2, 0.5, 0.3])
    found = bootstrap(differences, draws=4000, seed=1)
    means = []
    for _ in range(4000):
        seeds = random.integers(0, 4, 4)
        images = random.integers(0, 300, 300)
        means.append(100 * differences[seeds][:, images].mean())
    low, high = np.quantile(means, [0.025, 0.975])
    assert found.value == pytest.approx(100 * differences.mean())
    assert found.low == pytest.approx(low, abs=0.15)
    assert found.high == pytest.approx(high, abs=0.15)


def test_bootstrap_of_one_seed_and_one_differing_image():
    # how often one image of M is drawn is binomial(M, 1/M): none with probability (1 - 1/M)^M, 36.6 % of M = 100
    differences = np.zeros((1, 100), dtype=np.int8)
    differences[0, 7] = 1
    found = bootstrap(differences)
    assert (found.value, found.low) == (1, 0)
    assert found.high == 3  # the binomial's 97.5 % quantile
    assert not found.excludes_zero
    assert bootstrap(np.zeros((3, 100), dtype=np.int8)) == Interval(0, 0, 0)


def test_bootstrap_of_two_columns_is_a_difference_of_two_binomials():
    """One seed, first right on 6,000 of 10,000 images and second on the rest: many images, little memory."""
    differences = np.full((1, 10_000), -1, dtype=np.int8)
    differences[0, :6000] = 1
    found = bootstrap(differences)
    # 2 X - M over M with X binomial(M, 0.6), percent: 1.96 standard deviations of 2 sqrt(0.24 / M)
    half = 100 * 1.96 * 2 * math.sqrt(0.24 / 10_000)
    assert (found.value, found.low, found.high) == pytest.approx((20, 20 - half, 20 + half), abs=0.1)


def test_bootstrap_where_everything_differs():
    assert bootstrap(np.ones((2, 10), dtype=np.int8)) == Interval(100, 100, 100)
    assert bootstrap(np.ones((2, 10), dtype=np.int8)).excludes_zero
    assert Interval(-1, -2, -0.5).excludes_zero


def test_mcnemar_is_the_binomial_test_of_the_images_that_differ():
    first = np.array([True] * 90 + [True] * 8 + [False] * 2 + [False] * 5)
    second = np.array([True] * 90 + [False] * 8 + [True] * 2 + [False] * 5)
    found = mcnemar(first, second)
    assert (found.only_first, found.only_second) == (8, 2)
    # 2 * P(X <= 2) of binomial(10, 1/2) = 2 * (1 + 10 + 45) / 1024
    assert found.p == pytest.approx(2 * 56 / 1024)


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


def test_standard_error():
    assert standard_error(50, 100) == 5
    assert f"{standard_error(99.4, 10_000):.3f}" == "0.077"
    for wrong in ((101, 5), (50, 0)):
        with pytest.raises(ValueError, match="use 0 to 100 percent"):
            standard_error(*wrong)
