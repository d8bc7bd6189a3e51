"""The (N, C, H x W) block of arXiv:1803.08494, Figure 2, in 3D for the four norms, turning together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.catalogue import NORM_TITLES, SET_NORMS
from core.four_images.source import Cell
from core.normalization import set_count, set_index, set_name

_FOLDER = Path(__file__).parent
MOST_CHANNELS, MOST_LEVELS = 16, 4


@st.cache_resource
def _component() -> Any:
    return st.components.v2.component(
        "normlens_cube_view",
        html='<div class="cubes">\n</div>',
        css=(_FOLDER / "cube_view.css").read_text(),
        js=(_FOLDER / "cube_view.js").read_text(),
    )


def cube_view(shape: tuple[int, int, int, int], groups: int, pinned: Cell, *, key: str) -> int:
    """Draw the four blocks, the set of ``pinned`` solid in each; the number of channels drawn.

    Of more than 16 channels 16 are drawn, evenly spaced and grouped as the real ones are.
    """
    _, c, h, w = shape
    drawn = min(c, MOST_CHANNELS)
    channels = np.arange(drawn) * c // drawn + pinned[1] % (c // drawn)  # the pinned one among them
    blocks = []
    for norm in SET_NORMS:
        index = set_index(norm, shape, groups)
        planes = index[:, :, 0, 0][:, channels]
        lit = int(index[pinned])
        count = set_count(norm, shape, groups)
        blocks.append(
            {
                "title": f"{NORM_TITLES[norm]}: {count} means",
                "planes": planes.tolist(),
                "lit": lit,
                "name": set_name(norm, lit, c, groups),
            }
        )
    _component()(key=key, data={"blocks": blocks, "levels": min(h * w, MOST_LEVELS)})
    return drawn
