"""Curves that were trained elsewhere: a CSV as the loggers of the field write it -> values by epoch.

Nothing of it is a record: there are no predictions and no weights, so these curves are drawn and never tested. The
file comes from a stranger: its size, its rows and its columns are limited before anything is kept.
"""

from __future__ import annotations

import csv
import io
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from core.comparison.foreign_columns import Column, axis_of, column_of, tag_of
from core.comparison.methods import Metric
from core.quoting import quoted, shortened

MAX_BYTES = 2_000_000
MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_EPOCH = 10_000
MAX_CURVES = 6
"""Of one file: an export of Weights & Biases may hold every run of a project."""
MAX_NAME = 24
"""Characters of a curve's name: it stands in the legend of a graph, on a phone, too."""
EXPECTED = (
    "a column of epochs is needed, and one or more of test or training loss or accuracy: epoch, loss, accuracy, "
    "val_loss, val_accuracy as Keras writes them, or what Lightning, TensorBoard or Weights & Biases export"
)
IN_WORDS: dict[Metric, str] = {
    "test_loss": "test loss",
    "test_accuracy": "test accuracy",
    "train_loss": "training loss",
    "train_accuracy": "training accuracy",
}
TAKEN = "{column} as {metric}"
FRACTIONS = "accuracies of 0 to 1 are shown in percent"
FROM_ZERO = "epochs counted from 0 are shown from 1"
AVERAGED = "several values of an epoch are averaged"


class CurveError(ValueError):
    """A file that gives no curve, and why."""


@dataclass(frozen=True)
class ForeignCurve:
    """One run of another program.

    name: short and plain.  epochs: ascending, from 1.  values: by metric, one an epoch or None where the log has a
    gap; accuracies in percent.  notes: how the file was read, in words.
    """

    name: str
    epochs: tuple[int, ...]
    values: dict[Metric, tuple[float | None, ...]]
    notes: tuple[str, ...] = ()

    def points(self, metric: Metric) -> tuple[list[int], list[float]]:
        """The epochs that have a value of ``metric``, and the values; empty where the log has none."""
        found = zip(self.epochs, self.values.get(metric, ()), strict=False)
        there = [(epoch, value) for epoch, value in found if value is not None]
        return [epoch for epoch, _ in there], [value for _, value in there]


def read_curves(file_name: str, data: bytes) -> list[ForeignCurve]:
    """The curves of a CSV, one a run that it names. Raises ``CurveError``, which says what is wrong and the fix."""
    header, rows, decimal = _table(data)
    axis, steps = _axis(header)
    epochs = _epochs(rows, axis, steps=steps)
    chosen = _chosen(header, rows, epochs, file_name)
    from_zero = min(epochs.values()) == 0
    curves = []
    for run in dict.fromkeys(run for run, _ in chosen):
        columns = {metric: place for (owner, metric), place in chosen.items() if owner == run}
        values: dict[Metric, dict[int, list[float]]] = {metric: {} for metric in columns}
        for number, epoch in epochs.items():
            for metric, place in columns.items():
                if (value := _value(rows[number], place, header, number, decimal)) is not None:
                    values[metric].setdefault(epoch + from_zero, []).append(value)
        name = _plain(run or file_name.removesuffix(".csv"))
        curves.append(_curve(name, values, {m: header[p] for m, p in columns.items()}, from_zero=from_zero))
    return curves


def _table(data: bytes) -> tuple[list[str], list[list[str]], str]:
    """Header, rows and the decimal sign: a comma where semicolons part the columns."""
    if len(data) > MAX_BYTES:
        raise CurveError(f"it has {len(data) / 1e6:.1f} MB; a CSV of curves may have {MAX_BYTES // 1_000_000} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CurveError("it is not text in UTF-8; save it as CSV in UTF-8") from None
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text), delimiter=delimiter, strict=True):
            if len(row) > MAX_COLUMNS or len(rows) > MAX_ROWS:
                raise CurveError(f"it is too long; a CSV of curves may have {MAX_ROWS:,} rows of {MAX_COLUMNS} columns")
            if any(cell.strip() for cell in row):
                rows.append(row)
    except csv.Error as error:
        raise CurveError(f"it is no CSV: {shortened(error)}") from None
    if len(rows) < 2:
        raise CurveError(f"it has no row of values; {EXPECTED}")
    return [cell.strip() for cell in rows[0]], rows[1:], "," if delimiter == ";" else "."


def _axis(header: Sequence[str]) -> tuple[int, bool]:
    """The place of the column of epochs, else of steps, and whether it is one of steps."""
    found = [axis_of(name) for name in header]
    for kind in ("epoch", "step"):
        if kind in found:
            return found.index(kind), kind == "step"
    raise CurveError(f"none of its columns ({quoted(', '.join(header))}) counts epochs; {EXPECTED}")


