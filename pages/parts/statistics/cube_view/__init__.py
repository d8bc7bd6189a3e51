"""The (N, C, H x W) block of arXiv:1803.08494, Figure 2, in 3D, one a norm, turning together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.catalogue import NORMS, SetNorm
from core.four_images.source import Cell
from core.normalization import set_count, set_index, set_name
from core.palette import HUES, hue_number
from pages.parts.shared.front_end import front_end

MOST_CHANNELS, MOST_LEVELS = 16, 4


def cube_view(
    shape: tuple[int, int, int, int], groups: int, pinned: Cell, *, norms: Sequence[SetNorm], key: str
) -> int:
    """Draw a block for each of ``norms``, the set of ``pinned`` solid in each; the number of channels drawn.

    Of more than 16 channels 16 are drawn, evenly spaced and grouped as the real ones are.
    """
    _, c, h, w = shape
    drawn = min(c, MOST_CHANNELS)
    channels = np.arange(drawn) * c // drawn + pinned[1] % (c // drawn)  # the pinned one among them
    blocks = []
    levels = min(h * w, MOST_LEVELS)
    positions = np.arange(levels) * (h * w) // levels
    place = pinned[2] * w + pinned[3]
    positions[place * levels // (h * w)] = place
    for norm in norms:
        row = NORMS[norm]
        index = set_index(norm, shape, groups)
        planes = index[:, :, 0, 0]
        lit = int(index[pinned])
        count = set_count(norm, shape, groups)
        within = (index[0, 0] - planes[0, 0]).ravel()[positions] if "H" in row.numbering else None
        blocks.append(
            {
                "title": f"{row.title}: {count} {row.statistic}s",
                "planes": planes[:, channels].tolist(),
                "within": None if within is None else within.tolist(),
                "hues": [hue_number(s) for s in range(count)],
                "lit": lit,
                "name": set_name(norm, lit, shape, groups),
            }
        )
    front_end(Path(__file__).parent)(key=key, data={"blocks": blocks, "palette": HUES, "levels": levels})
    return drawn
