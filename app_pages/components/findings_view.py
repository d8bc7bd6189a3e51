"""Findings as a list: question, answer, verdict, evidence."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pandas as pd
import streamlit as st

from app_pages.components.shared import full_record, shipped_runs
from core.exports import results_table
from core.findings import Finding, Verdict, accuracy_interval, selection_findings
from core.intervals import Interval
from core.methods import Method, methods
from core.record import RecordError, RunRecord
from core.runs import RunFolder, shipped_root
from core.study_findings import declared_family, study_findings

_BADGES: dict[Verdict, tuple[str, str]] = {
    "distinguishable": (":material/difference:", "distinguishable"),
    "not distinguishable": (":material/drag_handle:", "not distinguishable"),
    "described": (":material/description:", "described, not tested"),
}


def findings_view(found: Sequence[Finding]) -> None:
    """Each finding in a box of its own."""
    if not found:
        st.markdown("Choose two methods with the same seeds, or two single runs, and their difference is tested here.")
    for finding in found:
        icon, words = _BADGES[finding.verdict]
        with st.container(border=True):
            st.markdown(f"**{finding.question}** {finding.answer}")
            st.caption(f"{icon} {words}. {finding.evidence}")


def with_arrays(method: Method) -> Method | None:
    """The method with weights and predictions; None where no record of it can be read any more."""
    found = [record for summary in method.records if (record := full_record(summary.run_id)) is not None]
    return Method(method.label, tuple(found)) if found else None


Marks = tuple[tuple[object, ...], ...]


def marks(chosen: Sequence[Method]) -> Marks:
    """What the records of these methods hold, short enough for the key of a cache."""
    return tuple((m.label, *(_mark(record) for record in m.records)) for m in chosen)


def findings_of(chosen: Sequence[Method]) -> list[Finding]:
    """What can be said about these methods, which hold their arrays."""
    return _selection(marks(chosen), list(chosen))


def table_of(chosen: Sequence[Method]) -> tuple[pd.DataFrame, list[Interval | None]]:
    """The table of these methods, and the interval of each one's final accuracy, in their order."""
    return _table(marks(chosen), list(chosen))


@st.cache_data(show_spinner=False, max_entries=64)
def _table(marks: Marks, _chosen: list[Method]) -> tuple[pd.DataFrame, list[Interval | None]]:
    return results_table(_chosen), [accuracy_interval(method) for method in _chosen]


def _mark(record: RunRecord) -> tuple[str, int]:
    # an uploaded record may bear the id of another: what it holds decides, not its name
    found = record.predictions
    answers = () if found is None else (found.true.tobytes(), found.predicted.tobytes(), found.fingerprint)
    weights = tuple((name, array.tobytes()) for name, array in (record.weights or {}).items())
    return record.run_id, hash((record.status, record.epochs, record.parameters, answers, weights))


@st.cache_data(show_spinner=False, max_entries=64)
def _selection(marks: Marks, _chosen: list[Method]) -> list[Finding]:
    return selection_findings(_chosen)


def is_study(chosen: Sequence[Method]) -> bool:
    """Whether these are the declared family of the shipped runs, all its seeds and nothing else."""
    family = declared_family(methods(shipped_runs()))
    ids = [{record.run_id for method in group for record in method.records} for group in (chosen, family)]
    return bool(family) and ids[0] == ids[1]


@st.cache_data(show_spinner="Reading the shipped runs")
def shipped_findings() -> list[Finding]:
    """What the study that comes with the app says; empty where its records are not there.

    From the app's own folder, whatever this server or this visitor has under the same ids.
    """
    folder = RunFolder(shipped_root())
    found = []
    for record in folder.records()[0]:
        with suppress(RecordError):
            found.append(folder.load(record.run_id))
    return study_findings(methods(found))
