"""What somebody chose in a widget, told from what a browser merely still shows there.

The server may turn a widget: by a button, a link, or something else on the page. A browser that asks for the next run
before it has heard of that sends the value from before, and Streamlit takes it for a choice. So whatever turns a widget
does it by ``give``, and the callback of the widget asks ``chosen``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.parts.shared import query

_GIVEN = "values given to widgets"
"""In the session: by key, the values that a widget has had, the latest last."""
_SHOWN = 0
"""In the place of a run: the browser shows it already, since it was chosen there."""

_Values = list[tuple[int, Any]]
"""Each with the run that gave it."""


def give(key: str, value: object) -> None:
    """Turn the widget ``key``: at every run before it is drawn, and in callbacks."""
    state = st.session_state
    given: dict[str, _Values] = state.setdefault(_GIVEN, {})
    values = given.setdefault(key, [])
    while len(values) > 1 and values[1][0] < query.first_unheard():
        del values[0]  # the browser has heard of what came after it
    if not values or values[-1][1] != value:
        values.append((query.run_number(), value))
    state[key] = value


def chosen(key: str) -> bool:
    """In the callback of the widget ``key``: whether somebody chose what it says.

    Where the browser merely still shows that, the widget says again what it was given last.
    """
    state = st.session_state
    values: _Values = state.get(_GIVEN, {}).get(key, [])
    if not values:
        return True
    said, last = state[key], values[-1][1]
    shown = [value for run, value in values if run < query.first_unheard()]
    if said == last:  # by the callback of something else, which came first
        return False
    if shown and said == shown[-1]:
        state[key] = last
        return False
    values[:] = [(_SHOWN, said)]
    return True


def heed(key: str, then: Callable[[], None] | None = None) -> None:
    """The callback of a widget whose value nothing else holds; ``then`` follows what somebody chose."""
    if chosen(key) and then is not None:
        then()
