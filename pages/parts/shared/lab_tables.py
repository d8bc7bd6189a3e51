"""The tables that come with the app, each read once as long as its file does not change."""

from __future__ import annotations

import logging
from pathlib import Path

import streamlit as st

from core.experiments.experiment import Experiment
from core.experiments.table import QUICK, Table, TableError, load, tables_root

NO_TABLE = "The table of this experiment on all seeds does not come with this version of the app."
DAMAGED = "The table of this experiment cannot be read: {error}."

_log = logging.getLogger(__name__)


def full_table(experiment: Experiment) -> tuple[Table | None, str]:
    """That of all seeds; None, and a sentence that says why, where there is none to be had."""
    try:
        return _read(tables_root() / f"{experiment.name}.json", experiment, quick=False), ""
    except FileNotFoundError:
        return None, NO_TABLE
    except (TableError, OSError) as error:
        _log.warning("the table of %s cannot be read", experiment.name, exc_info=True)
        return None, DAMAGED.format(error=error if isinstance(error, TableError) else type(error).__name__)


def quick_table(experiment: Experiment) -> Table | None:
    """That of the quick form, which says how long its trials take; None where there is none to be had."""
    try:
        return _read(tables_root() / QUICK / f"{experiment.name}.json", experiment, quick=True)
    except (TableError, OSError):
        return None


def _read(path: Path, experiment: Experiment, *, quick: bool) -> Table:
    table = _loaded(str(path), path.stat().st_mtime_ns)
    if (table.experiment, table.quick) != (experiment.name, quick):
        raise TableError(f"{path.name}: it is of another experiment or form")
    return table


@st.cache_resource(show_spinner=False, max_entries=40)
def _loaded(path: str, modified: int) -> Table:
    try:
        return load(Path(path))
    except TableError as error:
        # a visitor need not know where it lies
        raise TableError(str(error).replace(path, Path(path).name)) from error
