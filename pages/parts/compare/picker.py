"""Choosing methods and single runs to compare: one control, and the address brings the choice back."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.comparison.methods import MethodOf, as_methods, method_id, named
from core.records.record import RunSummary
from pages.parts.shared.library import newest_race
from pages.parts.shared.links import rejected_parameters, show_rejected

MAX_ENTRIES = 12


def entries(records: Sequence[RunSummary]) -> dict[str, MethodOf[RunSummary]]:
    """What can be chosen, by the id that stands in the address: methods of several seeds first, then single runs."""
    found: dict[str, MethodOf[RunSummary]] = {}
    single: dict[str, MethodOf[RunSummary]] = {}
    for method in as_methods(records):
        if len(method.records) == 1:
            single[method.records[0].run_id] = method
            continue
        seeds = f", {len(method.records)} seeds"
        label = method.label.removesuffix(seeds)
        found[method_id(method.config)] = MethodOf(f"{label}{seeds}", method.records)
        for record in method.records:
            single[record.run_id] = MethodOf(f"{label}, seed {record.config.seed}", (record,))
    return {**found, **single}


def method_picker(records: Sequence[RunSummary], *, param: str) -> list[MethodOf[RunSummary]]:
    """A multiselect over ``entries``, by default the methods of the newest race; ids go to the URL as ``param``.

    Not bound, since a bound multiselect writes its labels, and those depend on what else is there.
    """
    choices = entries(records)
    show_rejected(rejected_parameters({param: lambda entry: entry in choices}))
    wanted = [entry for entry in dict.fromkeys(st.query_params.get_all(param)) if entry in choices]
    # not as the widget's default, which may not be given together with a value that an upload has set; a run
    # that another visitor's race has pushed out of the store leaves the choice
    key = f"{param}_choice"
    before = st.session_state.get(key, (wanted or _default(records, choices))[:MAX_ENTRIES])
    st.session_state[key] = [entry for entry in before if entry in choices]
    chosen = st.multiselect(
        "Methods and runs",
        list(choices),
        format_func=lambda entry: choices[entry].label,
        max_selections=MAX_ENTRIES,
        key=key,
        help="A method stands for all its seeds. The address of this page brings this selection back.",
    )
    st.query_params[param] = chosen
    return named([choices[entry].records for entry in chosen])


def _default(records: Sequence[RunSummary], choices: dict[str, MethodOf[RunSummary]]) -> list[str]:
    by_id = {record.run_id: record for record in records}
    found = []
    for run_id in newest_race(records):
        method = method_id(by_id[run_id].config)
        found.append(method if method in choices else run_id)
    return list(dict.fromkeys(found))
