"""Seeds crossed with images: against statsmodels, closed forms, and how often a difference is seen where none is."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from core.comparison.crossed import crossed, mean_squares
from core.comparison.intervals import Interval, t_interval

IMAGES = 10_000


def test_mean_squares_by_hand():
    # rows have the means 1 and 3, columns 1, 2 and 3; what is left over is -1, 0, 1 and 1, 0, -1
    found = mean_squares(np.array([[-1, 1, 3], [3, 3, 3]]))
    assert (found.seed, found.image, found.interaction) == pytest.approx((3 * 2, 2 * 2 / 2, 4 / 2))


def test_mean_squares_are_those_of_statsmodels():
    cells = np.random.default_rng(2).choice([-1, 0, 1], size=(4, 30), p=[0.2, 0.5, 0.3]).astype(np.int8)
    seed, image = np.indices(cells.shape)
    table = pd.DataFrame({"d": cells.ravel().astype(float), "seed": seed.ravel(), "image": image.ravel()})
    expected = anova_lm(ols("d ~ C(seed) + C(image)", table).fit())["mean_sq"]
    found = mean_squares(cells)
    assert found.seed == pytest.approx(expected["C(seed)"])
    assert found.image == pytest.approx(expected["C(image)"])
    assert found.interaction == pytest.approx(expected["Residual"])


def test_the_error_is_that_of_the_mean_squares():
    cells = np.random.default_rng(3).normal(size=(5, 40)) + np.random.default_rng(4).normal(size=40)
    found, squares = crossed(cells), mean_squares(cells)
    variance = (squares.seed + squares.image - squares.interaction) / 200
    assert found.error == pytest.approx(math.sqrt(variance))
    terms = squares.seed**2 / 4 + squares.image**2 / 39 + squares.interaction**2 / 156
    assert found.df == pytest.approx((200 * variance) ** 2 / terms)
    half = stats.t.ppf(0.975, found.df) * math.sqrt(variance)
    assert (found.interval.low, found.interval.high) == pytest.approx((cells.mean() - half, cells.mean() + half))
    assert found.p == pytest.approx(2 * stats.t.sf(abs(cells.mean()) / math.sqrt(variance), found.df))


def test_the_variance_is_estimated_without_bias():
    """Normal effects of known variances: the mean of the estimates is var(a) / S + var(b) / M + var(c) / (S M)."""
    random = np.random.default_rng(5)
    s, m = 4, 25
    a, b, c = (
        random.normal(size=(3000, s, 1)),
        3 * random.normal(size=(3000, 1, m)),
        2 * random.normal(size=(3000, s, m)),
    )
    squares = [mean_squares(cells) for cells in a + b + c]
    estimates = [(found.seed + found.image - found.interaction) / (s * m) for found in squares]
    assert np.mean(estimates) == pytest.approx(1 / s + 9 / m + 4 / (s * m), rel=0.03)


def test_without_anything_from_the_images_it_is_the_t_interval_over_seeds():
    # every image is wrong under one seed at most: the images add less than the interaction has
    cells = np.zeros((3, 1000), dtype=np.int8)
    for seed, count in enumerate((4, 6, 11)):
        cells[seed, 20 * seed : 20 * seed + count] = 1
    found, expected = crossed(cells, scale=100), t_interval([0.4, 0.6, 1.1])
    assert mean_squares(cells).image < mean_squares(cells).interaction
    assert (found.interval.low, found.interval.high) == pytest.approx((expected.low, expected.high))
    assert (found.df, found.value) == (2, pytest.approx(0.7))
    assert found.p == pytest.approx(stats.ttest_1samp([0.4, 0.6, 1.1], 0).pvalue)


def test_it_is_never_surer_than_the_seeds_alone():
    random = np.random.default_rng(6)
    for _ in range(200):
        cells = sparse(random, seeds=3, images=0.5)
        found = crossed(cells, scale=100)
        over_seeds = t_interval((100 * cells.mean(axis=1)).tolist())
        assert found.interval.low <= over_seeds.low + 1e-12
        assert found.interval.high >= over_seeds.high - 1e-12
        assert found.p >= stats.ttest_1samp(cells.mean(axis=1), 0).pvalue - 1e-12
        assert (found.p < 0.05) == found.interval.excludes_zero


def test_seeds_that_are_all_alike_leave_the_images():
    """Two images in every seed: the error of a mean of 2 in 2,000, and p no lower than five equal signs allow."""
    cells = np.zeros((5, 2000), dtype=np.int8)
    cells[:, :2] = 1
    found = crossed(cells, scale=100)
    error = 100 * math.sqrt(0.001 * 0.999 / 1999)
    assert found.error == pytest.approx(error)
    assert found.interval.low == pytest.approx(0.1 - stats.norm.ppf(0.975) * error, abs=1e-4)
    cells[:, :60] = 1
    assert crossed(cells).interval.excludes_zero
    assert crossed(cells).p == 1 / 16


def test_means_that_are_equal_by_chance_are_not_without_error():
    # each seed is right on four other images: no spread over seeds, but not for lack of any
    cells = np.zeros((3, 1000), dtype=np.int8)
    for seed in range(3):
        cells[seed, 4 * seed : 4 * seed + 4] = 1
    found = crossed(cells, scale=100)
    assert found.error == pytest.approx(100 * math.sqrt(mean_squares(cells).interaction / 3000))
    assert found.p == 0.25
    assert found.closeness < 1e-9


def test_where_nothing_differs_there_is_no_interval():
    nothing = crossed(np.zeros((3, 100), dtype=np.int8))
    assert (nothing.interval, nothing.p, nothing.equivalence_p(0.1)) == (Interval(0, 0, 0), 1, 0.25)
    everything = crossed(np.ones((3, 10), dtype=np.int8), scale=100)
    assert everything.interval == Interval(100, 100, 100)
    assert everything.p == 0.25


@pytest.mark.parametrize("images", [3, 40])
def test_p_and_interval_are_those_of_scipy_with_its_degrees_of_freedom(images):
    rows, columns = np.random.default_rng(5).normal(size=(5, 1)), np.random.default_rng(6).normal(size=images)
    found = crossed(0.3 + rows + 2 * columns + np.random.default_rng(7).normal(size=(5, images)))
    assert found.df % 1  # Satterthwaite's are no whole number
    seeds = math.sqrt(found.squares.seed / (5 * images))
    both = [(found.error, found.df), (seeds, 4)]
    assert found.p == pytest.approx(2 * max(stats.t.sf(abs(found.value) / error, df) for error, df in both), rel=1e-12)
    half = max(error * stats.t.ppf(0.975, df) for error, df in both)
    assert found.interval.high - found.value == pytest.approx(half, rel=1e-12)


def test_it_refuses_what_has_no_spread():
    for shape in ((1, 10), (2, 1)):
        with pytest.raises(ValueError, match="use at least two of each"):
            crossed(np.zeros(shape, dtype=np.int8))


def test_equivalence_is_two_one_sided_tests():
    cells = np.random.default_rng(8).normal(size=(6, 50)) + np.random.default_rng(9).normal(size=(6, 1))
    found = crossed(cells)
    assert found.closeness > 1
    t = [(found.value + 2) / found.error, (2 - found.value) / found.error]
    assert found.equivalence_p(2) == pytest.approx(max(stats.t.sf(t, found.df)))
    # the 90 % interval just touches the margin
    margin = abs(found.value) + stats.t.ppf(0.95, found.df) * found.error
    assert found.equivalence_p(margin) == pytest.approx(0.05)
    assert crossed(cells + 10).equivalence_p(1) == pytest.approx(1, abs=1e-3)
    with pytest.raises(ValueError, match="margin=0; use one above zero"):
        found.equivalence_p(0)


def test_seeds_that_agree_by_luck_do_not_make_methods_agree():
    # means of 2, 2 and 3 images, each on images of its own: closer together than 2 and a third are on average
    cells = np.zeros((3, 1000), dtype=np.int8)
    for seed, count in enumerate((2, 2, 3)):
        cells[seed, 20 * seed : 20 * seed + count] = 1
    found = crossed(cells, scale=100)
    assert found.closeness < 0.2
    least = 100 * math.sqrt(mean_squares(cells).interaction / 3000)
    assert found.equivalence_p(0.5) == pytest.approx(stats.t.sf((0.5 - found.value) / least, 2))


def sparse(
    random: np.random.Generator, *, seeds: int, images: float = 0.0, shift: float = 0.0, differing: int = 44
) -> np.ndarray:
    """Right minus wrong of two methods that do not differ, as in the study: (seeds, 10,000), 44 of a seed not zero.

    images: the share of the differing images that favour one method, each with half of the seeds; the rest is each
    seed's own. shift: by how many images a seed favours a method, the standard deviation.
    """
    cells = np.zeros((seeds, IMAGES), dtype=np.int8)
    for row in cells:
        own = random.integers(0, IMAGES, random.poisson(differing * (1 - images)))
        row[own] = random.choice((-1, 1), len(own))
    hard = random.integers(0, IMAGES, random.poisson(2 * differing * images))
    seen = random.random((seeds, len(hard))) < 0.5
    cells[:, hard] = np.where(seen, random.choice((-1, 1), len(hard)), cells[:, hard])
    for row in cells:
        by = round(random.normal(0, shift))
        row[random.integers(0, IMAGES, abs(by))] = np.sign(by)
    return cells


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize(
    ("images", "shift"), [(0, 0), (0.3, 0), (0.7, 0), (0, 8), (0.3, 8)], ids=["none", "some", "most", "seeds", "both"]
)
def test_where_no_difference_is_one_in_twenty_is_seen(seeds, images, shift):
    """At the study's size, with nothing but the interaction, with images that favour a method, with seeds that do."""
    random = np.random.default_rng(11)
    seen = [
        crossed(sparse(random, seeds=seeds, images=images, shift=shift)).interval.excludes_zero for _ in range(2000)
    ]
    assert 0.03 < np.mean(seen) < 0.07


