"""Choosing among the kept runs: the same control on every page of results."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.records.record import RunSummary
from pages.parts.shared.library import newest_race, run_names, uploaded_records
from pages.parts.shared.links import rejected_parameters, show_rejected

MAX_RUNS = 12


def run_picker(records: Sequence[RunSummary], *, param: str) -> list[RunSummary]:
    """A multiselect over ``records``, by default the runs of the newest race; ids go to the URL as ``param``.

    Not bound: a bound multiselect writes its labels to the URL, and those depend on what else is kept.
    """
    uploaded = uploaded_records()
    names = {run_id: name + ", uploaded" * (run_id in uploaded) for run_id, name in run_names(records).items()}
    show_rejected(rejected_parameters({param: lambda run_id: run_id in names}))
    wanted = [run_id for run_id in dict.fromkeys(st.query_params.get_all(param)) if run_id in names]
    # not as the widget's default, which may not be given together with a value that an upload has set; set at every
    # run, so that the browser, which sends names, learns of a new one: another run with the same label may appear
    key = f"{param}_choice"
    before = st.session_state.get(key, (wanted or newest_race(records))[:MAX_RUNS])
    st.session_state[key] = [run_id for run_id in before if run_id in names]
    chosen = st.multiselect(
        "Runs",
        list(names),
        format_func=names.__getitem__,
        max_selections=MAX_RUNS,
        key=key,
        help="Runs trained on this server, newest first, then those that come with the app. The address of this page "
        "brings this selection back, uploads excepted.",
    )
    st.query_params[param] = chosen
    by_id = {record.run_id: record for record in records}
    return [by_id[run_id] for run_id in chosen]
