"""What all visitors of one server process share: its races, and the store that they write to."""

from __future__ import annotations

import streamlit as st

from core.jobs.limits import limits
from core.jobs.queue import RaceRegistry
from core.records.store import RunStore


@st.cache_resource(show_spinner=False, on_release=lambda registry: registry.close())
def registry() -> RaceRegistry:
    """The races of this server process, shared by all its visitors."""
    return RaceRegistry(RunStore(keep=limits().keep_runs))


def store() -> RunStore:
    """Where finished runs are kept: the store that the races of this process write to."""
    kept = registry().store
    assert kept is not None  # registry() made it
    return kept
