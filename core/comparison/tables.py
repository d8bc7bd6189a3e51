"""Results as tables and files to take away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd
import plotly.graph_objects as go

from core.comparison.findings import table_row
from core.comparison.methods import Method


def results_table(methods: Sequence[Method]) -> pd.DataFrame:
    """One row a method (see ``core.comparison.findings.table_row``), the highest mean test accuracy first."""
    rows = [table_row(method) for method in methods]
    return pd.DataFrame(rows).sort_values("Test accuracy (%)", ascending=False, ignore_index=True)


def curves_table(methods: Sequence[Method]) -> pd.DataFrame:
    """One row a run and epoch: method, seed, run id and the values of ``core.records.record.EpochRow``."""
    return pd.DataFrame(
        [
            {"method": method.label, "seed": record.config.seed, "run_id": record.run_id, **asdict(row)}
            for method in methods
            for record in method.records
            for row in record.epochs
        ]
    )


def csv_bytes(table: pd.DataFrame) -> bytes:
    """The table as CSV, UTF-8."""
    return table.to_csv(index=False).encode()


def html_bytes(figure: go.Figure) -> bytes:
    """The figure as a page of its own that needs no network: plotly's library is inside."""
    return figure.to_html(include_plotlyjs=True, full_html=True).encode()
