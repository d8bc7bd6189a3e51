"""Choosing among the kept runs: the same control on every page of results."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app_pages.components.shared import newest_race, rejected_parameters, run_names, show_rejected
from core.record import RunRecord

MAX_RUNS = 12


def run_picker(records: Sequence[RunRecord], *, param: str) -> list[RunRecord]:
    """A multiselect over ``records``, by default the runs of the newest race; ids go to the URL as ``param``.

    Not bound: a bound multiselect writes its labels to the URL, and those depend on what else is kept.
    """
    names = run_names(records)
    show_rejected(rejected_parameters({param: lambda run_id: run_id in names}))
    wanted = [run_id for run_id in st.query_params.get_all(param) if run_id in names]
    chosen = st.multiselect(
        "Runs",
        list(names),
        default=(wanted or newest_race(records))[:MAX_RUNS],
        format_func=names.__getitem__,
        max_selections=MAX_RUNS,
        key=f"{param}_choice",
        help="Newest first. The address of this page brings this selection back.",
    )
    st.query_params[param] = chosen
    by_id = {record.run_id: record for record in records}
    return [by_id[run_id] for run_id in chosen]
