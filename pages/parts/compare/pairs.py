"""The matrix of pairs beside the intervals, and which of them a visitor has opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from core.comparison.matrix import Cell, Matrix
from core.comparison.methods import WholeMethod, method_id
from pages.parts.compare.address import PAIR
from pages.parts.compare.pair_matrix import pair_matrix, pressed
from pages.parts.shared.address import keep, kept, refuse, say
from pages.parts.shared.rules import one_of

MATRIX = "compare_matrix"
ALONE = "Choose a second method above, and their difference is tested here."


def pairs_view(methods: Sequence[WholeMethod], tested: Matrix) -> Cell | None:
    """The matrix of ``methods``, which have come to rest; the pair that is open in it, if any."""
    if not tested.cells:
        st.caption(ALONE)
        return None
    names = {_name(cell, methods): cell for cell in tested.cells}
    cell = _opened(names)
    pair_matrix(
        [method.label for method in methods],
        tested.cells,
        None if cell is None else (cell.row, cell.column),
        same_seeds=len({frozenset(method.seeds) for method in methods}) == 1,
        key=MATRIX,
        on_choose=partial(_take, {(c.row, c.column): name for name, c in names.items()}),
    )
    return cell


def _entry(method: WholeMethod) -> str:
    """What the address calls a method: as the picker does."""
    return method.records[0].run_id if len(method.records) == 1 else method_id(method.config)


def _name(cell: Cell, methods: Sequence[WholeMethod]) -> str:
    return f"{_entry(methods[cell.column])}.{_entry(methods[cell.row])}"


def _opened(names: dict[str, Cell]) -> Cell | None:
    """The pair of this visit or of the link; where there is only one, that."""
    if len(names) == 1:
        return next(iter(names.values()))
    if PAIR.name not in st.session_state:
        say(refuse(replace(PAIR, rule=one_of(names))))
    name = kept(PAIR)
    if name and name not in names:  # other methods were chosen meanwhile
        keep(PAIR, PAIR.default)
    return names.get(name)


def _take(names: dict[tuple[int, int], str]) -> None:
    """Open the pair that was just pressed, or close it."""
    name = names.get(pressed(MATRIX) or (0, 0))
    if name is not None:
        st.session_state[PAIR.name] = PAIR.default if st.session_state.get(PAIR.name) == name else name
