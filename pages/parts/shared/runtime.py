"""What all visitors of one server process share: its races, and the store that they write to; and whose a race is."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import streamlit as st

from core.jobs.limits import limits
from core.records.owners import Owners
from core.records.store import RunStore

if TYPE_CHECKING:
    from core.jobs.queue import RaceRegistry

_OWNER = "owner of races"


@st.cache_resource(show_spinner=False, on_release=lambda registry: registry.close())
def registry() -> RaceRegistry:
    """The races of this server process, shared by all its visitors."""
    from core.jobs.queue import RaceRegistry  # and with it torch, which pages of results do without

    return RaceRegistry(store(), owners=owners())


@st.cache_resource(show_spinner=False)
def store() -> RunStore:
    """Where finished runs are kept: the store that the races of this process write to.

    What a server that ended left as running is marked here, since runs may be listed before anyone asks for a race.
    """
    kept = RunStore(keep=limits().keep_runs)
    kept.mark_interrupted()
    return kept


@st.cache_resource(show_spinner=False)
def owners() -> Owners:
    """Which sessions have written which records of ``store``, as long as this process lives."""
    return Owners(store())


def owner() -> str:
    """A secret of this session, by which the queue tells its jobs from those of others; it is never shown."""
    found: str = st.session_state.setdefault(_OWNER, secrets.token_hex(16))
    return found
