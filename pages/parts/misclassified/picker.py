"""Choosing among the kept runs."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.records.record import RunSummary
from pages.parts.misclassified.address import RUNS
from pages.parts.shared.address import start_choice, write_all
from pages.parts.shared.choices import heed
from pages.parts.shared.library import run_names, shown_at_first, uploaded_records

MAX_RUNS = 12


def run_picker(records: Sequence[RunSummary]) -> list[RunSummary]:
    """A multiselect over ``records``, by default the study's first race; the ids go to the address."""
    uploaded = uploaded_records()
    names = {run_id: name + ", uploaded" * (run_id in uploaded) for run_id, name in run_names(records).items()}
    key = start_choice(RUNS, names, lambda: shown_at_first(records), MAX_RUNS)
    chosen = st.multiselect(
        "Runs",
        list(names),
        format_func=names.__getitem__,
        max_selections=MAX_RUNS,
        key=key,
        on_change=heed,
        args=(key,),
        label_visibility="collapsed",
        placeholder="Choose runs",
    )
    write_all(RUNS, chosen)
    by_id = {record.run_id: record for record in records}
    return [by_id[run_id] for run_id in chosen]
