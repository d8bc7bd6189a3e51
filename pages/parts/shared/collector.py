"""Keeps Python's garbage collector from stopping everything after each interaction."""

import gc
import sys
import threading

import streamlit as st

from core.jobs.memory import give_back
from pages.parts.shared.when_quiet import WhenQuiet

_untidy = threading.Event()
"""Whether something was frozen as it was since the last ``tidy``."""


def spare_the_collector() -> None:
    """Leave what the imports brought out of every later garbage collection; call it at the end of a run.

    Streamlit collects after every run of a script, and a collection walks through every object there is
    while it holds the interpreter's lock. torch and sympy alone bring about a million objects that live as
    long as the process does: walking them takes longer than most pages, and stops a race meanwhile. Frozen
    objects are passed over.

    Whoever opened the page still waits: garbage is frozen with the rest, and ``tidying`` finds it when nobody waits.
    """
    _freeze(len(sys.modules))


@st.cache_resource(show_spinner=False, max_entries=1)
def _freeze(modules: int) -> None:
    gc.freeze()  # again whenever something was imported
    _untidy.set()


def tidy() -> None:
    """Let go of what became garbage, return its memory to the system, and freeze what is left."""
    _untidy.clear()
    gc.unfreeze()
    gc.collect()
    give_back()  # what reading and compiling modules left behind
    gc.freeze()


tidying = WhenQuiet(tidy, seconds=2.0, due=_untidy.is_set)
"""That of this process. Longer than somebody takes who opens one page after the other: its third of a second stops the
whole process. Shorter than somebody reads: on a busy server it is seldom quiet for long.
"""
