"""Results as tables and files to take away."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd
import plotly.graph_objects as go

from core.comparison.findings import accuracy_interval
from core.comparison.methods import Method, WholeMethod, roughness
from core.comparison.sparsity import sparsity
from core.labels import summary


def results_table(methods: Sequence[WholeMethod]) -> pd.DataFrame:
    """One row a method (see ``table_row``), the highest mean test accuracy first."""
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


def table_row(method: WholeMethod) -> dict[str, str | int | float]:
    """One row of the table of results: means over the seeds.

    Roughness is that of ``methods.roughness``, the share near zero that of ``sparsity``.
    """
    interval = accuracy_interval(method)
    last = [record.epochs[-1] for record in method.records]
    return {
        "Method": method.label,
        "Seeds": len(method.records),
        "Test accuracy (%)": statistics.mean(method.accuracies),
        "95 % low": interval.low,
        "95 % high": interval.high,
        "Test loss": statistics.mean(row.test_loss for row in last),
        "Gap, training minus test (points)": statistics.mean(row.train_accuracy - row.test_accuracy for row in last),
        "Roughness, epochs 1 to 5 (nats)": statistics.mean(roughness(record.epochs) for record in method.records),
        "Near zero (%)": statistics.mean(sparsity(record.weights).share for record in method.records),
        "Seconds": statistics.mean(sum(row.seconds for row in record.epochs) for record in method.records),
        "Parameters": method.records[0].parameters,
        "Settings": summary(method.config, seeds=method.seeds),
        "Status": method.records[0].status,
    }
