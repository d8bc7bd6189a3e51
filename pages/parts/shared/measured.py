"""The lab's measured numbers, for single sentences; where a table is not to be had, there is no sentence."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from core.experiments.table import Table, TableError, load, tables_root

_log = logging.getLogger(__name__)


def from_table(experiment: str, sentence: Callable[[Table], str]) -> str:
    """What ``sentence`` makes of the table of all seeds; "" without that table, or where it lacks a row."""
    path = tables_root() / f"{experiment}.json"
    try:
        table = _loaded(str(path), path.stat().st_mtime_ns)
        return sentence(table) if (table.experiment, table.quick) == (experiment, False) else ""
    except FileNotFoundError:
        return ""
    except (TableError, OSError, LookupError):
        _log.warning("the table of %s says nothing to the first page", experiment, exc_info=True)
        return ""


@st.cache_resource(show_spinner=False, max_entries=20)
def _loaded(path: str, modified: int) -> Table:
    return load(Path(path))
