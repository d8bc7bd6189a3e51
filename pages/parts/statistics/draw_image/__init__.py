"""A 28 x 28 drawing area: mouse, finger or keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent


@st.cache_resource
def _component() -> Any:
    return st.components.v2.component(
        "normlens_draw_image",
        html=(_FOLDER / "draw_image.html").read_text(encoding="utf-8"),
        css=(_FOLDER / "draw_image.css").read_text(encoding="utf-8"),
        js=(_FOLDER / "draw_image.js").read_text(encoding="utf-8"),
    )


def draw_image(*, key: str) -> str | None:
    """The drawing as base64 of 784 bytes in the one run after "Use this drawing", else None."""
    return _component()(key=key, on_drawing_change=lambda: None).drawing
