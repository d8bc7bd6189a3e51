"""A batch as tiles, one set coloured: the smallest picture of what a norm averages over."""

from __future__ import annotations

import numpy as np

from core.catalogue import SetNorm
from core.normalization import set_index

_TILE, _GAP, _PAPER = 20, 4, "#8a94a3"


def set_picture(norm: SetNorm, *, n: int, c: int, groups: int, color: str) -> str:
    """SVG of N rows (images) by C columns (channels); the set that holds image 2, channel 3 takes ``color``.

    The rest is a grey that shows on light and dark paper alike.
    """
    index = set_index(norm, (n, c, 1, 1), groups)[:, :, 0, 0]  # (N, C)
    lit = index == index[1, 2]
    step = _TILE + _GAP
    tiles = [
        f'<rect x="{column * step}" y="{row * step}" width="{_TILE}" height="{_TILE}" rx="3" '
        f'fill="{color if lit[row, column] else _PAPER}" fill-opacity="{1 if lit[row, column] else 0.28}"/>'
        for row, column in np.ndindex(n, c)
    ]
    width, height = c * step - _GAP, n * step - _GAP
    box = f'viewBox="0 0 {width} {height}" width="{width * 2}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{"".join(tiles)}</svg>'
