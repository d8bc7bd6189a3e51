"""A 28 x 28 drawing area: mouse, finger or keyboard."""

from __future__ import annotations

from pathlib import Path

from core.catalogue import SIDE
from pages.parts.shared.front_end import front_end


def draw_image(*, key: str, inner: int) -> str | None:
    """The drawing as base64, one byte a pixel, in the one run after "Use this drawing", else None.

    inner: height and width of the part that counts; a frame shows where it ends.
    """
    border = (SIDE - inner) / 2 / SIDE
    return front_end(Path(__file__).parent)(key=key, data={"border": border}, on_drawing_change=lambda: None).drawing
