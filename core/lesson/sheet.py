"""A sheet of exercises for a class, made from a seed: each class has its own numbers, and each seed always the same.

    sheet(7).exercises[0].answer["bn"]     mean, variance and normalized value that the solution says

``sheet_notebook`` and ``sheet_page`` write it as a file, with solutions or without.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.config import ConfigError
from core.four_images.source import MAX_SEED
from core.lesson.exercise import Exercise
from core.lesson.exercise_on_seeds import what_seeds_say
from core.lesson.exercises_in_torch import l1_gradient, own_group_norm, parameters
from core.lesson.exercises_on_batchnorm import refused, running_estimates, scale_and_offset
from core.lesson.exercises_on_sets import another_image, how_many, three_sets

TITLE = "Normalization: ten exercises"
SOLUTIONS = "Normalization: solutions of the ten exercises"
SHEET = "Sheet {seed}"

_IN_ORDER: tuple[Callable[[np.random.Generator], Exercise], ...] = (
    three_sets,
    how_many,
    scale_and_offset,
    another_image,
    running_estimates,
    refused,
    parameters,
    l1_gradient,
    own_group_norm,
    what_seeds_say,
)


@dataclass(frozen=True)
class Sheet:
    """The exercises of one seed."""

    seed: int
    exercises: tuple[Exercise, ...]


def sheet(seed: int) -> Sheet:
    """The sheet of a seed from 0 to ``MAX_SEED``; ``ConfigError`` for any other.

    Each exercise has a generator of its own: where one changes, the numbers of the others stay.
    """
    if not 0 <= seed <= MAX_SEED:
        raise ConfigError(f"seed={seed} is out of range; use a whole number from 0 to {MAX_SEED}")
    return Sheet(seed, tuple(make(np.random.default_rng((seed, i))) for i, make in enumerate(_IN_ORDER)))
