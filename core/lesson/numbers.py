"""Step 2 of the lesson: six numbers of one set, what can be done to them, and how far that moves their x-hat.

x_hat = (x - mu) / sqrt(sigma^2 + eps). Where all numbers are scaled by a > 0 and shifted by b, mu becomes a mu + b and
sigma a sigma: x_hat stays, but for eps. Where one number moves far away, mu and sigma follow it, and the x_hat of all
others with them. With gamma = sqrt(sigma^2 + eps) and beta = mu, y = gamma x_hat + beta is x again (arXiv:1502.03167).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.config import ConfigError
from core.four_images.editing import check_number
from core.normalization import EPS, Array, normalize, statistics

Numbers = tuple[float, ...]

START: Numbers = (4.0, 9.0, 1.0, 6.0, 13.0, 3.0)
"""Mean 6, standard deviation 4."""
SHAPE = (1, 1, 1, len(START))
"""As a tensor (N, C, H, W): one channel of one image, so that every norm of the catalogue but one sees one set."""
MOVED, FAR = 3, 30.0
"""The place of the number that is moved far away, counted from 0, and where it goes."""
MORE = 10
"""What is added to all of them."""
AXIS = (-3.0, 33.0)
"""What the number line covers at least: all that ``CHANGES`` make."""


@dataclass(frozen=True)
class Change:
    """Something that is done to ``START``: its name, and the numbers that it makes."""

    name: str
    numbers: Numbers


CHANGES = (
    Change("Before", START),
    Change("Doubled", tuple(2 * x for x in START)),
    Change(f"{MORE} more", tuple(x + MORE for x in START)),
    Change(f"One at {FAR:g}", (*START[:MOVED], FAR, *START[MOVED + 1 :])),
)
DOUBLED, SHIFTED, ONE_MOVED = 1, 2, 3
"""Their places in ``CHANGES``."""


def as_tensor(numbers: Numbers) -> Array:
    """The numbers as a (1, 1, 1, 6) tensor."""
    return np.array(numbers, dtype=np.float64).reshape(SHAPE)


def normalized(numbers: Numbers) -> Array:
    """x-hat of each, (6,)."""
    x = as_tensor(numbers)
    return normalize(x, statistics(x, "ln")).ravel()


def movement(change: Change) -> float:
    """The largest |change of x-hat| among the numbers that ``change`` does not move by themselves alone.

    Of all six where all six are scaled or shifted; of the other five where one is moved.

    >>> [round(movement(change), 4) for change in CHANGES]
    [0.0, 0.0, 0.0, 1.4438]
    """
    others = np.ones(len(START), dtype=bool)
    if sum(a != b for a, b in zip(change.numbers, START, strict=True)) == 1:
        others[MOVED] = False
    return float(np.abs(normalized(change.numbers) - normalized(START))[others].max())


def undoing(numbers: Numbers) -> tuple[float, float]:
    """The gamma and the beta with which y is x again: sqrt(sigma^2 + eps), and mu."""
    stats = statistics(as_tensor(numbers), "ln")
    return float(np.sqrt(stats.var[0] + EPS)), float(stats.mean[0])


def numbers_to_text(numbers: Numbers) -> str:
    """All six as an address holds them: "4_9_1_6_13_3"."""
    return "_".join(f"{number:.12g}" for number in numbers)


def numbers_from_text(text: str) -> Numbers | None:
    """The inverse; None where ``text`` is not six finite numbers within +-1,000,000."""
    parts = text.split("_")
    if len(parts) != len(START):
        return None
    try:
        return tuple(check_number(part) for part in parts)
    except ConfigError:
        return None
