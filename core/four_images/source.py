"""Small batches of images, four at first: where the numbers of the Statistics page come from.

A *source* hands out (N, C, H, W) tensors as a norm would receive them. ``Integers`` are drawn from a seed
and can be edited; ``core.four_images.two_layers`` and ``core.four_images.activations`` hold the other two sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from core.catalogue import SetNorm
from core.normalization import Array

IMAGES = 4
"""Of every source; of the small integers at first."""
BATCH_SIZES = tuple(range(1, 9))
CHANNELS = tuple(range(1, 17))
DEFAULT_CHANNELS = 6
"""Not N = 4, so that the counts of the four norms all differ: 6, 4, 8 and 24 means over 16, 24, 12 and 4 cells."""
SIDES = tuple(range(1, 7))
MAX_SEED = 9999
SHOWN = "the one chosen above"
"""The name of the first batch of every source."""

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
        """(N, C, H, W) as the norm receives it; ``replaced`` > 0 puts another image in place of the last one."""
        ...

    def stream(self, norm: SetNorm, groups: int, count: int) -> Iterator[Array]:
        """``count`` training batches, always the same ones in the same order: ``batch`` first, then others of its kind.

        In training mode, whatever stands before the norm.
        """
        ...

    def batch_name(self, number: int) -> str:
        """What the ``number``-th batch of ``stream`` is, counted from 1."""
        ...


@dataclass(frozen=True, eq=False, init=False)
class Integers:
    """Whole numbers from 0 to 9 by seed, shape (images, channels, side, side), with single cells edited.

    drawn: the numbers as the seed gives them.  numbers: what the source holds, the edited cells included.
    Neither can be written to: ``edited`` makes another source.

    >>> Integers(2, 1, edits=((0, 7.0),)).numbers[0].ravel().tolist()
    [7.0, 6.0]
    """

    channels: int
    side: int
    seed: int
    images: int
    drawn: Array = field(repr=False)
    numbers: Array = field(repr=False)

    def __init__(
        self,
        channels: int = DEFAULT_CHANNELS,
        side: int = 2,
        seed: int = 0,
        edits: Edits = (),
        *,
        images: int = IMAGES,
    ) -> None:
        drawn = draw(seed, channels, side, images)
        numbers = drawn.copy()
        for position, value in edits:
            numbers.flat[position] = value
        own = {"channels": channels, "side": side, "seed": seed, "images": images}
        vars(self).update(own, drawn=_read_only(drawn), numbers=_read_only(numbers))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Integers) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[int, int, int, int, bytes]:
        return *self.shape, self.numbers.tobytes()

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Channels, side, seed and images: what two sources share that differ in edits only."""
        return self.channels, self.side, self.seed, self.images

    @property
    def edits(self) -> Edits:
        """The numbers that differ from those of the seed: the form in which an address holds them."""
        changed = np.flatnonzero(self.drawn.ravel() != self.numbers.ravel())
        return tuple((int(i), float(self.numbers.flat[i])) for i in changed)

    def edited(self, numbers: Array) -> Integers:
        """The same draw with other ``numbers`` (N, C, H, W)."""
        other = copy(self)
        vars(other)["numbers"] = _read_only(numbers.copy())
        return other

    def batch(self, norm: SetNorm, groups: int, *, replaced: int = 0, training: bool = True) -> Array:
        """A copy of the numbers: no network comes before, so norm, groups and mode do not matter."""
        x = self.numbers.copy()
        if replaced:
            # the companion is deliberately far from the others, so that what it moves can be seen
            x[-1] = 3 * draw(MAX_SEED + 1 + self.seed + 7919 * replaced, self.channels, self.side, self.images)[-1]
        return x

    def stream(self, norm: SetNorm, groups: int, count: int) -> Iterator[Array]:
        """These numbers, and those of the seeds after this one; after the last seed comes the first."""
        for i in range(count):
            yield draw(self._seed(i), self.channels, self.side, self.images) if i else self.batch(norm, groups)

    def batch_name(self, number: int) -> str:
        """A seed, or that these are the images shown."""
        return f"seed {self._seed(number - 1)}" if number > 1 else SHOWN

    def _seed(self, later: int) -> int:
        return (self.seed + later) % (MAX_SEED + 1)


def draw(seed: int, channels: int, side: int, images: int = IMAGES) -> Array:
    """The numbers of one seed, (images, channels, side, side); of fewer images they are the first of more."""
    return np.random.default_rng(seed).integers(0, 10, (images, channels, side, side)).astype(np.float64)


def _read_only(x: Array) -> Array:
    x.flags.writeable = False
    return x


def to_table(x: Array) -> list[list[float]]:
    """(N, C, H, W) -> N rows of C*H*W numbers: one image a row, channel by channel."""
    return [[float(value) for value in row] for row in x.reshape(len(x), -1)]


def column_names(channels: int, side: int) -> list[str]:
    """The columns of ``to_table``, counted from 1: "c1 (1,2)" is channel 1, row 1, column 2."""
    if side == 1:
        return [f"c{c + 1}" for c in range(channels)]
    return [
        f"c{c + 1} ({row + 1},{column + 1})" for c in range(channels) for row in range(side) for column in range(side)
    ]


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
