"""Readable text on the accent colour in the dark theme.

Streamlit writes white on ``primaryColor`` (primary buttons, chosen runs) and ``primaryColor`` on the page
(selected segments, slider values). On a dark page no single colour gives both a contrast of 4.5 to 1, so the
accent is light there and what stands on it is written dark. Under the pointer Streamlit darkens the accent, to 4.2 to 1
with dark text; it gets lighter here.
"""

from __future__ import annotations

import streamlit as st

DARK_TEXT = """<style>
[data-testid="stBaseButton-primary"]:enabled, [data-testid="stBaseButton-primary"]:enabled * { color: #0b121b; }
[data-testid="stBaseButton-primary"]:enabled:is(:hover, :active) { background-color: #7db3ec; border-color: #7db3ec; }
[data-testid="stMultiSelectTagsContainer"] [data-tag] * { color: #0b121b; }
</style>"""


def dark_contrast() -> None:
    """Write dark on the accent colour where the visitor's theme is dark; call it once a run."""
    if st.context.theme.type == "dark":
        st.html(DARK_TEXT)
