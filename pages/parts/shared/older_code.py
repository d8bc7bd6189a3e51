"""What is kept for all visitors ends with the code that made it.

Where a server's files change under it, by a pull or an edit, Streamlit imports the project anew and keeps its caches:
what lies in them is then of classes that the new code does not know, and no error of theirs is caught any more.
"""

from __future__ import annotations

import threading

import streamlit as st

_lock = threading.Lock()
_forgotten = threading.Event()
"""Of this import of the project: another one has another."""


def forget_older_code() -> None:
    """Empty the caches before the first run with this code, which ends the races of the code before it."""
    if _forgotten.is_set():
        return
    with _lock:  # nobody goes on with what is still to be forgotten
        if not _forgotten.is_set():
            st.cache_resource.clear()
            st.cache_data.clear()
            _forgotten.set()
