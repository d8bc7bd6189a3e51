"""One exercise of a sheet: what is given, what is asked, and the solution with the numbers that it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.lesson.writing import Block
from core.normalization import Array


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    text: the situation and its numbers.  task: what is asked.  solution: the way and the result.
    given: the numbers by the name that they have in the notebook: an array becomes a tensor of doubles.
    answer: what the solution says, computed by ``core``, by name.
    check: Python for the notebook of solutions: it computes the answer anew, by torch or numpy from what is given, and
    asserts that both agree. lines: of room that the working takes on paper.
    """

    title: str
    text: tuple[Block, ...]
    task: tuple[Block, ...]
    solution: tuple[Block, ...]
    given: Mapping[str, Any]
    answer: Mapping[str, Any]
    check: str
    lines: int

    def given_code(self) -> str:
        """``given`` as Python."""
        return "\n".join(_assigned(name, value) for name, value in self.given.items())

    def check_code(self) -> str:
        """``answer`` as Python, and the check."""
        return f"{_assigned('answer', dict(self.answer))}\n\n{self.check.strip()}"


def _assigned(name: str, value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{name} = torch.tensor({value.tolist()}, dtype=torch.float64)"
    if isinstance(value, dict):
        return "\n".join([f"{name} = {{", *(f"    {key!r}: {each!r}," for key, each in value.items()), "}"])
    return f"{name} = {value!r}"


def batch_rows(x: Array, first: int = 1) -> list[list[str]]:
    """The rows of a table of images: (N, C, 1, 1) -> N rows of a name and C numbers."""
    return [[f"image {i}", *(f"{value:g}" for value in image.ravel())] for i, image in enumerate(x, start=first)]


def channel_header(channels: int) -> list[str]:
    """Its header."""
    return ["", *(f"channel {c + 1}" for c in range(channels))]
