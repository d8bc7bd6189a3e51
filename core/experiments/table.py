"""The table of an experiment: the rows of its trials, in memory and as a JSON file that may come from a stranger."""

from __future__ import annotations

import json
import math
import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.experiments.experiment import Row, Scalar, Trial
from core.quoting import quoted, shortened
from core.records.whole_file import write_whole

SCHEMA = 1
MOST_BYTES = 8_000_000
MOST_TRIALS = 10_000
MOST_ROWS = 100_000
MOST_AMOUNT = 1e300
"""Of a number in a row: any larger whole number would be none as a float."""
TABLES = Path(__file__).resolve().parents[2] / "assets" / "experiments"
"""The tables that come with the app, wherever it was started from."""
TABLES_ENV = "NORMLENS_TABLES"
QUICK = "quick"
"""The folder in theirs of the tables of the quick forms: what those took is measured."""


class TableError(ValueError):
    """A table that cannot be read. The message names the file, the field and what is wrong."""


@dataclass(frozen=True)
class Done:
    """What one trial came to.  seconds: of processor time."""

    rows: tuple[Row, ...]
    seconds: float


@dataclass(frozen=True)
class Table:
    """What has been measured of one experiment.

    done: by the key of a trial, in the order of the trials.  quick: whether it is of the quick form.
    """

    experiment: str
    quick: bool
    done: Mapping[str, Done] = field(default_factory=dict)

    @property
    def rows(self) -> list[Row]:
        """All rows, trial by trial."""
        return [row for done in self.done.values() for row in done.rows]

    @property
    def seconds(self) -> float:
        """Processor time of all trials."""
        return sum(done.seconds for done in self.done.values())

    @property
    def seeds(self) -> list[int]:
        """Those of the rows, ascending."""
        return sorted({int(row["seed"]) for row in self.rows if isinstance(row["seed"], int)})

    def by_seed(self, value: str, **where: Scalar) -> dict[int, float]:
        """``value`` of the one row of each seed that has all of ``where``. ``LookupError`` where a seed has several."""
        found: dict[int, float] = {}
        for row in self.rows:
            if all(name in row and row[name] == wanted for name, wanted in where.items()):
                seed, number = row["seed"], row.get(value)
                if not isinstance(seed, int) or not isinstance(number, int | float):
                    continue
                if seed in found:
                    raise LookupError(f"seed {seed} has several rows where {dict(where)}")
                found[seed] = float(number)
        return dict(sorted(found.items()))

    def mean(self, value: str, **where: Scalar) -> float:
        """The mean of ``by_seed``; ``LookupError`` where there is none."""
        values = self.by_seed(value, **where)
        if not values:
            raise LookupError(f"no row has {value} where {dict(where)}")
        return statistics.fmean(values.values())

    def difference(self, value: str, more: Mapping[str, Scalar], less: Mapping[str, Scalar]) -> dict[int, float]:
        """``value`` where ``more`` minus ``value`` where ``less``, for the seeds that have both."""
        a, b = self.by_seed(value, **more), self.by_seed(value, **less)
        return {seed: a[seed] - b[seed] for seed in a if seed in b}

    def distinct(self, name: str, **where: Scalar) -> list[Any]:
        """The different values of a column, in their first order, among the rows that have all of ``where``."""
        rows = [
            row for row in self.rows if name in row and all(row.get(key) == wanted for key, wanted in where.items())
        ]
        return list(dict.fromkeys(row[name] for row in rows))

    def missing(self, trials: Sequence[Trial]) -> list[Trial]:
        """Those of ``trials`` that are not done."""
        return [trial for trial in trials if trial.key not in self.done]


def tables_root() -> Path:
    """Where the tables are that come with the app: the variable NORMLENS_TABLES, else its own assets/experiments."""
    return Path(os.environ.get(TABLES_ENV) or TABLES)


def save(table: Table, folder: Path) -> Path:
    """Write ``table`` to ``folder/<experiment>.json``, whole or not at all, and return that path."""
    folder.mkdir(parents=True, exist_ok=True)
    trials = [
        {"settings": json.loads(key), "seconds": round(done.seconds, 3), "rows": [_plain(row) for row in done.rows]}
        for key, done in table.done.items()
    ]
    lines = ",\n".join(json.dumps(trial, allow_nan=False, separators=(",", ":")) for trial in trials)
    head = json.dumps({"schema": SCHEMA, "experiment": table.experiment, "quick": table.quick})[:-1]
    path = folder / f"{table.experiment}.json"
    write_whole(path, f'{head}, "trials": [\n{lines}\n]}}\n'.encode())
    return path


def _plain(row: Row) -> dict[str, Scalar]:
    # JSON has no nan: a loss that is none is a null
    return {name: None if isinstance(v, float) and not math.isfinite(v) else v for name, v in row.items()}


def load(path: Path) -> Table:
    """Read and check a table. Raises ``TableError``, and ``FileNotFoundError`` where there is no file."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise TableError(f"{shortened(path)}: larger than {MOST_BYTES:,} bytes")
        return decode(path.read_bytes())
    except TableError as error:
        raise TableError(f"{shortened(path)}: {error}") from error


def decode(data: bytes) -> Table:
    """The table that ``save`` wrote. Raises ``TableError``."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise TableError("this is no JSON") from None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise TableError(f"field 'schema' is not {SCHEMA}")
    name, quick, trials = content.get("experiment"), content.get("quick"), content.get("trials")
    if not isinstance(name, str) or not isinstance(quick, bool) or not isinstance(trials, list):
        raise TableError("fields 'experiment', 'quick' and 'trials' are not a text, a truth value and a list")
    if len(trials) > MOST_TRIALS:
        raise TableError(f"more than {MOST_TRIALS:,} trials")
    done = dict(_trial(trial) for trial in trials)
    if sum(len(d.rows) for d in done.values()) > MOST_ROWS:
        raise TableError(f"more than {MOST_ROWS:,} rows")
    return Table(name, quick, done)


def _trial(trial: Any) -> tuple[str, Done]:
    if not isinstance(trial, dict) or not isinstance(trial.get("settings"), dict):
        raise TableError("a trial has no settings")
    seconds, rows = trial.get("seconds"), trial.get("rows")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e9:
        raise TableError(f"field 'seconds' is {quoted(seconds)}, not a number of seconds")
    if not isinstance(rows, list) or not all(_is_row(row) for row in rows):
        raise TableError("field 'rows' is not a list of rows of plain values with a seed each")
    try:
        key = json.dumps(trial["settings"], sort_keys=True, separators=(",", ":"), allow_nan=False)
    except ValueError:
        raise TableError("the settings of a trial hold a number that is none") from None
    return key, Done(tuple(rows), float(seconds))


def _is_row(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and type(row.get("seed")) is int  # a truth value is an int to isinstance
        and all(_is_plain(value) for value in row.values())
    )


def _is_plain(value: Any) -> bool:
    if isinstance(value, int | float):
        return abs(value) <= MOST_AMOUNT  # nan is not
    return value is None or isinstance(value, str)
