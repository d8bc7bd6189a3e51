"""One entry of the browser's history for each page that is opened, however often its address changes meanwhile.

Streamlit gives every address that a run writes an entry of its own, and Back would first undo what the page wrote
about itself, press by press. So a piece in the browser lets the new address replace the old one, and what the first
run writes waits until it is there.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.parts.shared.front_end import front_end
from pages.parts.shared.query import begin_run, overtaken, release

_KEY = "one_entry"


def one_entry(page: StreamlitPage) -> None:
    """Call it once a run, before the page. page: which one."""
    begin_run(page.url_path)
    st.html(f"<style>:has(> .st-key-{_KEY}) {{ display: none; }}</style>")
    with st.container(key=_KEY, height=1, border=False):
        _wait(page)


@st.fragment
def _wait(page: StreamlitPage) -> None:
    if not front_end(Path(__file__).parent)(key=f"{_KEY}_piece", on_ready_change=lambda: None).ready:
        return
    if overtaken():
        st.switch_page(page)
    release()
