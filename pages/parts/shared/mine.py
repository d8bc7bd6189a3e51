"""What is this session's own: a switch that leaves the others' runs out, and a button that makes the server forget it.

A session is a visit in one window: after a refresh it is another one, to which what was trained before is another's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.jobs.forgetting import about, forget, held, in_words
from pages.parts.shared.address import MINE, asked, current, keep, take
from pages.parts.shared.choices import give
from pages.parts.shared.library import (
    drop_records,
    kept_runs,
    my_runs,
    nothing_trained,
    uploaded_curves,
    uploaded_records,
)
from pages.parts.shared.query import rerun
from pages.parts.shared.runtime import owner, owners, registry

if TYPE_CHECKING:
    from core.jobs.forgetting import Held
    from core.records.record import RunSummary

HELP = (
    "Leaves the runs that were started or uploaded in this window, and the study that comes with the app. After a "
    "refresh the server takes you for somebody else."
)
WHAT = (
    "Races that wait or run are stopped first. What others have trained stays, and so does the study that comes with "
    "the app. Nothing of this can be brought back."
)
NONE_OF_YOURS = "None of the runs on this server was started or uploaded in this window."
STYLE = """<style>
@media (width < 640px) {
  .st-key-mine { column-gap: 0.25rem; }
  .st-key-mine [data-testid="stTooltipIcon"] { display: none; }
}
</style>"""
"""On a phone the two share a line with what else stands beside a title."""
_KEY, _OPEN, _SAID = "mine_only", "forgetting asked", "forgetting said"


def only_mine() -> bool:
    """What the address says, else what this visit chose on another page; both know it from now on."""
    wanted = asked(MINE)
    value = current(MINE) if wanted is None else wanted
    keep(MINE, value)
    return value


def visible_runs() -> list[RunSummary]:
    """The runs to choose from: all that are kept, or only this session's and the study."""
    return my_runs(owners().of(owner())) if current(MINE) else kept_runs()


def nothing_to_choose() -> None:
    """What a page of results says where there are no runs, or none of this session's."""
    if current(MINE) and kept_runs():
        st.info(NONE_OF_YOURS, icon=":material/person_off:")
    else:
        nothing_trained()


def mine_controls() -> None:
    """The switch and the button, in a row; what was forgotten a moment ago is said below."""
    st.html(STYLE)
    with st.container(key="mine", horizontal=True, vertical_alignment="center", gap="small", width="content"):
        give(_KEY, only_mine())  # at every run: an address may have changed it
        st.toggle("Only my runs", key=_KEY, help=HELP, on_change=_switch)
        forget_button()


def runs_to_choose(place: DeltaGenerator) -> list[RunSummary]:
    """Draw the switch in ``place``; the runs of the page, which ends here where there are none."""
    with place:
        mine_controls()
    say_forgotten()
    records = visible_runs()
    if not records:
        nothing_to_choose()
        st.stop()
    return records


def _switch() -> None:
    take(MINE, st.session_state[_KEY], key=_KEY)


def forget_button() -> None:
    """The button alone; it asks before it does anything."""
    st.button(
        "Forget my runs",
        icon=":material/delete_sweep:",
        type="tertiary",
        key="mine_forget",
        help="Makes the server forget what was started or uploaded in this window.",
        on_click=_ask,
    )
    if st.session_state.get(_OPEN):
        _confirm()


def say_forgotten() -> bool:
    """What was forgotten a moment ago; said once. Whether there was anything to say."""
    said: str = st.session_state.pop(_SAID, "")
    if said:
        st.success(said, icon=":material/delete_sweep:")
    return bool(said)


def _ask() -> None:
    st.session_state[_OPEN] = True


def _close() -> None:
    st.session_state.pop(_OPEN, None)


@st.dialog("Forget what is mine?", on_dismiss=_close)
def _confirm() -> None:
    there = _held()
    st.markdown(about(there))
    if there.things():
        st.markdown(WHAT)
    with st.container(horizontal=True):
        if there.things() and st.button("Forget it", type="primary", icon=":material/delete:", key="mine_forget_now"):
            with st.spinner("Stopping and deleting"):
                st.session_state[_SAID] = _forget()
            _close()
            rerun()
        if st.button("Keep it" if there.things() else "Close", key="mine_keep"):
            _close()
            rerun()


def _held() -> Held:
    records = owners().of(owner())
    return held(list(registry().known(owner()).values()), len(records), _uploads())


def _uploads() -> int:
    return len(uploaded_records()) + len(uploaded_curves())


def _forget() -> str:
    """Forget all of it; what was forgotten, in words."""
    uploads = _uploads()
    jobs, deleted, still_stops = forget(registry(), owners(), owner())
    drop_records(deleted.records)
    uploaded_records().clear()
    uploaded_curves().clear()
    return in_words(held(jobs, len(deleted.records), uploads), deleted, still_stops)
