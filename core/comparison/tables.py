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

BEST_EPOCH = "Best epoch, chosen on the test set"
BEST_ACCURACY = "Accuracy in it (%)"
GAP = "Gap, training minus test (points)"
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


FOR_FEW = ("Roughness, epochs 1 to 5 (nats)", "Near zero (%)", "Parameters", "Settings")
"""Columns that stand in the CSV alone."""
WHERE_THEY_DIFFER = ("Seeds", "Data set")
COMPLETE = "complete"


def shown_columns(table: pd.DataFrame) -> list[str]:
    """The columns of ``results_table`` that stand in view: of some only what is not the same, or usual, in all rows."""
    usual = [name for name in WHERE_THEY_DIFFER if table[name].nunique() == 1]
    usual += ["Status"] if (table["Status"] == COMPLETE).all() else []
    return [name for name in table if name not in (*FOR_FEW, *usual)]


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    """The columns in view, each number as the page shows it."""
    digits = {"Test loss": 4, "Seconds": 1}
    shown = table[shown_columns(table)]
    return shown.apply(
        lambda column: column.map(
            lambda value: f"{value:.{digits.get(column.name, 2)}f}" if isinstance(value, float) else str(value)
        )
    )


def markdown_bytes(table: pd.DataFrame) -> bytes:
    """The columns in view as a table of Markdown, UTF-8."""
    return (_as_text(table).to_markdown(tablefmt="github", index=False, disable_numparse=True) + "\n").encode()


def latex_bytes(table: pd.DataFrame) -> bytes:
    """The same as a ``tabular`` of LaTeX with the rules of the package booktabs, special characters escaped."""
    return (_as_text(table).to_markdown(tablefmt="latex_booktabs", index=False, disable_numparse=True) + "\n").encode()


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
    means = [statistics.mean(values) for values in zip(*method.curve("test_accuracy"), strict=True)]
    best = max(range(1, len(means) + 1), key=lambda epoch: means[epoch - 1])
    return {
        "Method": method.label,
        "Seeds": len(method.records),
        "Status": _status(method),
        "Data set": DATASETS[method.config.dataset].title,
        "Test accuracy (%)": statistics.mean(method.accuracies),
        "95 % low": interval.low,
        "95 % high": interval.high,
        BEST_EPOCH: best,
        BEST_ACCURACY: means[best - 1],
        "Test loss": statistics.mean(row.test_loss for row in last),
        GAP: statistics.mean(row.train_accuracy - row.test_accuracy for row in last),
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
