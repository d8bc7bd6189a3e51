"""The app's pages: one script each, run by ``st.navigation`` in ``streamlit_app.py`` and by nothing else.

A folder of this name beside the main script makes Streamlit find the scripts in it by itself, but only until the
first call of ``st.navigation`` in a process: the first visitors of a server who come by a direct link would get a
bare script, without navigation and layout. Every script therefore begins with ``only_by_the_app``.
"""

from __future__ import annotations

import sys
from types import FrameType

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager


def only_by_the_app() -> None:
    """Where Streamlit's own search for pages runs this script, begin again with ``streamlit_app.py``.

    Asked of the call stack, at every run: of several first visitors at once, one may have set
    ``uses_pages_directory`` while the runs of the others were under way already.
    """
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "_mpa_v1":
            PagesManager.uses_pages_directory = False
            st.rerun()
        frame = frame.f_back
