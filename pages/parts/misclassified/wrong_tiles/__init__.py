"""A grid of misclassified images as one piece of the page: each with what is said of it and a button to look closer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.misclassified.grid import COLUMNS
from pages.parts.shared.front_end import front_end
from pages.parts.shared.pixels import as_url

NAME = "Image {index}"


@dataclass(frozen=True, eq=False)
class Tile:
    """One test image.

    index: in the test set.  ink: (28, 28), 255 where it is black.  alt: what it is, for who does not see it.
    lines: what is said of it; of the parts of a line every second one is bold.
    """

    index: int
    ink: NDArray[np.uint8]
    alt: str
    lines: Sequence[Sequence[str]]


def wrong_tiles(tiles: Sequence[Tile], *, key: str, on_open: Callable[[int], None], beside: bool = True) -> None:
    """Draw ``tiles``, five in a row where there is room.

    on_open: called before the next run with the index of an image whose button was pressed; it need not be one of
    ``tiles``, since a browser that has not heard of these yet still shows others.  beside: whether what is said of an
    image stands beside it, else below it.
    """
    data = {
        "columns": COLUMNS,
        "beside": beside,
        "tiles": [
            {
                "index": tile.index,
                "name": NAME.format(index=tile.index),
                "image": as_url(255 - tile.ink),
                "alt": tile.alt,
                "lines": [list(line) for line in tile.lines],
            }
            for tile in tiles
        ],
    }

    def opened() -> None:
        sent = st.session_state[key].get("open")
        if isinstance(sent, int) and not isinstance(sent, bool) and sent >= 0:
            on_open(sent)

    # in a list: of a dictionary Streamlit looks at each value for a table, and imports pandas to do so
    front_end(Path(__file__).parent)(key=key, data=[data], on_open_change=opened)
