"""The app's pages: one script each, run by ``st.navigation`` in ``streamlit_app.py`` and by nothing else.

A folder of this name beside the main script makes Streamlit find the scripts in it by itself, but only until the
first call of ``st.navigation`` in a process: the first visitor of a server who comes by a direct link would get a
bare script, without navigation and layout. Every script imports from this package, so the way back stands here.
"""

from __future__ import annotations

import sys
from types import FrameType

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager


def _found_by_streamlit() -> bool:
    """Whether Streamlit's own search for pages is what runs the importing script.

    Asked of the call stack and not of ``uses_pages_directory``, which another first visitor's run may have changed
    a moment ago, while this run was under way already.
    """
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "_mpa_v1":
            return True
        frame = frame.f_back
    return False


if _found_by_streamlit():
    PagesManager.uses_pages_directory = False
    st.rerun()  # leaves this module unimported, and runs streamlit_app.py
