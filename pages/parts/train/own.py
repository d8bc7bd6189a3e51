"""The other races of this visitor, and the one that runs for everybody."""

from __future__ import annotations

import streamlit as st

from core.jobs.words import in_short
from pages.parts.shared.runtime import registry
from pages.parts.train.address import WATCH
from pages.parts.train.shown import Shown, owner, show

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
                    st.rerun()
                st.button(
                    "Stop",
                    icon=":material/stop:",
                    type="tertiary",
                    key=f"train_stop_own_{race.watch_id}",
                    on_click=registry().cancel,
                    args=(race.race_id,),
                )


def running_race(shown: Shown) -> None:
    """A way to the race that runs now, where it is neither on the screen nor this visitor's own."""
    watch_id = registry().running()
    own = [race.watch_id for race in registry().owned(owner())]
    if watch_id and watch_id != shown.watch_id and watch_id not in own:
        st.page_link(
            "pages/train.py",
            label="A race is running: watch it",
            icon=":material/visibility:",
            query_params={WATCH.name: watch_id},
        )
