"""The graphs, the intervals and the table of the chosen methods, each with its words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.comparison import graphs
from core.comparison.captions import at_rest, settings_in_words
from core.comparison.intervals import Interval
from core.comparison.methods import Metric, WholeMethod
from core.comparison.study_findings import PUBLISHED
from pages.parts.compare.downloads import chart_config
from pages.parts.compare.look import Look
from pages.parts.compare.results import accuracy_graph, loss_graph


def two_graphs(methods: Sequence[WholeMethod], look: Look) -> tuple[go.Figure, go.Figure]:
    """Draw Graph 1, the loss, and Graph 2, the accuracy; their figures."""
    mnist = {(method.config.dataset, method.config.validation) for method in methods} == {("mnist", False)}
    loss = loss_graph(methods, axis=look.axis, log_y=look.log_loss, each_seed=look.each_seed)
    accuracy = accuracy_graph(
        methods,
        metric=look.metric,
        axis=look.axis,
        zoom=look.zoom or graphs.accuracy_range(methods, look.metric),
        each_seed=look.each_seed,
        published=PUBLISHED if look.published and mnist else None,
    )
    left, right = st.columns(2)
    drawn: tuple[tuple[st.delta_generator.DeltaGenerator, str, go.Figure, Metric], ...] = (
        (left, "graph1", loss, "test_loss"),
        (right, "graph2", accuracy, look.metric),
    )
    for place, name, figure, metric in drawn:
        place.plotly_chart(
            figure,
            key=f"compare_{name}",
            config=chart_config(name, look.image_format),
            alt=f"{graphs.in_words(methods, metric, look.axis)}. {settings_in_words(methods)}",
        )
    st.caption(graphs.reading_help(methods, look.metric, look.axis))
    return loss, accuracy


def interval_chart(methods: Sequence[WholeMethod], intervals: Sequence[Interval], image_format: str) -> None:
    """Final accuracies with their intervals, of the methods that have come to rest."""
    shown = [pair for pair in zip(methods, intervals, strict=True) if at_rest(pair[0])]
    if not shown:
        return
    st.plotly_chart(
        graphs.interval_figure(*zip(*shown, strict=True)),
        key="compare_intervals",
        config=chart_config("intervals", image_format),
        alt="Final test accuracy of each method with its 95 % interval: the values stand in the table below",
    )
    st.caption(
        "Symbol: the mean. Ticks: single seeds, equal ones on top of each other. Whiskers: 95 % interval of the "
        "mean, t over the seeds, so that single seeds may lie outside; Wilson's for a single run. Whether they "
        "overlap is not the test: that is below."
    )


def table_view(table: pd.DataFrame) -> None:
    """The table of final values."""
    percent = [name for name in table if "%" in name or "(points)" in name]
    st.dataframe(
        table,
        hide_index=True,
        alt="The chosen methods with their final values",
        column_config={
            **{name: st.column_config.NumberColumn(format="%.2f") for name in percent},
            "Test loss": st.column_config.NumberColumn(format="%.4f"),
            "Roughness, epochs 1 to 5 (nats)": st.column_config.NumberColumn(
                format="%.4f", help="Sum of all rises of the test loss from one epoch to the next."
            ),
            "Near zero (%)": st.column_config.NumberColumn(
                format="%.2f", help="Of all penalized weights: below 5 % of their filter's root mean square."
            ),
            "Seconds": st.column_config.NumberColumn(
                format="%.1f", help="As recorded, tests included. The shipped runs were trained three at a time."
            ),
        },
    )
