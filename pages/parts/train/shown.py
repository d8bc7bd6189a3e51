"""Which race is on the screen, and whether this visitor may stop it: one thing at a time, and the address names it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.config import ConfigError, RunConfig
from core.jobs.queue import BusyError
from core.jobs.snapshots import RaceSnapshot
from pages.parts.shared.address import asked, current, drop, keep, say
from pages.parts.shared.runtime import owner, registry
from pages.parts.train.address import FORM, RACE, WATCH

_REFUSED = "train refused"
_STARTED = "train races started"


@dataclass(frozen=True)
class Shown:
    """The race on the screen by one of its two names; the other is empty, and both are where there is no race."""

    race_id: str = ""
    watch_id: str = ""

    def __bool__(self) -> bool:
        return bool(self.race_id or self.watch_id)

    def snapshot(self) -> RaceSnapshot | None:
        """The race now; None where the server does not know it."""
        return registry().snapshot(self.race_id) if self.race_id else registry().watch(self.watch_id)


def on_screen() -> Shown:
    """What the address asks for, else what this session has looked at last; both know it from now on."""
    race_id, watch_id = asked(RACE) or "", asked(WATCH) or ""
    if race_id and watch_id:
        say(["The link names a race to control and one to watch; the first is shown."])
        drop(WATCH)
        watch_id = ""
    if not (race_id or watch_id):
        # back from another page the address names the race again; after a refresh the session learns it from there
        race_id, watch_id = current(RACE), current(WATCH)
    # who started the race may stop it, also by the link for those who watch
    race_id = race_id or next((r.race_id for r in registry().owned(owner()) if r.watch_id == watch_id), "")
    return show(race_id=race_id, watch_id="" if race_id else watch_id)


def show(*, race_id: str = "", watch_id: str = "") -> Shown:
    """Put a race on the screen, and into the address."""
    keep(RACE, race_id)
    keep(WATCH, watch_id)
    return Shown(race_id, watch_id)


def start(configs: Sequence[RunConfig]) -> bool:
    """Queue a race of this session and put it on the screen; where it is refused, ``refusal`` says why."""
    try:
        show(race_id=registry().submit(configs, owner()))
    except (ConfigError, BusyError) as error:
        st.session_state[_REFUSED] = str(error)
        return False
    st.session_state[_STARTED] = st.session_state.get(_STARTED, 0) + 1
    return True


def form_key() -> str:
    """Of what holds the form beside a race: another one after each start, closed, so that the picture has the screen.

    One that is told to close stays open where the browser has not drawn yet that the server knows it to be open: to be
    closed is then no change.
    """
    return f"{FORM}_{st.session_state.get(_STARTED, 0)}"


def refusal() -> str:
    """Why no race could be started a moment ago; said once, empty from then on."""
    reason: str = st.session_state.get(_REFUSED, "")
    st.session_state[_REFUSED] = ""
    return reason
