"""Keeps Python's garbage collector from stopping everything after each interaction."""

import gc
import sys

import streamlit as st

from core.jobs.memory import give_back


def spare_the_collector() -> None:
    """Leave what the imports brought out of every later garbage collection; call it at the end of a run.

    Streamlit collects after every run of a script, and a collection walks through every object there is
    while it holds the interpreter's lock. torch and sympy alone bring about a million objects that live as
    long as the process does: walking them takes longer than most pages, and stops a race meanwhile. Frozen
    objects are passed over.
    """
    _freeze(len(sys.modules))


@st.cache_resource(show_spinner=False, max_entries=1)
def _freeze(modules: int) -> None:
    # again whenever something was imported; thawed first, so that what became garbage meanwhile goes
    gc.unfreeze()
    gc.collect()
    give_back()  # what reading and compiling modules left behind
    gc.freeze()
