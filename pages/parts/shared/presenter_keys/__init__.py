"""The keys of the presenter's view: next, back, and out of it. It draws nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import streamlit as st

_FOLDER = Path(__file__).parent
Turn = Literal["next", "back"]


@st.cache_resource
def _component() -> Any:
    return st.components.v2.component(
        "normlens_presenter_keys",
        html='<span class="keys" hidden></span>',
        js=(_FOLDER / "presenter_keys.js").read_text(encoding="utf-8"),
    )


def presenter_keys(*, steps: dict[Turn, str], leave: str, key: str) -> Turn | None:
    """Listen while it is on the page; which way to turn the page, in the one run after such a key, else None.

    steps: keys of the buttons that a page has for its own steps: one that is there and enabled is pressed instead.
    leave: the key of the button that Escape presses.
    """
    turn = _component()(key=key, data={"steps": steps, "leave": leave}, on_turn_change=_nothing).turn
    return turn if turn in ("next", "back") else None


def _nothing() -> None:
    """What was sent is returned."""
