"""A 28 x 28 drawing area: mouse, finger or keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from core.catalogue import SIDE

_FOLDER = Path(__file__).parent


@st.cache_resource
def _component() -> Any:
    return st.components.v2.component(
        "normlens_draw_image",
        html=(_FOLDER / "draw_image.html").read_text(encoding="utf-8"),
        css=(_FOLDER / "draw_image.css").read_text(encoding="utf-8"),
        js=(_FOLDER / "draw_image.js").read_text(encoding="utf-8"),
    )


def draw_image(*, key: str, inner: int) -> str | None:
    """The drawing as base64, one byte a pixel, in the one run after "Use this drawing", else None.

    inner: height and width of the part that counts; a frame shows where it ends.
    """
    border = (SIDE - inner) / 2 / SIDE
    return _component()(key=key, data={"border": border}, on_drawing_change=lambda: None).drawing
