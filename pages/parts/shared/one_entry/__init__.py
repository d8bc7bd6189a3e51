"""One entry of the browser's history for each page that is opened, however often its address changes meanwhile.

Streamlit gives every address that a run writes an entry of its own, and Back would first undo what the page wrote
about itself, press by press. So a piece in the browser lets the new address replace the old one, and what the first
run writes waits until it is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.parts.shared.front_end import front_end
from pages.parts.shared.query import begin_run, held_back, overtaken, release
from pages.parts.shared.turned import HIDDEN

_KEY = "one_entry"


@contextmanager
def one_entry(page: StreamlitPage) -> Iterator[None]:
    """Around everything that a run draws. page: which one."""
    begin_run(page.url_path)
    st.html(f"<style>:has(> .st-key-{_KEY}), [class*=st-key-{HIDDEN}] {{ display: none; }}</style>")
    place = st.container(key=_KEY, height=1, border=False)
    with place:
        front_end(Path(__file__).parent)(key=f"{_KEY}_piece")
    try:
        yield
    finally:  # a page may also end by st.stop
        if held_back():  # most visits write nothing: they are spared the answer, and the run that it asks for
            with place:
                _wait(page)


@st.fragment
def _wait(page: StreamlitPage) -> None:
    piece = front_end(Path(__file__).parent)
    if not piece(key=f"{_KEY}_answer", data={"answer": True}, on_ready_change=lambda: None).ready:
        return
    if overtaken():
        st.switch_page(page)
    release()
