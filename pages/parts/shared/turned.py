"""What is chosen in widgets that something else on the page turns, where none of them has a callback to tell it.

A browser that asks for the next run before it has heard that a button turned a widget sends the value from before.
Streamlit takes that for a choice, and writes it into the address to which the widget is bound: what the button did is
undone. The address cannot tell whether the browser has heard: it says the same where somebody has chosen the value from
before. So a hidden widget goes with those that are turned, by which the browser says the last run that it shows.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts.shared import query

HIDDEN = "acknowledged_"
"""What the keys of hidden widgets begin with; the style of every page leaves them out."""
_TURNED = "values that widgets were turned to"
"""In the session: by key, what the browser shows, then what it may not have heard of yet, the latest last."""
_HIDDEN_OF = "hidden widget of another"
"""In the session: by key of a widget, the key of the hidden one that goes with it."""
_HEARD = "runs that the browser shows"
"""In the session: by key of a hidden widget, the run that asked last, and what the browser said in it."""
_MOST_RUNS = 2**31
_BEFORE = 0
"""In the place of a run: the browser shows it already."""

_Values = list[tuple[int, Any]]
"""Each with the run that gave it."""


def turn(key: str, value: object) -> None:
    """In a callback, or before it is drawn: turn the widget ``key``, with which ``acknowledge`` is called."""
    settle(key)
    state = st.session_state
    turned: dict[str, _Values] = state.setdefault(_TURNED, {})
    turned.setdefault(key, [(_BEFORE, state.get(key))]).append((query.run_number(), value))
    state[key] = value


def settle(key: str) -> None:
    """Call it before the widget ``key`` is drawn, and before a callback uses its value.

    Where the browser merely still shows what it says, the widget says again what it was turned to. Back and Forward
    decide alone.
    """
    state = st.session_state
    turned: dict[str, _Values] = state.get(_TURNED, {})
    if key not in turned:
        return
    values, heard = turned[key], _heard(key)
    unheard = [(run, value) for run, value in values if run > heard]
    if not unheard or key not in state or query.through_history():
        del turned[key]  # from now on what the browser says was chosen there
        return
    said, last = state[key], values[-1][1]
    shown = [value for run, value in values if run <= heard][-1]
    if said == last:
        return
    if said == shown:
        state[key] = last
        return
    # somebody chose a third value, which has to outlast what the browser will hear first
    values[:] = [(_BEFORE, said), *unheard, (query.run_number(), said)]
    state[key] = said


def forget(key: str) -> None:
    """Where a page is entered: its widgets are drawn anew, and the browser shows nothing of before."""
    st.session_state.get(_TURNED, {}).pop(key, None)


def acknowledge(*keys: str) -> None:
    """Right below the widgets ``keys``: have the browser say in its next request which run it shows there.

    In the same popover and the same fragment: a closed popover hears nothing of what its widgets are turned to. By a
    slider, since the browser loads each kind of widget when it meets the first, and all these pages have one to see.
    """
    state, hidden = st.session_state, f"{HIDDEN}{keys[0]}"
    state.setdefault(_HIDDEN_OF, {}).update(dict.fromkeys(keys, hidden))
    _heard(keys[0])  # before it says something else
    state[hidden] = query.run_number()
    st.slider("Run", 0, _MOST_RUNS, key=hidden, label_visibility="collapsed")


def _heard(key: str) -> int:
    """The last run of which the browser showed the widget ``key`` when it asked for this one."""
    state, now = st.session_state, query.run_number()
    hidden = state.get(_HIDDEN_OF, {}).get(key, "")
    known: dict[str, tuple[int, int]] = state.setdefault(_HEARD, {})
    asked, heard = known.get(hidden, (0, _BEFORE))
    if asked != now and not query.asked_by_server():  # where it holds what the server gave it, not what came back
        heard = state.get(hidden, _BEFORE)
        known[hidden] = now, heard
    return heard