def _normal_theory(seeds: int, rule, *, of_seeds: float = 1.0, of_images: float = 0.0, draws: int = 200_000) -> float:
    """How often ``rule`` sees a difference: draws of the mean and of MS_seed, MS_interaction being known to be 1.

    of_seeds: what MS_seed is expected to be.  of_images: what the images add to it, known as well.
    """
    random = np.random.default_rng(12)
    seed = of_seeds * random.chisquare(seeds - 1, draws) / (seeds - 1)
    mean = random.normal(0, math.sqrt(of_seeds + of_images), draws)
    return float((np.abs(mean) > rule(seed, of_images)).mean())


def test_why_the_interval_is_as_it_is():
    """The figures of ``crossed``: what other rules would do."""

    def t(seeds):
        return stats.t.ppf(0.975, seeds - 1)

    def satterthwaite(seeds):
        return lambda seed, images: (
            stats.t.ppf(0.975, (seed + images) ** 2 / (seed**2 / (seeds - 1))) * np.sqrt(seed + images)
        )

    assert _normal_theory(3, satterthwaite(3), of_images=0.11) == pytest.approx(0.08, abs=0.005)
    assert _normal_theory(2, satterthwaite(2), of_images=0.05) == pytest.approx(0.13, abs=0.005)

    def bounded(seed, images):
        return t(5) * np.sqrt(np.maximum(seed, 1) + images)

    assert _normal_theory(5, bounded) == pytest.approx(0.004, abs=0.001)

    def taken_for_known(seeds):
        return lambda seed, images: np.where(seed > 1, t(seeds) * np.sqrt(seed), stats.norm.ppf(0.975))

    assert _normal_theory(3, taken_for_known(3), of_seeds=3) == pytest.approx(0.07, abs=0.005)
    assert _normal_theory(2, taken_for_known(2), of_seeds=8) == pytest.approx(0.13, abs=0.005)


def test_the_bootstrap_counts_the_interaction_up_to_three_times():
    """Seeds and images drawn with replacement, each by itself (arXiv 1106.2125); only the interaction varies."""
    random = np.random.default_rng(13)
    s, m = 5, 400
    found = []
    for _ in range(40):
        cells = random.normal(size=(s, m))
        weights = random.multinomial(s, np.full(s, 1 / s), size=500), random.multinomial(m, np.full(m, 1 / m), size=500)
        means = np.einsum("ds,sm,dm->d", weights[0], cells, weights[1]) / (s * m)
        found.append(means.var())
    # how often one of S is drawn has the second moment 2 - 1 / S: 3 times for many of both, 2.6 times for five seeds
    assert np.mean(found) * s * m == pytest.approx((2 - 1 / s) * (2 - 1 / m) - 1, rel=0.05)
