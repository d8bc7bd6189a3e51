"""Short questions with a certain answer: how many, when and why."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.catalogue import NORMS, SetNorm
from core.four_images.reasons import NO, WHEN, WHY, YES, Question, in_words
from core.four_images.source import Cell
from core.normalization import Shape, product_in_words, product_of_numbers, set_count, set_index, set_name

EXAMPLES: tuple[tuple[Shape, int], ...] = (
    ((8, 12, 5, 5), 3),
    ((2, 16, 7, 7), 4),
    ((32, 6, 4, 4), 2),
    ((5, 20, 3, 3), 5),
)
"""Tensors (N, C, H, W) to ask about, and the G of GroupNorm for each."""


def example(shown: Shape, round_number: int) -> tuple[Shape, int]:
    """What a round of questions is about: one of ``EXAMPLES`` in turn, never a tensor of the ``shown`` shape."""
    others = [(shape, groups) for shape, groups in EXAMPLES if shape != shown]
    return others[round_number % len(others)]


def questions(shape: Shape, norm: SetNorm, groups: int, seed: int) -> tuple[Question, ...]:
    """Five questions on ``norm`` with a tensor of ``shape`` (N, C, H, W), N > 1; the same for the same ``seed``.

    Three on its sets, one on when the norm matters and one on why; these two are others in the next round.
    """
    rng = np.random.default_rng(seed)
    ask: tuple[Callable[[Shape, SetNorm, int, np.random.Generator], Question], ...] = (
        how_many,
        cells,
        shares,
        WHEN[seed % len(WHEN)],
        WHY[seed % len(WHY)],
    )
    return tuple(question(shape, norm, groups, rng) for question in ask)


def _words(cell: Cell, shape: Shape) -> str:
    text = f"image {cell[0] + 1}, channel {cell[1] + 1}"
    return text if shape[2] * shape[3] == 1 else f"{text}, row {cell[2] + 1}, column {cell[3] + 1}"


def numeric(answer: int, wrong: list[int], rng: np.random.Generator) -> tuple[str, ...]:
    """Four whole numbers in any order: ``answer``, the first others of ``wrong`` that are positive, and larger ones."""
    others = [n for n in dict.fromkeys(wrong) if n != answer and n > 0][:3]
    while len(others) < 3:
        others.append(max([answer, *others]) + 1)
    options = [answer, *others]
    rng.shuffle(options)
    return tuple(str(n) for n in options)


def how_many(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
    """How many sets ``norm`` has on a tensor of ``shape``."""
    n, c, h, w = shape
    count = set_count(norm, shape, groups)
    row = NORMS[norm]
    symbols = product_in_words(norm, row.numbering)
    formula = f"{symbols} = {product_of_numbers(norm, row.numbering, shape, groups)}"
    # where positions are told apart, the height and width are needed for the answer
    plane = f" of {h} × {w}" if "H" in row.numbering else ""
    title = in_words(norm, groups)
    return Question(
        f"How many {row.statistic}s does {title} compute for N = {n} images of C = {c} channels{plane}?",
        numeric(count, [groups, c, n, n * c, n * groups, c * groups, 1], rng),
        str(count),
        f"{formula}{f' = {count}' if '×' in symbols else ''}{', and as many variances' if row.centred else ''}.",
    )


def cells(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
    """How many cells are in one set of ``norm``."""
    n, c, h, w = shape
    count = n * c * h * w // set_count(norm, shape, groups)
    row = NORMS[norm]
    symbols = product_in_words(norm, row.shared)
    numbers = product_of_numbers(norm, row.shared, shape, groups)
    title = in_words(norm, groups)
    return Question(
        f"(N, C, H, W) = {shape}: over how many cells is one {row.statistic} of {title} taken?",
        numeric(count, [h * w, n * h * w, c * h * w, c // groups * h * w, n * c * h * w], rng),
        str(count),
        f"{symbols} = {numbers} = {count}." if "×" in symbols else f"{symbols} = {count}.",
    )


def _random_cell(shape: Shape, rng: np.random.Generator) -> Cell:
    return tuple(int(rng.integers(size)) for size in shape)  # type: ignore[return-value]


def shares(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
    """Whether two cells lie in one set of ``norm``; as often yes as no, where both are possible."""
    index = set_index(norm, shape, groups)
    a = _random_cell(shape, rng)
    flat = np.arange(index.size)
    own = np.ravel_multi_index(a, shape)
    same = flat[(index.ravel() == index[a]) & (flat != own)]
    other = flat[index.ravel() != index[a]]
    # yes and no equally likely, where both exist
    pool = same if len(same) and (rng.random() < 0.5 or not len(other)) else other
    b: Cell = tuple(int(i) for i in np.unravel_index(int(rng.choice(pool)), shape))  # type: ignore[assignment]
    answer = YES if index[a] == index[b] else NO
    names = [set_name(norm, int(index[cell]), shape, groups) for cell in (a, b)]
    why = (
        f"Both lie in the set of {names[0]}." if answer == YES else f"One lies in {names[0]}, the other in {names[1]}."
    )
    return Question(
        f"Under {in_words(norm, groups)}: does the cell at {_words(a, shape)} share its {NORMS[norm].statistic} with "
        f"the cell at {_words(b, shape)}?",
        (YES, NO),
        answer,
        why,
    )
