"""The races that are not on the screen: this visitor's others, the one that runs, and one that could not start."""

from __future__ import annotations

import streamlit as st

from core.jobs.words import in_short
from pages.parts.shared.mine import only_mine
from pages.parts.shared.query import rerun
from pages.parts.shared.runtime import owner, registry
from pages.parts.train.shown import Shown, refusal, show

REFRESH_SECONDS = 2.0


def other_races(shown: Shown) -> None:
    """A line for each race of this session that runs or waits and is not on the screen; nothing where there is none."""
    if any(race.race_id != shown.race_id for race in registry().owned(owner())):
        _lines(shown)


@st.fragment(run_every=REFRESH_SECONDS)
def _lines(shown: Shown) -> None:
    others = [race for race in registry().owned(owner()) if race.race_id != shown.race_id]
    if not others:
        return
    with st.container(border=True, gap="small"):
        st.markdown("**Your other races**")
        for race in others:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(in_short(race), width="stretch")
                seen = st.button(
                    "Show", icon=":material/visibility:", type="tertiary", key=f"train_show_{race.watch_id}"
                )
                if seen:  # no callback: that would run this part of the page alone
                    show(race_id=race.race_id)
                    rerun()
                st.button(
                    "Stop",
                    icon=":material/stop:",
                    type="tertiary",
                    key=f"train_stop_own_{race.watch_id}",
                    on_click=registry().cancel,
                    args=(race.race_id,),
                )


def offer_to_watch(shown: Shown, key: str) -> None:
    """A way to the race that runs now, where it is neither on the screen nor this visitor's own, nor left out."""
    if only_mine():
        return
    watch_id, snapshot = registry().running(), shown.snapshot()
    known = [race.watch_id for race in (*registry().owned(owner()), snapshot) if race is not None]
    if watch_id and watch_id not in known:
        # no link: one from a page to itself leaves the browser's address as it was
        st.button(
            "A race is running: watch it",
            icon=":material/visibility:",
            type="tertiary",
            key=key,
            on_click=_watch,
            args=(watch_id,),
        )


def _watch(watch_id: str) -> None:
    show(watch_id=watch_id)


def say_refused(shown: Shown) -> None:
    """Say why no race could be started a moment ago, and what there is to see meanwhile."""
    if reason := refusal():
        st.error(reason, title="The race cannot start", icon=":material/error:")
        offer_to_watch(shown, "train_watch_instead")
