"""What stands in the address at this moment; nothing else in the pages touches ``st.query_params``.

What the first run of a visit writes is held back until the browser says that ``one_entry`` is there. What a run writes
counts from then on, also where the browser asks for the next one before it has heard of it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

HELD = "address held back"
"""In the session: what is held back, by name; None from the second run on, that of a piece of the page included."""
_UNHEARD = "address not heard of"
"""In the session: by name, what may not have reached the browser yet."""
_HEARD = "run that heard the address"
_RUN = "number of the run"
_OWN = "run that the server asks for"
_BY_SERVER = "run that the server has asked for"
_PAGE = "page of the address"
_SCRIPT = "script of the page"
_ENTERED = "page entered"


@dataclass
class _Written:
    """What was written last, and what the address said before, and before that, each with the run that replaced it.

    unheard: the first run of which the browser had heard nothing when it asked for this one; None where it has.
    """

    wanted: list[str]
    before: list[tuple[int, list[str]]]
    unheard: int | None = None


def begin_run(page: str) -> None:
    """Call it first in a run. page: the one that is about to be drawn."""
    _hear()
    state = st.session_state
    state[_ENTERED] = state.get(_PAGE) != page
    state[_PAGE] = page
    state[_SCRIPT] = _script()
    held: dict[str, list[str]] | None = state.get(HELD)
    state[HELD] = None if HELD in state else {}  # of the first run only: nobody waits for the browser twice
    if held and not state[_ENTERED] and not through_history():
        # a callback may have written since, which the page itself does not do again
        for name, wanted in held.items():
            with suppress(StreamlitAPIException):  # bound to a widget meanwhile, which writes it itself
                put(name, wanted)
    if state[_ENTERED] and (context := get_script_run_ctx()) is not None:
        # a run that ends by st.stop leaves Streamlit's pieces of the page before: one that is asked for late, by a
        # browser that still shows that page, would be drawn into this one, of which the browser makes an empty window
        context.fragment_storage.clear()


def _hear() -> None:
    """Once in a run, before the address is used, which a callback does before the run begins.

    What the browser has not heard of is written again: it asked with the address from before.
    """
    state, context = st.session_state, get_script_run_ctx()
    if context is None or state.get(_HEARD) is context.parallel_coordinator:
        return
    state[_HEARD] = context.parallel_coordinator  # each run gets a new one, of the page as of a piece of it
    if HELD in state and not state[HELD]:
        state[HELD] = None  # the first run is over and held nothing back: nobody would release what comes now
    state[_RUN] = state.get(_RUN, 0) + 1
    own = state[_BY_SERVER] = state.pop(_OWN, False)
    unheard: dict[str, _Written] = state.setdefault(_UNHEARD, {})
    if through_history() or _script() != state.get(_SCRIPT):
        unheard.clear()
    for name, written in list(unheard.items()):
        found = st.query_params.get_all(name)
        written.unheard = next((run for run, said in reversed(written.before) if said == found), None)
        if written.unheard is not None:
            with suppress(StreamlitAPIException):  # bound to a widget meanwhile, which writes it itself
                _set(name, written.wanted)
        elif found != written.wanted or not own:  # heard of, or something else by the visitor's own hand
            del unheard[name]


def run_number() -> int:
    """Of this run, in the visit."""
    _hear()
    number: int = st.session_state.get(_RUN, 0)
    return number


def first_unheard() -> int:
    """The first run of which the browser had heard nothing when it asked for this one, as far as the address tells.

    That is this one where it has heard of all before.
    """
    now = run_number()
    unheard: dict[str, _Written] = st.session_state.get(_UNHEARD, {})
    return min((written.unheard for written in unheard.values() if written.unheard is not None), default=now)


def rerun() -> NoReturn:
    """As ``st.rerun``, which every page does by this: the server then says what is in the address, not the browser."""
    st.session_state[_OWN] = True
    st.rerun()


def asked_by_server() -> bool:
    """Whether ``rerun`` led here, and not the browser."""
    _hear()
    return bool(st.session_state.get(_BY_SERVER))


def overtaken() -> bool:
    """In a fragment: whether the browser asked for it on the page before, on its way to the one that is shown now.

    Streamlit then has emptied the page that is shown.
    """
    return bool(st.session_state[_SCRIPT] != _script())


def _script() -> str | None:
    """Which page the browser was on when it asked for this run, as Streamlit numbers pages."""
    context = get_script_run_ctx()
    return None if context is None else context.page_script_hash


def held_back() -> bool:
    """Whether something is written as soon as the browser says that ``one_entry`` is there."""
    return bool(st.session_state.get(HELD))


def release() -> None:
    """Write what was held back, in one go."""
    held: dict[str, list[str]] | None = st.session_state.get(HELD)
    st.session_state[HELD] = None
    if not held:
        return
    with suppress(StreamlitAPIException):  # bound to a widget meanwhile, which writes it itself
        if written := {name: values for name, values in held.items() if values}:
            st.query_params.update(written)
        for name in (name for name, values in held.items() if not values):
            with suppress(KeyError):
                del st.query_params[name]


def entered() -> bool:
    """Whether the visit comes to this page from another one in this run."""
    return bool(st.session_state.get(_ENTERED))


def through_history() -> bool:
    """Whether the browser's Back or Forward led here: then the address alone says what is shown."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def values(name: str) -> list[str]:
    """What the address says under ``name``."""
    _hear()
    held: dict[str, list[str]] | None = st.session_state.get(HELD)
    if held and name in held:
        return held[name]
    return st.query_params.get_all(name)


def put(name: str, wanted: list[str]) -> None:
    """Have the address say ``wanted`` under ``name``, and nothing where that is empty; what stands there stays.

    Raises StreamlitAPIException where a widget is bound to it.
    """
    if values(name) == wanted and (wanted or name not in st.query_params):
        return
    held: dict[str, list[str]] | None = st.session_state.get(HELD)
    if held is not None:
        held[name] = wanted
        return
    unheard: dict[str, _Written] = st.session_state.setdefault(_UNHEARD, {})
    last = unheard.get(name, _Written([], []))
    now = st.query_params.get_all(name)
    replaced = last.before if now in (said for _, said in last.before) else [*last.before, (run_number(), now)]
    # before it is written: where another run waits already, this one ends there
    unheard[name] = _Written(wanted, [(run, said) for run, said in replaced if said != wanted], last.unheard)
    try:
        _set(name, wanted)
    except StreamlitAPIException:
        del unheard[name]
        raise


def _set(name: str, wanted: list[str]) -> None:
    if wanted:
        st.query_params[name] = wanted
    else:
        with suppress(KeyError):
            del st.query_params[name]
