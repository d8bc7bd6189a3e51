"""Step 4, who depends on whom: what another image 4 does to the normalized numbers of all four."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.catalogue import SetNorm
from core.four_images.figures import ROUNDING
from core.four_images.source import Source
from core.normalization import Array, normalize, statistics


@dataclass(frozen=True, eq=False)
class Change:
    """A batch before and after its last image was replaced, under one norm in training mode.

    old, new: (N, C, H, W), as the norm receives them.  x_hat: (N, C, H, W), new minus old of the normalized numbers.
    What is below ``ROUNDING`` is 0 in it: it comes from the order in which numbers were added.
    """

    norm: SetNorm
    old: Array
    new: Array
    x_hat: Array

    @property
    def largest(self) -> float:
        """The largest change of any cell of image 1."""
        return float(np.abs(self.x_hat[0]).max())

    @property
    def others(self) -> int:
        """How many cells of the images that stayed as they were have changed."""
        return int(np.count_nonzero(self.x_hat[:-1]))


def change(source: Source, norm: SetNorm, groups: int, replaced: int) -> Change:
    """What replacement number ``replaced``, from 1, of the last image of ``source`` does under ``norm``."""
    old, new = source.batch(norm, groups), source.batch(norm, groups, replaced=replaced)
    before, after = (normalize(x, statistics(x, norm, groups)) for x in (old, new))
    moved = after - before
    return Change(norm, old, new, np.where(np.abs(moved) < ROUNDING, 0.0, moved))