def _chosen(
    header: Sequence[str], rows: Sequence[Sequence[str]], epochs: dict[int, int], file_name: str
) -> dict[tuple[str, Metric], int]:
    """The place of the column for each run and metric: of several that with values in the most epochs.

    Lightning writes test_acc once, after the last epoch, and val_acc after each.
    """
    best: dict[tuple[str, Metric], tuple[int, int, int]] = {}
    for place, name in enumerate(header):
        tagged: Column | None = tag_of(file_name) if name.lower() == "value" else None
        column = tagged or column_of(name)
        if column is None:
            continue
        filled = {
            epoch for number, epoch in epochs.items() if place < len(rows[number]) and rows[number][place].strip()
        }
        key, found = (column.run, column.metric), (-len(filled), column.rank, place)
        best[key] = min(best.get(key, found), found)
    if not best and "value" in (name.lower() for name in header):
        raise CurveError(
            "its name does not say what Value is; keep the name that TensorBoard gives it, such as "
            "run-validation-tag-epoch_accuracy.csv, or rename the column to val_accuracy"
        )
    if not best:
        raise CurveError(f"none of its columns ({quoted(', '.join(header))}) is a loss or an accuracy; {EXPECTED}")
    if len({run for run, _ in best}) > MAX_CURVES:
        raise CurveError(f"it holds more than {MAX_CURVES} runs; export fewer at a time")
    return {key: place for key, (*_, place) in best.items()}


def _epochs(rows: Sequence[Sequence[str]], axis: int, *, steps: bool) -> dict[int, int]:
    """The epoch of each row, by the row's number; rows without one are passed over."""
    found = {}
    for number, row in enumerate(rows):
        text = row[axis].strip() if axis < len(row) else ""
        if not text:
            continue
        try:
            epoch = float(text)
        except ValueError:
            epoch = math.nan
        if not (epoch.is_integer() and 0 <= epoch <= MAX_EPOCH) and not steps:
            raise CurveError(f"row {number + 2}: {quoted(text)} is no epoch; use whole numbers from 0 to {MAX_EPOCH:,}")
        found[number] = int(epoch) if epoch.is_integer() and abs(epoch) < 1e12 else -1
    if not found:
        raise CurveError(f"its column of epochs is empty; {EXPECTED}")
    numbers = sorted(set(found.values()))
    if steps and numbers not in ([*range(len(numbers))], [*range(1, len(numbers) + 1)]):
        raise CurveError(
            f"its steps ({', '.join(map(str, numbers[:3]))}, ...) do not count epochs; add a column named epoch"
        )
    return found


def _value(row: Sequence[str], place: int, header: Sequence[str], number: int, decimal: str) -> float | None:
    """The value in a cell; None for a gap, which loggers leave empty or write as nan."""
    text = row[place].strip() if place < len(row) else ""
    if not text or text.lower() in ("nan", "none", "null", "inf", "-inf"):
        return None
    try:
        value = float(text.replace(",", ".") if decimal == "," else text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise CurveError(f"row {number + 2}, {quoted(header[place])}: {quoted(text)} is no loss or accuracy")
    return value


def _curve(
    name: str, values: dict[Metric, dict[int, list[float]]], columns: dict[Metric, str], *, from_zero: bool
) -> ForeignCurve:
    notes = [TAKEN.format(column=_plain(columns[metric]), metric=IN_WORDS[metric]) for metric in values]
    means = {m: {epoch: statistics.fmean(v) for epoch, v in by_epoch.items()} for m, by_epoch in values.items()}
    accuracies = {m: by_epoch for m, by_epoch in means.items() if m.endswith("accuracy") and by_epoch}
    if accuracies:
        highest = max(max(by_epoch.values()) for by_epoch in accuracies.values())
        if highest > 100:
            raise CurveError(f"an accuracy of {highest:g} is no percentage")
        if highest <= 1:  # one scale for all columns of a run: a logger writes all of them alike
            means |= {m: {e: 100 * value for e, value in by_epoch.items()} for m, by_epoch in accuracies.items()}
            notes.append(FRACTIONS)
    if any(len(v) > 1 for by_epoch in values.values() for v in by_epoch.values()):
        notes.append(AVERAGED)
    if from_zero:
        notes.append(FROM_ZERO)
    epochs = sorted({epoch for by_epoch in means.values() for epoch in by_epoch})
    if not epochs:
        raise CurveError(f"its columns hold no values; {EXPECTED}")
    by_metric = {metric: tuple(by_epoch.get(epoch) for epoch in epochs) for metric, by_epoch in means.items()}
    return ForeignCurve(name, tuple(epochs), by_metric, tuple(notes))


def _plain(text: str) -> str:
    """A name of a stranger as a legend may have it: short, and nothing in it that a graph takes for markup."""
    return shortened("".join(c for c in text if c not in "<>&$"), MAX_NAME).strip() or "unnamed"
