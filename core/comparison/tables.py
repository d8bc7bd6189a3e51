"""Results as tables and files to take away."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd
import plotly.graph_objects as go

from core.catalogue import DATASETS
from core.comparison.captions import finished, progress
from core.comparison.findings import accuracy_interval
from core.comparison.methods import Method, WholeMethod, roughness
from core.comparison.sparsity import sparsity
from core.labels import summary
from core.records.chance import at_chance

AT_CHANCE = "{progress}; at chance level"
SOME_AT_CHANCE = "{progress}; {count} of {runs} at chance level"


def results_table(methods: Sequence[WholeMethod]) -> pd.DataFrame:
    """One row a method (see ``table_row``), the highest mean test accuracy first, what is not complete last.

    Runs of a former recipe stand below all others, since no accuracy of theirs ranks them among those.
    """
    ranked = sorted(methods, key=lambda m: (-m.config.recipe, not finished([m]), -statistics.mean(m.accuracies)))
    return pd.DataFrame([table_row(method) for method in ranked])


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
    """One row of the table of results: means over the seeds, of each run's last epoch.

    Roughness is that of ``methods.roughness``, the share near zero that of ``sparsity``.
    """
    interval = accuracy_interval(method)
    last = [record.epochs[-1] for record in method.records]
    return {
        "Method": method.label,
        "Seeds": len(method.records),
        "Status": _status(method),
        "Data set": DATASETS[method.config.dataset].title,
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
    }


def _status(method: WholeMethod) -> str:
    """How far it is, and whether an accuracy of it is nothing but chance."""
    count, runs = sum(bool(at_chance(record.predictions)) for record in method.records), len(method.records)
    if not count:
        return progress(method)
    return (AT_CHANCE if count == runs else SOME_AT_CHANCE).format(progress=progress(method), count=count, runs=runs)
