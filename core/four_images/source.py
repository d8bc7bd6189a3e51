"""Batches of four images: where the numbers of the Statistics page come from.

A *source* hands out (4, C, H, W) tensors as a norm would receive them. ``Integers`` are drawn from a seed
and can be edited; ``core.four_images.two_layers`` and ``core.four_images.activations`` hold the other two sources.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from core.catalogue import SetNorm
from core.config import ConfigError
from core.normalization import Array

IMAGES = 4
CHANNELS = tuple(range(2, 9))
DEFAULT_CHANNELS = 6
"""Not N = 4, so that the counts of the four norms all differ: 6, 4, 8 and 24 means over 16, 24, 12 and 4 cells."""
SIDES = (1, 2, 3, 4)
MAX_SEED = 9999
LARGEST = 1e6
"""The largest absolute value that an edited cell may hold."""

Cell = tuple[int, int, int, int]
Edits = tuple[tuple[int, float], ...]
"""Edited numbers, each with its position in the flattened tensor."""


class Source(Protocol):
    """Where batches of four images come from.

    norm, groups: of the network that the images pass on their way, for sources that have one.
    """

    @property
    def channels(self) -> int:
        """C of the batches."""
        ...

    def batch(self, norm: SetNorm, groups: int, *, replaced: int = 0, training: bool = True) -> Array:
        """(4, C, H, W) as the norm receives it; ``replaced`` > 0 puts another image in place of image 4."""
        ...

    def stream(self, norm: SetNorm, groups: int, count: int) -> Iterator[Array]:
        """``count`` further training batches of the same kind, always the same ones in the same order."""
        ...


@dataclass(frozen=True, eq=False, init=False)
class Integers:
    """Whole numbers from 0 to 9 by seed, shape (4, channels, side, side), with single cells edited.

    drawn: the numbers as the seed gives them.  numbers: what the source holds, the edited cells included.
    Neither can be written to: ``edited`` makes another source.

    >>> Integers(2, 1, edits=((0, 7.0),)).numbers[0].ravel().tolist()
    [7.0, 6.0]
    """

    channels: int
    side: int
    seed: int
    drawn: Array = field(repr=False)
    numbers: Array = field(repr=False)

    def __init__(self, channels: int = DEFAULT_CHANNELS, side: int = 2, seed: int = 0, edits: Edits = ()) -> None:
        drawn = draw(seed, channels, side)
        numbers = drawn.copy()
        for position, value in edits:
            numbers.flat[position] = value
        own = {"channels": channels, "side": side, "seed": seed}
        vars(self).update(own, drawn=_read_only(drawn), numbers=_read_only(numbers))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Integers) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[int, int, int, bytes]:
        return self.channels, self.side, self.seed, self.numbers.tobytes()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, side and seed: what two sources share that differ in edits only."""
        return self.channels, self.side, self.seed

    @property
    def edits(self) -> Edits:
        """The numbers that differ from those of the seed: the form in which an address holds them."""
        changed = np.flatnonzero(self.drawn.ravel() != self.numbers.ravel())
        return tuple((int(i), float(self.numbers.flat[i])) for i in changed)

    def edited(self, numbers: Array) -> Integers:
        """The same draw with other ``numbers`` (4, C, H, W)."""
        other = copy(self)
        vars(other)["numbers"] = _read_only(numbers.copy())
        return other

    def batch(self, norm: SetNorm, groups: int, *, replaced: int = 0, training: bool = True) -> Array:
        """A copy of the numbers: no network comes before, so norm, groups and mode do not matter."""
        x = self.numbers.copy()
        if replaced:
            # the companion is deliberately far from the others, so that what it moves can be seen
            x[3] = 3 * draw(MAX_SEED + 1 + self.seed + 7919 * replaced, self.channels, self.side)[3]
        return x

    def stream(self, norm: SetNorm, groups: int, count: int) -> Iterator[Array]:
        """Batches of the seeds after this one."""
        for i in range(count):
            yield draw(self.seed + 1 + i, self.channels, self.side)


