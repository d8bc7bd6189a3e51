"""What the Compare page shows of the chosen methods: made once for the same records, for all visitors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.comparison.findings import accuracy_interval
from core.comparison.foreign_curves import ForeignCurve
from core.comparison.interactive import Start, interactive_accuracy, interactive_loss
from core.comparison.intervals import Interval
from core.comparison.matrix import Matrix, matrix
from core.comparison.methods import Method, MethodOf, WholeMethod
from core.comparison.on_page import on_page
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


def matrix_of(chosen: Sequence[WholeMethod]) -> Matrix:
    """Every pair of these methods, which hold their arrays, tested."""
    return _matrix(marks(chosen), list(chosen))


def table_of(chosen: Sequence[WholeMethod]) -> tuple[pd.DataFrame, list[Interval]]:
    """The table of these methods, and the interval of each one's final accuracy, in their order."""
    return _table(marks(chosen), list(chosen))


@st.cache_data(show_spinner=False, max_entries=64)
def _table(marks: Marks, _chosen: list[WholeMethod]) -> tuple[pd.DataFrame, list[Interval]]:
    return results_table(_chosen), [accuracy_interval(method) for method in _chosen]


@st.cache_data(show_spinner=False, max_entries=64)
def _matrix(marks: Marks, _chosen: list[WholeMethod]) -> Matrix:
    return matrix(_chosen)


def loss_graph(
    chosen: Sequence[WholeMethod], start: Start, foreign: Sequence[ForeignCurve] = (), page: str = ""
) -> go.Figure:
    """Graph 1 of these methods; ``page`` is the colour of a dark page, else empty."""
    return _loss_graph(marks(chosen), list(chosen), start, _key(foreign), list(foreign), page)


def accuracy_graph(
    chosen: Sequence[WholeMethod],
    start: Start,
    foreign: Sequence[ForeignCurve] = (),
    published: Mapping[str, float] | None = None,
    page: str = "",
) -> go.Figure:
    """Graph 2 of these methods."""
    return _accuracy_graph(marks(chosen), list(chosen), start, _key(foreign), list(foreign), published, page)


def _key(foreign: Sequence[ForeignCurve]) -> str:
    return repr(foreign)


@st.cache_resource(show_spinner=False, max_entries=64)
def _loss_graph(
    marks: Marks, _chosen: list[WholeMethod], start: Start, foreign: str, _foreign: list[ForeignCurve], page: str
) -> go.Figure:
    figure = interactive_loss(_chosen, start, _foreign)
    return on_page(figure, page) if page else figure


@st.cache_resource(show_spinner=False, max_entries=64)
def _accuracy_graph(
    marks: Marks,
    _chosen: list[WholeMethod],
    start: Start,
    foreign: str,
    _foreign: list[ForeignCurve],
    published: Mapping[str, float] | None,
    page: str,
) -> go.Figure:
    figure = interactive_accuracy(_chosen, start, _foreign, published)
    return on_page(figure, page) if page else figure
