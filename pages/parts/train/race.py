"""A race as it runs: bars with the standing, curves. Polls a snapshot; the race itself never notices.

Whoever has the race by its own name gets the buttons that stop it; who has it by the name for watching gets none.
"""

from __future__ import annotations

import streamlit as st

from core.jobs.snapshots import RaceSnapshot
from core.jobs.verdict import verdict
from core.jobs.words import headline, notes, settings
from pages.parts.shared.query import rerun
from pages.parts.shared.race.bars import bars
from pages.parts.shared.race.curves import race_curves
from pages.parts.shared.runtime import registry
from pages.parts.train.address import WATCH
from pages.parts.train.after import next_steps, weights_of
from pages.parts.train.shown import Shown
from pages.parts.train.starts import asked

REFRESH_SECONDS = 1.0
WATCHED = "You are watching: whoever started this race can stop it."


def race_lost() -> None:
    """Say that the server does not know a race any more."""
    st.info(
        "This server does not know that race any more: it was restarted or told to forget it, or many others came "
        "since. Runs that are still kept can be compared.",
        title="Race not found",
        icon=":material/history:",
    )
    st.page_link("pages/compare.py", label="Compare the finished runs", icon=":material/show_chart:")


def race_view(shown: Shown, snapshot: RaceSnapshot) -> None:
    """Show the race until it ends, then run the page once more, so that what follows a race appears."""
    if snapshot.ended:
        _draw(snapshot, controls=False)
        weights_of(snapshot)
    else:
        _live(shown, settings(snapshot))


@st.fragment(run_every=REFRESH_SECONDS)
def _live(shown: Shown, said: str) -> None:
    snapshot = shown.snapshot()
    # on other data than asked for, the line of settings above is another one, too
    if snapshot is None or snapshot.ended or settings(snapshot) != said:
        rerun()
    _draw(snapshot, controls=bool(shown.race_id))


def _draw(snapshot: RaceSnapshot, *, controls: bool) -> None:
    with st.container(key="train_race", gap="xsmall"):
        _say(snapshot, controls=controls)
        bars(snapshot)
        # in a place of its own: what comes and goes would otherwise move the charts, which start anew where they move
        with st.container(key="train_warnings", gap="xsmall"):
            _warn(snapshot)
        race_curves(snapshot)
        if snapshot.ended:
            next_steps(snapshot)


def _warn(snapshot: RaceSnapshot) -> None:
    """What a visitor should know of the race, and of single variants."""
    if note := notes(snapshot):
        st.warning(note, icon=":material/cloud_off:")
    if snapshot.status == "failed":
        st.error(snapshot.message, title="The race could not finish", icon=":material/error:")
    for variant in snapshot.variants:
        if variant.status in ("diverged", "failed"):
            st.caption(f":material/warning: {variant.label}: {variant.message}")
        if variant.chance:
            st.caption(f":material/warning: {variant.label}: {variant.chance}")


def _say(snapshot: RaceSnapshot, *, controls: bool) -> None:
    """Where the race is, or what it has shown, and the buttons that stop it."""
    found = verdict(snapshot, asked(snapshot))
    said = f"{headline(snapshot)} {found.sentence}" if found else headline(snapshot)
    if not controls and not snapshot.ended:
        said = f"{said} {WATCHED}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(said, width="stretch")
        if controls:
            _link_to_watch(snapshot)
            if len(snapshot.variants) > 1:
                _stop_one(snapshot)
            st.button(
                "Stop all",
                icon=":material/stop:",
                key="train_stop",
                on_click=registry().cancel,
                args=(snapshot.race_id,),
            )


def _stop_one(snapshot: RaceSnapshot) -> None:
    with st.popover("Stop one", type="tertiary"):
        for i, variant in enumerate(snapshot.variants):
            st.button(
                f"Stop {variant.label}",
                icon=":material/stop:",
                type="tertiary",
                disabled=variant.ended,
                key=f"train_stop_{i}",
                on_click=registry().cancel,
                args=(snapshot.race_id, i),
            )


def _link_to_watch(snapshot: RaceSnapshot) -> None:
    """The address for others: it shows the race, and does not stop it."""
    with st.popover("Let others watch", icon=":material/share:", type="tertiary"):
        st.caption("Whoever opens this address sees the race and cannot stop it.")
        st.code(f"{st.context.url or ''}?{WATCH.name}={snapshot.watch_id}", language=None, wrap_lines=True)