def draw(seed: int, channels: int, side: int) -> Array:
    """The numbers of one seed, (4, channels, side, side)."""
    return np.random.default_rng(seed).integers(0, 10, (IMAGES, channels, side, side)).astype(np.float64)


def _read_only(x: Array) -> Array:
    x.flags.writeable = False
    return x


def to_table(x: Array) -> list[list[float]]:
    """(4, C, H, W) -> 4 rows of C*H*W numbers: one image a row, channel by channel."""
    return [[float(value) for value in row] for row in x.reshape(len(x), -1)]


def column_names(channels: int, side: int) -> list[str]:
    """The columns of ``to_table``, counted from 1: "c1 (1,2)" is channel 1, row 1, column 2."""
    if side == 1:
        return [f"c{c + 1}" for c in range(channels)]
    return [
        f"c{c + 1} ({row + 1},{column + 1})" for c in range(channels) for row in range(side) for column in range(side)
    ]


def from_table(rows: Sequence[Sequence[object]], good: Array) -> tuple[Array, list[str]]:
    """The inverse of ``to_table``, and one sentence for each cell that cannot be used.

    A refused cell keeps its value in ``good``, the last usable tensor.
    """
    x, refused = good.copy(), []
    names = column_names(good.shape[1], good.shape[2])
    flat = x.reshape(len(x), -1)
    for image, row in enumerate(rows):
        for column, raw in enumerate(row):
            try:
                flat[image, column] = check_number(raw)
            except ConfigError as error:
                kept = format_number(float(flat[image, column]))
                refused.append(f"Image {image + 1}, {names[column]}: {error}. It keeps {kept}.")
    return x, refused


def check_number(raw: object) -> float:
    """``raw`` as a finite number within ±1,000,000; ``ConfigError`` says what is wrong with it."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        raise ConfigError("the cell is empty")
    try:
        value = float(raw)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ConfigError(f"{str(raw)[:20]!r} is not a number") from None
    if math.isnan(value):
        raise ConfigError("the cell is empty or not a number")
    if math.isinf(value):
        raise ConfigError("infinity has no mean")
    if abs(value) > LARGEST:
        raise ConfigError(f"{value:.3g} is too large; stay within ±1,000,000")
    return value


def format_number(value: float) -> str:
    """Shortest text that keeps what a reader needs: 3 stays 3, 0.333333 becomes 0.3333."""
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:.4g}"


def edits_to_text(edits: Edits) -> str:
    """Edited numbers in compact form: "5_7~12_-2.5" puts 7 at position 5 and -2.5 at 12."""
    return "~".join(f"{position}_{value:.12g}" for position, value in edits)


def edits_from_text(text: str, cells: int) -> tuple[Edits, list[str]]:
    """The inverse of ``edits_to_text`` for a tensor of ``cells`` numbers, and a sentence for each rejected part."""
    edits: dict[int, float] = {}
    refused: list[str] = []
    for part in text.split("~") if text else []:
        position, _, value = part.partition("_")
        try:
            if not (position.isascii() and position.isdigit() and len(position) < 7 and int(position) < cells):
                raise ConfigError(f"there is no cell {position[:12]!r} among {cells}")
            edits[int(position)] = check_number(value)
        except ConfigError as error:
            refused.append(f"The edited number {part[:24]!r} in the link was left out: {error}.")
            if len(refused) == 3:  # a garbage link needs no list of a thousand sentences
                break
    return tuple(sorted(edits.items())), refused


def cell_to_text(cell: Cell) -> str:
    """(image, channel, row, column) counted from 1: "2.1.1.2"."""
    return ".".join(str(i + 1) for i in cell)


def cell_from_text(text: str, shape: tuple[int, ...]) -> Cell | None:
    """The inverse of ``cell_to_text``; None where ``text`` names no cell of ``shape``."""
    parts = text.split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() and len(part) < 5 for part in parts):
        return None
    image, channel, row, column = (int(part) - 1 for part in parts)
    cell = (image, channel, row, column)
    return cell if is_cell(cell, shape) else None


def is_cell(cell: Cell, shape: tuple[int, ...]) -> bool:
    """Whether a tensor of ``shape`` has this cell."""
    return all(0 <= i < size for i, size in zip(cell, shape, strict=True))
