"""What the makers of questions draw from: norms, tensors and options, each from one stream of random numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.catalogue import SetNorm
from core.four_images.reasons import Question, asked
from core.normalization import Shape, set_count

Generator = np.random.Generator

NORMS_ASKED: tuple[SetNorm, ...] = ("bn", "ln", "gn")
OPTIONS = 4
"""So many at most."""


Maker = Callable[[Generator], Question]


@dataclass(frozen=True, kw_only=True)
class FixedQuestion:
    """A maker of one question: it draws nothing but the order in which ``answer`` and ``wrong`` are offered.

    why: what a person is told who has answered.
    """

    text: str
    answer: str
    wrong: tuple[str, ...]
    why: str

    def __call__(self, rng: Generator) -> Question:
        """The question, its options in any order."""
        return asked(self.text, self.answer, self.wrong, self.why, rng)


def pick(rng: Generator, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``."""
    return int(rng.integers(low, high + 1))


def any_norm(rng: Generator) -> SetNorm:
    """One of those that the lesson teaches."""
    return NORMS_ASKED[pick(rng, 0, len(NORMS_ASKED) - 1)]


def tensor(rng: Generator) -> tuple[Shape, int]:
    """A tensor (N, C, H, W) to ask about, with the G of GroupNorm, so that N, C and N x G all differ."""
    while True:
        groups, side = pick(rng, 2, 5), pick(rng, 3, 8)
        shape = (pick(rng, 2, 16), groups * pick(rng, 2, 6), side, side)
        if len({set_count(norm, shape, groups) for norm in NORMS_ASKED}) == len(NORMS_ASKED):
            return shape, groups


def signed(answer: int, wrong: Sequence[int], rng: Generator) -> tuple[str, ...]:
    """``answer`` and three others of ``wrong``, or larger ones, in any order."""
    others = [n for n in dict.fromkeys(wrong) if n != answer][: OPTIONS - 1]
    while len(others) < OPTIONS - 1:
        others.append(max([answer, *others]) + 1)
    options = [answer, *others]
    rng.shuffle(options)
    return tuple(str(n) for n in options)


def on_a_tensor(rng: Generator) -> tuple[Shape, SetNorm, int, Generator]:
    """What a maker of ``reasons`` takes."""
    shape, groups = tensor(rng)
    return shape, any_norm(rng), groups, rng
