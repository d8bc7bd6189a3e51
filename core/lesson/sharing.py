"""Step 3 of the lesson: cells that a person points at, compared with the set of the marked cell; how many means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue import BASIC_SET_NORMS, NORMS, SetNorm
from core.four_images.source import DEFAULT_CHANNELS, IMAGES, Cell
from core.normalization import Shape, product_in_words, product_of_numbers, set_count, set_index

ASKED: tuple[SetNorm, ...] = ("bn", "ln", "gn")
SHAPE: Shape = (IMAGES, DEFAULT_CHANNELS, 2, 2)
SIZE = int(np.prod(SHAPE))
"""Cells of the tensor; a multiple of 8."""
GROUPS = 2
MARKED: Cell = (1, 1, 0, 0)
"""The cell whose set is looked for: not in the first image nor the first channel, so that no set begins with it."""
NOTHING, RIGHT, MISSED, WRONG = range(4)
"""What is said of a cell."""
Chosen = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Compared:
    """What was chosen beside what is so.

    marks: (N, C, H, W), of each cell ``RIGHT`` (chosen, and it shares), ``MISSED`` (it shares), ``WRONG`` (chosen) or
    ``NOTHING``.  The marked cell itself is none of them.
    """

    marks: NDArray[np.int_]

    @property
    def right(self) -> int:
        """So many cells were chosen that share."""
        return int((self.marks == RIGHT).sum())

    @property
    def missed(self) -> int:
        """So many cells share and were not chosen."""
        return int((self.marks == MISSED).sum())

    @property
    def wrong(self) -> int:
        """So many cells were chosen that do not share."""
        return int((self.marks == WRONG).sum())

    @property
    def all_found(self) -> bool:
        """Whether exactly the cells that share were chosen."""
        return not self.missed and not self.wrong


def compare(chosen: Chosen, norm: SetNorm, groups: int = GROUPS, cell: Cell = MARKED) -> Compared:
    """``chosen`` (N, C, H, W) beside the set of ``cell`` under ``norm``.

    >>> channel = np.zeros(SHAPE, dtype=bool)
    >>> channel[:, 1] = True
    >>> [(c.right, c.missed, c.wrong) for c in (compare(channel, norm) for norm in ASKED)]
    [(15, 0, 0), (3, 20, 12), (3, 8, 12)]
    """
    index = set_index(norm, chosen.shape, groups)
    shares = index == index[cell]
    marks = np.select([chosen & shares, shares, chosen], [RIGHT, MISSED, WRONG], NOTHING)
    marks[cell] = NOTHING
    return Compared(marks)


def means(norm: SetNorm) -> int:
    """How many means ``norm`` computes for the tensor of this step."""
    return set_count(norm, SHAPE, GROUPS)


def options() -> tuple[int, ...]:
    """The numbers of means to choose from: those of the four basic norms, the smallest first.

    >>> options()
    (4, 6, 8, 24)
    """
    return tuple(sorted({means(norm) for norm in BASIC_SET_NORMS}))


def product(norm: SetNorm, *, shared: bool) -> str:
    """The product that counts the cells of one set, or the sets, in symbols and numbers.

    >>> [product(norm, shared=True) for norm in ASKED]
    ['N × H × W = 4 × 2 × 2 = 16', 'C × H × W = 6 × 2 × 2 = 24', '(C/G) × H × W = 3 × 2 × 2 = 12']
    >>> [product(norm, shared=False) for norm in ASKED]
    ['C = 6', 'N = 4', 'N × G = 4 × 2 = 8']
    """
    dimensions = NORMS[norm].shared if shared else NORMS[norm].numbering
    count = SIZE // means(norm) if shared else means(norm)
    sides = (product_in_words(norm, dimensions), product_of_numbers(norm, dimensions, SHAPE, GROUPS), str(count))
    return " = ".join(dict.fromkeys(sides))


@dataclass(frozen=True, eq=False)
class Answer:
    """What a person has said of one norm: the cells chosen, whether that was handed in, and how many means."""

    chosen: Chosen
    checked: bool = False
    count: int | None = None


def answer_to_text(answer: Answer) -> str:
    """As an address holds it: the cells as hexadecimal digits, ".checked" once handed in, then ".6" for six means."""
    text = np.packbits(answer.chosen.ravel()).tobytes().hex()
    if not answer.checked:
        return text
    return f"{text}.checked" if answer.count is None else f"{text}.checked.{answer.count}"


def answer_from_text(text: str) -> Answer | None:
    """The inverse; None where ``text`` is no answer.

    >>> answer_to_text(answer_from_text("f0" * 12 + ".checked.6"))
    'f0f0f0f0f0f0f0f0f0f0f0f0.checked.6'
    """
    cells, *rest = text.split(".")
    if len(cells) != SIZE // 4 or not set(cells) <= set("0123456789abcdef"):
        return None
    chosen = np.unpackbits(np.frombuffer(bytes.fromhex(cells), dtype=np.uint8)).astype(bool).reshape(SHAPE)
    if chosen[MARKED]:
        return None
    match rest:
        case []:
            return Answer(chosen)
        case ["checked"]:
            return Answer(chosen, checked=True)
        case ["checked", count] if count in {str(option) for option in options()}:
            return Answer(chosen, checked=True, count=int(count))
    return None
