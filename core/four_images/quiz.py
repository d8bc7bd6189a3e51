"""Short questions with a certain answer, made from the batch that is on the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.catalogue import NORMS, SetNorm
from core.four_images.source import Cell
from core.normalization import product_in_words, product_of_numbers, set_count, set_index, set_name

YES, NO = "Yes", "No"
Shape = tuple[int, int, int, int]


@dataclass(frozen=True)
class Question:
    """One question: its text, the options in the order shown, the right one, and why."""

    text: str
    options: tuple[str, ...]
    answer: str
    why: str

    def right(self, choice: str) -> bool:
        """Whether ``choice`` is the answer."""
        return choice == self.answer


def questions(shape: Shape, norm: SetNorm, groups: int, seed: int) -> tuple[Question, ...]:
    """Five questions on ``norm`` with a tensor of ``shape`` (N, C, H, W); the same for the same ``seed``."""
    rng = np.random.default_rng(seed)
    ask: tuple[Callable[[Shape, SetNorm, int, np.random.Generator], Question], ...] = (
        _how_many,
        _cells,
        _shares,
        _influence,
        _inference,
    )
    return tuple(question(shape, norm, groups, rng) for question in ask)


def _name(norm: SetNorm, groups: int) -> str:
    row = NORMS[norm]
    return f"{row.title} with G = {groups}" if row.grouping == "chosen" else row.title


def _words(cell: Cell, shape: Shape) -> str:
    text = f"image {cell[0] + 1}, channel {cell[1] + 1}"
    return text if shape[2] * shape[3] == 1 else f"{text}, row {cell[2] + 1}, column {cell[3] + 1}"


def _numeric(answer: int, wrong: list[int], rng: np.random.Generator) -> tuple[str, ...]:
    others = [n for n in dict.fromkeys(wrong) if n != answer and n > 0][:3]
    while len(others) < 3:
        others.append(max([answer, *others]) + 1)
    options = [answer, *others]
    rng.shuffle(options)
    return tuple(str(n) for n in options)


def _how_many(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
    n, c, h, w = shape
    count = set_count(norm, shape, groups)
    row = NORMS[norm]
    symbols = product_in_words(norm, row.numbering)
    formula = f"{symbols} = {product_of_numbers(norm, row.numbering, shape, groups)}"
    # where positions are told apart, the height and width are needed for the answer
    plane = f" of {h} × {w}" if "H" in row.numbering else ""
    return Question(
        f"How many {row.statistic}s does {_name(norm, groups)} compute for N = {n} images of C = {c} channels{plane}?",
        _numeric(count, [groups, c, n, n * c, n * groups, c * groups, 1], rng),
        str(count),
        f"{formula}{f' = {count}' if '×' in symbols else ''}{', and as many variances' if row.centred else ''}.",
    )


def _cells(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
    n, c, h, w = shape
    count = n * c * h * w // set_count(norm, shape, groups)
    row = NORMS[norm]
    symbols = product_in_words(norm, row.shared)
    numbers = product_of_numbers(norm, row.shared, shape, groups)
    return Question(
        f"Over how many cells is one {row.statistic} of {_name(norm, groups)} taken?",
        _numeric(count, [h * w, n * h * w, c * h * w, c // groups * h * w, n * c * h * w], rng),
        str(count),
        f"{symbols} = {numbers} = {count}." if "×" in symbols else f"{symbols} = {count}.",
    )


def _random_cell(shape: Shape, rng: np.random.Generator) -> Cell:
    return tuple(int(rng.integers(size)) for size in shape)  # type: ignore[return-value]


def _shares(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
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
        f"Under {_name(norm, groups)}: does the cell at {_words(a, shape)} share its {NORMS[norm].statistic} with the "
        f"cell at {_words(b, shape)}?",
        (YES, NO),
        answer,
        why,
    )


def _influence(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
    image = int(rng.integers(shape[0] - 1))
    row = NORMS[norm]
    answer = YES if row.crosses_images else NO
    why = (
        f"In training mode {row.short}'s mean of a channel is taken over all images, so every image moves it."
        if row.crosses_images
        else f"{row.title}'s sets never cross images."
    )
    return Question(
        f"Training mode, {_name(norm, groups)}: can changing image {shape[0]} change the normalized values "
        f"of image {image + 1}?",
        (YES, NO),
        answer,
        why,
    )


def _inference(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
    row = NORMS[norm]
    answer = YES if row.running else NO
    why = (
        f"In inference {row.short} takes the running mean and variance collected in training, so its output is as "
        "a rule another one than that of the same image in a training batch."
        if row.running
        else f"{row.title} computes the same from the image itself in both modes; it keeps no running values."
    )
    return Question(
        f"Does {_name(norm, groups)} compute something else in inference than in training?", (YES, NO), answer, why
    )
