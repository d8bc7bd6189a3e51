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


def presenter_keys(*, buttons: dict[Turn, str], links: dict[Turn, str], leave: str, key: str) -> None:
    """Listen while it is on the page.

    buttons: keys of those that a page has for its own steps; one that is there and enabled is pressed.
    links: else selectors of the links that are followed; what finds none leads nowhere.
    leave: the key of the button that Escape presses.
    """
    _component()(key=key, data={"buttons": buttons, "links": links, "leave": leave})
