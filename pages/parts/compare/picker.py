"""Choosing methods and single runs to compare: one control, and the address brings the choice back."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.comparison.captions import with_state
from core.comparison.methods import MethodOf, as_methods, method_id, named
from core.labels import about_recipes
from core.records.record import RunSummary
from pages.parts.compare.address import RUNS
from pages.parts.shared.address import start_choice, write_all
from pages.parts.shared.choices import heed
from pages.parts.shared.library import shown_at_first, study_runs

MAX_ENTRIES = 12
HELP = (
    "At first this is the study that comes with the app; what was trained on this server is in the list. A method "
    "stands for all its seeds. The address of this page brings this selection back."
)


def entries(records: Sequence[RunSummary]) -> dict[str, MethodOf[RunSummary]]:
    """What can be chosen, by the id that stands in the address: methods of several seeds first, then single runs."""
    found: dict[str, MethodOf[RunSummary]] = {}
    single: dict[str, MethodOf[RunSummary]] = {}
    short = _short_labels(records)
    for method in as_methods(records):
        label = short.get(method_id(method.config), method.label) if _complete(method) else method.label
        if len(method.records) == 1:
            [record] = method.records
            single[record.run_id] = MethodOf(with_state(label, record.status), method.records)
            continue
        seeds = f", {len(method.records)} seeds"
        label = label.replace(seeds, "")  # it may be there already, to tell the method from others
        found[method_id(method.config)] = MethodOf(f"{label}{seeds}", method.records)
        for record in method.records:
            single[record.run_id] = MethodOf(f"{label}, seed {record.config.seed}", (record,))
    return {**found, **single}


def _short_labels(records: Sequence[RunSummary]) -> dict[str, str]:
    """What the methods of the study are called among themselves: whatever else is there says how it differs."""
    listed = {record.run_id for record in records}
    study = [run for run in study_runs() if run.run_id in listed]
    return {method_id(method.config): method.label for method in as_methods(study) if _complete(method)}


def _complete(method: MethodOf[RunSummary]) -> bool:
    return all(record.status == "complete" for record in method.records)


def method_picker(records: Sequence[RunSummary]) -> list[MethodOf[RunSummary]]:
    """A multiselect over ``entries``, by default the study that comes with the app; their ids go to the address."""
    choices = entries(records)
    key = start_choice(RUNS, choices, lambda: _default(records, choices), MAX_ENTRIES)
    chosen = st.multiselect(
        "Methods and runs",
        list(choices),
        format_func=lambda entry: choices[entry].label,
        max_selections=MAX_ENTRIES,
        key=key,
        on_change=heed,
        args=(key,),
        help=" ".join([HELP, *about_recipes(record.config for record in records)]),
    )
    write_all(RUNS, chosen)
    return named([choices[entry].records for entry in chosen])


def _default(records: Sequence[RunSummary], choices: dict[str, MethodOf[RunSummary]]) -> list[str]:
    by_id = {record.run_id: record for record in records}
    found = []
    for run_id in shown_at_first(records):
        method = method_id(by_id[run_id].config)
        found.append(method if method in choices else run_id)
    return list(dict.fromkeys(found))
