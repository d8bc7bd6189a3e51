"""What the Compare page shows of the chosen methods: made once for the same records, for all visitors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.comparison import graphs
from core.comparison.findings import Finding, accuracy_interval, selection_findings
from core.comparison.intervals import Interval
from core.comparison.methods import Method, MethodOf, WholeMethod
from core.comparison.tables import results_table
from core.records.record import RunRecord
from pages.parts.shared.library import full_record

Marks = tuple[tuple[str, ...], ...]


def with_arrays(method: Method) -> WholeMethod | None:
    """The method with weights and predictions; None where no record of it can be read any more."""
    found = [record for summary in method.records if (record := full_record(summary.run_id)) is not None]
    return MethodOf(method.label, tuple(found)) if found else None


def run_labels(method: WholeMethod) -> list[tuple[str, RunRecord]]:
    """Its runs with a name each: its label, and the seed where it stands for several."""
    if len(method.records) == 1:
        return [(method.label, method.records[0])]
    return [(f"{method.label}, seed {record.config.seed}", record) for record in method.records]


def marks(chosen: Sequence[WholeMethod]) -> Marks:
    """What the records of these methods hold, short enough for the key of a cache.

    An uploaded record may bear the id of another: what it holds decides, not its name.
    """
    return tuple((m.label, *(record.digest for record in m.records)) for m in chosen)


def findings_of(chosen: Sequence[WholeMethod]) -> list[Finding]:
    """What can be said about these methods, which hold their arrays."""
    return _selection(marks(chosen), list(chosen))


def table_of(chosen: Sequence[WholeMethod]) -> tuple[pd.DataFrame, list[Interval]]:
    """The table of these methods, and the interval of each one's final accuracy, in their order."""
    return _table(marks(chosen), list(chosen))


@st.cache_data(show_spinner=False, max_entries=64)
def _table(marks: Marks, _chosen: list[WholeMethod]) -> tuple[pd.DataFrame, list[Interval]]:
    return results_table(_chosen), [accuracy_interval(method) for method in _chosen]


@st.cache_data(show_spinner=False, max_entries=64)
def _selection(marks: Marks, _chosen: list[WholeMethod]) -> list[Finding]:
    return selection_findings(_chosen)


def loss_graph(chosen: Sequence[WholeMethod], **look: Any) -> go.Figure:
    """Graph 1 of these methods; ``look`` as ``core.comparison.graphs.loss_figure`` has it."""
    return _loss_graph(marks(chosen), list(chosen), **look)


def accuracy_graph(chosen: Sequence[WholeMethod], **look: Any) -> go.Figure:
    """Graph 2 of these methods; ``look`` as ``core.comparison.graphs.accuracy_figure`` has it."""
    return _accuracy_graph(marks(chosen), list(chosen), **look)


@st.cache_resource(show_spinner=False, max_entries=64)
def _loss_graph(marks: Marks, _chosen: list[WholeMethod], **look: Any) -> go.Figure:
    return graphs.loss_figure(_chosen, **look)


@st.cache_resource(show_spinner=False, max_entries=64)
def _accuracy_graph(marks: Marks, _chosen: list[WholeMethod], **look: Any) -> go.Figure:
    return graphs.accuracy_figure(_chosen, **look)
