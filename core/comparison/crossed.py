"""The mean of an array of seeds crossed with test images, as a sample of other seeds and of other test images.

The cell of seed s and image m is d_sm = mu + a_s + b_m + c_sm, all three effects random: what this seed does to all
images, what this image does under all seeds, and the interaction. The mean of S x M cells then has the variance

    var(a) / S + var(b) / M + var(c) / (S M)

and the two-way analysis of variance estimates it without bias, since its mean squares have the expectations
var(c) + M var(a) for seeds, var(c) + S var(b) for images and var(c) for the interaction:

    (MS_seed + MS_image - MS_interaction) / (S M)

MS_seed / (S M) alone is the square of the standard error in the t test over the seeds. What the images add,
(MS_image - MS_interaction) / (S M), is never taken below zero.

Drawing seeds and images with replacement, each by itself (the pigeonhole bootstrap, arXiv 0712.1111), would count
var(c) / (S M) three times for many seeds, 2.6 times for five (arXiv 1106.2125): where nothing but the interaction
varies, such an interval leaves out zero in less than 1 % of all cases instead of 5 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.comparison.intervals import LEVEL, Interval

ROUNDING = 1e-9
"""Sums that differ by a smaller share than this are equal."""


@dataclass(frozen=True)
class MeanSquares:
    """The two-way analysis of variance of one number a cell, S seeds by M images: sums of squares over their df.

    seed: S - 1 degrees of freedom.  image: M - 1.  interaction: (S - 1)(M - 1).
    """

    seed: float
    image: float
    interaction: float


@dataclass(frozen=True)
class Crossed:
    """The mean of S seeds by M images, as a sample of other seeds and other images.

    value: the mean of the cells times ``scale``.  squares: of the cells.  seeds: S.  images: M.
    spread: whether the seeds' means differ. Where they do not, nothing says how far others would.
    """

    value: float
    squares: MeanSquares
    seeds: int
    images: int
    scale: float
    spread: bool

    @property
    def closeness(self) -> float:
        """MS_seed / MS_interaction: below 1 the seeds' means agree more closely than is expected of any."""
        return self.squares.seed / self.squares.interaction if self.squares.interaction else math.inf

    @property
    def error(self) -> float:
        """The standard error over other seeds and other images."""
        return self._errors(self._seed)[0][0]

    @property
    def df(self) -> float:
        """Satterthwaite's degrees of freedom of ``error``."""
        return self._errors(self._seed)[0][1]

    def deviations(self) -> tuple[float, float]:
        """The standard deviation of the seeds' means, and what the interaction lets expect of it at the least."""
        seed, interaction = self.squares.seed, self.squares.interaction
        return self.scale * math.sqrt(seed / self.images), self.scale * math.sqrt(interaction / self.images)

    @property
    def interval(self) -> Interval:
        """The 95 % interval over seeds and images, never shorter than that over the seeds alone."""
        from scipy import special

        tail = (1 + LEVEL) / 2
        half = max(error * float(special.stdtrit(df, tail)) for error, df in self._errors(self._seed))
        return Interval(self.value, self.value - half, self.value + half)

    @property
    def p(self) -> float:
        """Two-sided, of a mean of zero: below 0.05 exactly where the interval leaves out zero and the seeds differ."""
        return min(1.0, max(2 * self._beyond(abs(self.value), self._seed), self._least))

    def equivalence_p(self, margin: float) -> float:
        """Of two one-sided tests (TOST): the larger p, of a mean of -margin or lower and of one of +margin or higher.

        MS_seed is taken to be at least MS_interaction here: seeds that agree closely by luck must not make two methods
        agree. Raises ``ValueError`` unless ``margin`` is above zero.
        """
        if margin <= 0:
            raise ValueError(f"margin={margin}; use one above zero")
        return max(self._beyond(margin - abs(self.value), max(self._seed, self.squares.interaction)), self._least)

    @property
    def _seed(self) -> float:
        """MS_seed; where all the seeds' means are equal, and had no error at all, what is expected at the least."""
        return self.squares.seed if self.spread else self.squares.interaction

    @property
    def _least(self) -> float:
        """The least p: that of the exact sign test where all the seeds agree, since t has no spread to go by."""
        return 0.0 if self.spread else 2.0 ** (1 - self.seeds)

    def _errors(self, seed: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """Standard error and degrees of freedom over seeds and images, and over seeds alone, for this MS_seed."""
        s, m = self.seeds, self.images
        image, interaction = self.squares.image, self.squares.interaction
        alone = self.scale * math.sqrt(seed / (s * m)), float(s - 1)
        if image <= interaction:
            return alone, alone
        total = seed + image - interaction
        terms = seed**2 / (s - 1), image**2 / (m - 1), interaction**2 / ((s - 1) * (m - 1))
        return (self.scale * math.sqrt(total / (s * m)), total**2 / sum(terms)), alone

    def _beyond(self, distance: float, seed: float) -> float:
        """The chance of a mean that errs by ``distance`` or more to one side, the larger of the two t tests'."""
        from scipy import special

        # without any error, as without any distance, all is decided by the sign
        return max(
            float(special.stdtr(df, -distance / error)) if error else 0.5 - 0.5 * float(np.sign(distance))
            for error, df in self._errors(seed)
        )


def mean_squares(cells: NDArray[np.integer | np.floating]) -> MeanSquares:
    """The mean squares of ``cells``, (S, M): seeds by images, each at least two.

    SS_seed = M sum_s (mean of s - mean)^2, SS_image = S sum_m (mean of m - mean)^2, and the interaction has the rest of
    sum (d - mean)^2. Raises ``ValueError`` for fewer than two of either.
    """
    s, m = cells.shape
    if s < 2 or m < 2:
        raise ValueError(f"{s} seeds by {m} images have no two-way spread; use at least two of each")
    mean = float(cells.mean())
    seed = m * float(np.square(cells.mean(axis=1) - mean).sum())
    image = s * float(np.square(cells.mean(axis=0) - mean).sum())
    whole = float(np.square(cells, dtype=np.float64).sum()) - s * m * mean**2
    interaction = whole - seed - image
    if interaction < ROUNDING * whole:
        interaction = 0.0
    return MeanSquares(seed / (s - 1), image / (m - 1), interaction / ((s - 1) * (m - 1)))


def crossed(cells: NDArray[np.integer | np.floating], *, scale: float = 1.0) -> Crossed:
    """The mean of ``cells``, (S, M), times ``scale``, with its errors over other seeds and other images, see above.

    For right minus wrong of two methods, cells of -1, 0 and 1, a scale of 100 gives points of accuracy.

    The degrees of freedom are Satterthwaite's (Biometrics Bulletin 2, 1946): the square of the estimated variance over
    the sum of its terms' squares, each over its own degrees of freedom. With few seeds they can be so many more than
    S - 1 that the interval would be shorter than that over the seeds alone, and would leave out zero too often (8 % at
    S = 3, 13 % at S = 2): it takes the longer of the two.

    MS_seed below MS_interaction is chance: its expectation is not lower. To bound it there and keep t(S - 1) would let
    the interval leave out zero in 0.4 % of all cases at S = 5, and to take that bound for known in up to 7 % at S = 3
    and 13 % at S = 2, where seeds do matter. t(S - 1) allows for such luck over all cases, though not within each: see
    ``closeness``. Raises ``ValueError`` for fewer than two seeds or images.
    """
    s, m = cells.shape
    squares = mean_squares(cells)
    sums = cells.sum(axis=1)
    spread = bool(np.ptp(sums) > ROUNDING * np.abs(sums).max())
    return Crossed(scale * float(cells.mean()), squares, s, m, scale, spread)
