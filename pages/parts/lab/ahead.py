"""The positions beside the one that is shown, measured before a visitor asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from core.experiments.ahead import Ahead, Part
from core.experiments.positions import Place, beside
from pages.parts.shared.runtime import registry
from pages.parts.shared.warm_up import warm_up

_MOVES = "lab moves"


def someone_is_here() -> None:
    """Before anything is measured for a visitor: what others have not come to ask for can wait."""
    _ahead().drop()


def measure_ahead(parts: Iterable[Part]) -> None:
    """A position that this visitor is likely to ask for next, once no page is being run and nothing trains."""
    _ahead().want(parts)


def places_beside(part: str, axes: Sequence[Sequence[Any]], at: Place) -> list[Place]:
    """The positions of the live part ``part`` that are likely to come after ``at``, by this visitor's last move."""
    moves: dict[str, tuple[Place | None, Place]] = st.session_state.setdefault(_MOVES, {})
    before, last = moves.get(part, (None, at))
    if last != at:
        before = last
    moves[part] = (before, at)
    return beside(axes, at, before)


@st.cache_resource(show_spinner=False, max_entries=1)
def _ahead() -> Ahead:
    return Ahead(registry(), lambda: warm_up.occupied)
