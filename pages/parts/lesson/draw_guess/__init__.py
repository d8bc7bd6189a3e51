"""Draw a curve before it is shown: one stroke over a few places, and then what was measured in the same chart."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from core.catalogue import NORMS
from core.experiments.figures import Line
from pages.parts.shared.front_end import front_end


def draw_guess(
    places: Sequence[float],
    guess: Sequence[float | None],
    lines: Sequence[Line],
    *,
    published: Sequence[Line] = (),
    editable: bool,
    drawn: str,
    span: tuple[float, float],
    ticks: Sequence[float],
    title: str,
    x_title: str,
    note: str,
    alt: str,
    key: str,
    on_drawn: Callable[[], None],
) -> None:
    """The chart: ``guess`` over ``places``, and ``lines``, each at some places or all; both axes are logarithmic.

    drawn: what the guess is one of.  span, ticks: of the y axis, in percent.  published: thin, of other data.
    on_drawn is called before the next run when a stroke has ended or a key was let go; ``drawn_by_hand`` says what.
    """
    data = {
        "places": list(places),
        "guess": list(guess),
        "lines": [
            *(_sent(line, places) for line in lines),
            *(_sent(line, places, published=True) for line in published),
        ],
        "editable": editable,
        "drawn": drawn,
        "span": list(span),
        "ticks": list(ticks),
        "title": title,
        "xTitle": x_title,
        "note": note,
        "alt": alt,
    }
    front_end(Path(__file__).parent)(key=key, data=data, on_drawn_change=on_drawn)


def _sent(line: Line, places: Sequence[float], *, published: bool = False) -> dict[str, object]:
    row = NORMS[line.norm]
    there = dict(zip(line.x, line.values, strict=True))
    values = [there.get(place) for place in places]
    return {
        "label": line.label,
        "color": row.color,
        "dash": "2 3" if published else ("6 4" if line.twin else row.strokes),
        "shape": row.marker,
        "hollow": bool(line.twin),
        "thin": published,
        "mean": [found and statistics.fmean(found) for found in values],
        "low": [found and min(found) for found in values],
        "high": [found and max(found) for found in values],
    }


def drawn_by_hand(key: str, count: int) -> tuple[float | None, ...] | None:
    """Inside ``on_drawn``: a number or None for each of ``count`` places; None for anything else that was sent."""
    sent = st.session_state[key].get("drawn")
    if not isinstance(sent, list | tuple) or len(sent) != count:
        return None
    good = all(
        value is None or (isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value))
        for value in sent
    )
    return tuple(sent) if good else None
