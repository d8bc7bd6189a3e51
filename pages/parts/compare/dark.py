"""The charts of the Compare page where the visitor's theme is dark: lines that stand out, buttons that do not glare."""

from __future__ import annotations

import streamlit as st

from core.palette import ink_on

PRESSED = "rgb(244, 250, 255)"
"""What plotly paints the pressed button of a chart, whatever the figure says: there is no setting for it."""
STYLE = """<style>
.updatemenu-item-rect {{ fill: {rest} !important; stroke: {edge} !important; }}
.updatemenu-item-text {{ fill: {rest_ink} !important; }}
.updatemenu-item-rect[style*="{painted}"] {{ fill: {pressed} !important; }}
.updatemenu-item-rect[style*="{painted}"] ~ .updatemenu-item-text {{ fill: {pressed_ink} !important; }}
</style>"""


def _theme(name: str) -> str:
    return str(st.get_option(f"theme.dark.{name}"))


def is_dark() -> bool:
    """Whether this visitor's theme is."""
    return st.context.theme.type == "dark"


def dark_page() -> str:
    """The colour of the page where the theme is dark, else nothing."""
    return _theme("backgroundColor") if is_dark() else ""


def dark_buttons() -> None:
    """Colour the buttons inside the charts like the page's own; call it once a run."""
    if not dark_page():
        return
    rest, pressed = _theme("secondaryBackgroundColor"), _theme("primaryColor")
    st.html(
        STYLE.format(
            rest=rest,
            rest_ink=ink_on(rest),
            edge=pressed,
            painted=PRESSED,
            pressed=pressed,
            pressed_ink=ink_on(pressed),
        )
    )
