"""The matrix of pairs as a table of buttons: pressing one opens what is said of that pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from core.comparison.matrix import Cell, Relation, legend
from pages.parts.shared.front_end import front_end

TITLE = "Final test accuracy, row minus column, in points, over common seeds. Press a pair for its evidence."
OTHER_SEEDS = (
    "Final test accuracy, row minus column, in points, each pair over the seeds that both have: the means beside them "
    "are over all. Press a pair for its evidence."
)
"""Where some have seeds that others lack: the differences are then not those of the means."""
_KINDS: dict[Relation, str] = {
    "higher": "higher",
    "lower": "lower",
    "higher here": "here",
    "lower here": "here",
    "not distinguishable": "open",
    "not tested": "untested",
}


def pair_matrix(
    labels: Sequence[str],
    cells: Sequence[Cell],
    chosen: tuple[int, int] | None,
    *,
    same_seeds: bool,
    key: str,
    on_choose: Callable[[], None],
) -> None:
    """Draw ``cells``, one a pair of ``labels``; ``chosen`` is a row and a column.  same_seeds: whether all have them.

    on_choose is called before the next run when a person has pressed one; ``pressed`` says which.
    """
    data = {
        "title": TITLE if same_seeds else OTHER_SEEDS,
        "labels": list(labels),
        "cells": [
            {
                "row": cell.row,
                "column": cell.column,
                "symbols": list(cell.symbols),
                "difference": cell.difference,
                "words": cell.words(labels),
                "kind": _KINDS[cell.relation],
            }
            for cell in cells
        ],
        "legend": legend(cells),
        "chosen": None if chosen is None else list(chosen),
    }
    front_end(Path(__file__).parent)(key=key, data=data, on_pair_change=on_choose)


def pressed(key: str) -> tuple[int, int] | None:
    """Inside ``on_choose``: the row and the column that the browser sent; None for anything else."""
    sent = st.session_state[key].get("pair")
    if not isinstance(sent, list | tuple) or len(sent) != 3:
        return None
    row, column = sent[:2]
    whole = all(isinstance(place, int) and not isinstance(place, bool) for place in (row, column))
    return (row, column) if whole and 0 <= column < row else None
