"""The intervals, the graphs and the table of the chosen methods, each with its words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.comparison import graphs
from core.comparison.captions import at_rest, settings_in_words
from core.comparison.foreign_curves import ForeignCurve
from core.comparison.interactive import Start
from core.comparison.intervals import Interval
from core.comparison.methods import Metric, WholeMethod
from core.comparison.on_page import on_page
from core.comparison.study_findings import PUBLISHED
from core.comparison.tables import BEST_ACCURACY, BEST_EPOCH, GAP, shown_columns
from core.jobs.words import why_the_gap
from core.labels import listed
from pages.parts.compare.dark import dark_page
from pages.parts.compare.downloads import chart_config
from pages.parts.compare.look import SOURCE, Look
from pages.parts.compare.results import accuracy_graph, loss_graph

OVER_EPOCHS_ALONE = "{names}: drawn over epochs alone, which is all that a log has."
DRAWN_AS_WELL = "; drawn as well, not tested: {names}"
WHY_IT_FLATTERS = "Chosen on the test set, so it flatters: judge by the final value."
HOW_TO_READ = (
    "In the picture of the intervals the symbol is the mean, and each tick is a seed. The whiskers are the 95 % "
    "interval of the mean (t over the seeds, Wilson's for a single run): single seeds may lie outside. Whether two of "
    "them overlap is not the test; the matrix is."
)


def two_graphs(
    methods: Sequence[WholeMethod], look: Look, foreign: Sequence[ForeignCurve] = ()
) -> tuple[go.Figure, go.Figure]:
    """Draw Graph 1, the loss, and Graph 2, the accuracy; their figures."""
    page = dark_page()
    loss = loss_graph(methods, look.loss, foreign, page)
    accuracy = accuracy_graph(methods, look.accuracy, foreign, _published(methods), page)
    left, right = st.columns(2)
    drawn: tuple[tuple[st.delta_generator.DeltaGenerator, str, go.Figure, Metric, Start], ...] = (
        (left, "graph1", loss, "train_loss" if look.loss.split == "training" else "test_loss", look.loss),
        (right, "graph2", accuracy, _metric(look), look.accuracy),
    )
    for place, name, figure, metric, start in drawn:
        place.plotly_chart(
            figure,
            key=f"compare_{name}",
            config=chart_config(name, look.image_format),
            alt=f"{graphs.in_words(methods, metric, start.axis)}{_also(foreign, metric)}. {settings_in_words(methods)}",
        )
    if foreign and look.loss.axis != "epochs":
        st.caption(OVER_EPOCHS_ALONE.format(names=listed([curve.name for curve in foreign])))
    return loss, accuracy


def graphs_help(methods: Sequence[WholeMethod], look: Look) -> str:
    """What the marks of the two graphs mean."""
    said = graphs.reading_help(methods, _metric(look), look.accuracy.axis)
    return f"{said} {SOURCE}" if _published(methods) else said


def _published(methods: Sequence[WholeMethod]) -> dict[str, float] | None:
    """Published accuracies where all of these were tested on MNIST's test set."""
    mnist = {(method.config.dataset, method.config.validation) for method in methods} == {("mnist", False)}
    return PUBLISHED if mnist else None


def _metric(look: Look) -> Metric:
    return "train_accuracy" if look.accuracy.split == "training" else "test_accuracy"


def _also(foreign: Sequence[ForeignCurve], metric: Metric) -> str:
    names = [curve.name for curve in foreign if curve.points(metric)[0]]
    return DRAWN_AS_WELL.format(names=listed(names)) if names else ""


def interval_chart(methods: Sequence[WholeMethod], intervals: Sequence[Interval], image_format: str) -> None:
    """Final accuracies with their intervals, of the methods that have come to rest."""
    shown = [pair for pair in zip(methods, intervals, strict=True) if at_rest(pair[0])]
    if not shown:
        return
    figure = graphs.interval_figure(*zip(*shown, strict=True))
    if page := dark_page():
        figure = on_page(figure, page)
    st.plotly_chart(
        figure,
        key="compare_intervals",
        config=chart_config("intervals", image_format),
        alt="Final test accuracy of each method with its 95 % interval: the values stand in the table below",
    )


def table_view(table: pd.DataFrame, methods: Sequence[WholeMethod]) -> None:
    """The table of final values: the columns that most need, all of them in the files."""
    gap = why_the_gap(all(method.config.augment for method in methods))
    percent = [name for name in table if "%" in name or "(points)" in name]
    # a line of its own above, on which a touch screen has the table's toolbar
    st.subheader("Final values", anchor=False)
    st.dataframe(
        table,
        hide_index=True,
        alt="The chosen methods with their final values",
        column_order=shown_columns(table),
        column_config={
            **{name: st.column_config.NumberColumn(format="%.2f") for name in percent},
            # shorter than in the files, so that all of it fits beside one another
            BEST_EPOCH: st.column_config.NumberColumn("Best epoch (on test)", help=WHY_IT_FLATTERS),
            BEST_ACCURACY: st.column_config.NumberColumn(format="%.2f", help=WHY_IT_FLATTERS),
            GAP: st.column_config.NumberColumn("Gap (points)", format="%.2f", help=gap),
            "Test loss": st.column_config.NumberColumn(format="%.4f"),
            "Seconds": st.column_config.NumberColumn(
                format="%.1f", help="As recorded, tests included. The shipped runs were trained three at a time."
            ),
        },
    )
