"""Everything on the Compare page that can be taken away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.comparison.methods import Method
from core.comparison.tables import csv_bytes, curves_table, html_bytes, latex_bytes, markdown_bytes
from pages.parts.compare.uploads import record_download


def chart_config(name: str, image_format: str) -> dict[str, object]:
    """plotly's toolbar: saves at twice the resolution, under a name of its own; on a phone only what is of use."""
    return {
        "displaylogo": False,
        "toImageButtonOptions": {"format": image_format, "scale": 2, "filename": f"normlens_{name}"},
        "modeBarButtonsToRemove": ["pan2d", "zoomIn2d", "zoomOut2d", "autoScale2d", "select2d", "lasso2d"],
    }


def downloads(figures: dict[str, go.Figure], table: pd.DataFrame, methods: Sequence[Method]) -> None:
    """Buttons whose files are made when they are asked for, not at every run of the page."""
    files: list[tuple[str, Callable[[], bytes], str, str, str]] = [
        (
            f"{name} as a page",
            partial(html_bytes, figure),
            f"{name.lower().replace(' ', '_')}.html",
            "text/html",
            ":material/html:",
        )
        for name, figure in figures.items()
    ]
    files += [
        ("Table as CSV", lambda: csv_bytes(table), "table.csv", "text/csv", ":material/table:"),
        ("Table as LaTeX", lambda: latex_bytes(table), "table.tex", "text/x-tex", ":material/table:"),
        ("Table as Markdown", lambda: markdown_bytes(table), "table.md", "text/markdown", ":material/table:"),
        ("Curves as CSV", lambda: csv_bytes(curves_table(methods)), "curves.csv", "text/csv", ":material/table:"),
    ]
    with st.container(horizontal=True):
        for label, make, name, mime, icon in files:
            st.download_button(
                label,
                make,
                file_name=f"normlens_{name}",
                mime=mime,
                icon=icon,
                key=f"compare_file_{name}",
                on_click="ignore",
            )
    runs = {
        record.run_id: (f"{method.label}, seed {record.config.seed}", record)
        for method in methods
        for record in method.records
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Record of a run", list(runs), format_func=lambda run_id: runs[run_id][0], key="compare_record", width=320
        )
        if chosen in runs:
            record_download(runs[chosen][1])
