"""Matrices of cells as bars: confusion, difference, and ten probabilities. Plain data -> plotly.

Every cell of a matrix is a bar: unlike a heatmap's, it can be clicked, and its number is text in a colour
chosen for contrast. ``dark`` is the page's theme: large numbers stand out from the page either way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.misclassified.confusion import Matrix
from core.palette import INKS, ink_on, shade

MORE = (("#ece4f7", "#4a1486"), ("#332052", "#d9c6ff"))
"""From few to many, on a light and on a dark page. No hue of a norm."""
LESS = (("#f5ead2", "#6b4600"), ("#46330f", "#f2d593"))
_NEUTRAL = ("#dfe4ea", "#2a3441")
_EMPTY = "rgba(128,128,128,0.08)"
_LINE = "rgba(128,128,128,0.35)"


@dataclass(frozen=True)
class _Cell:
    row: int
    column: int
    fill: str
    text: str
    hover: str
    code: str = ""
    framed: bool = False


def _matrix(
    cells: Sequence[_Cell], rows: Sequence[str], columns: Sequence[str], *, row_title: str, column_title: str, side: int
) -> go.Figure:
    """Rows from the top; every cell one bar of length 1 from its column's left edge."""
    figure = go.Figure(_bars(cells))
    figure.update_layout(
        barmode="overlay",
        bargap=0,
        dragmode=False,
        showlegend=False,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        height=side * len(rows) + 64,
    )
    fixed = {"fixedrange": True, "showgrid": False, "zeroline": False, "automargin": True}
    figure.update_xaxes(
        range=[-0.5, len(columns) - 0.5],
        tickvals=list(range(len(columns))),
        ticktext=list(columns),
        title=column_title,
        **fixed,
    )
    figure.update_yaxes(
        range=[len(rows) - 0.5, -0.5],
        tickvals=list(range(len(rows))),
        ticktext=list(rows),
        title=row_title or None,  # an empty title would keep its room, which the cells need on a phone
        **fixed,
    )
    return figure


def _bars(cells: Sequence[_Cell]) -> go.Bar:
    return go.Bar(
        orientation="h",
        y=[cell.row for cell in cells],
        x=[1] * len(cells),
        base=[cell.column - 0.5 for cell in cells],
        width=1,
        marker={
            "color": [cell.fill for cell in cells],
            "line": {
                "color": ["#808890" if cell.framed else _LINE for cell in cells],
                "width": [3 if cell.framed else 0.5 for cell in cells],
            },
        },
        text=[cell.text for cell in cells],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        constraintext="none",
        insidetextfont={
            "color": [ink_on(cell.fill) if cell.fill.startswith("#") else INKS[0] for cell in cells],
            "size": 12,
        },
        customdata=[[cell.code, cell.hover] for cell in cells],
        hovertemplate="%{customdata[1]}<extra></extra>",
        # a click reruns the page, which draws the choice; what plotly dims meanwhile would only flicker
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )


def _strength(count: int, largest: int) -> float:
    """Colour on a logarithmic scale: 1 of 30 can still be told from nothing."""
    return math.log1p(count) / math.log1p(largest) if largest else 0.0


def confusion_figure(matrix: Matrix, classes: Sequence[str], *, chosen: str = "", dark: bool = False) -> go.Figure:
    """The confusion matrix: errors coloured on a log scale, the diagonal's counts written in a neutral tone.

    Colour is scaled by the errors alone, so the thousands that are right do not swamp them. A cell's
    customdata[0] is its code, "4-9"; empty for the diagonal and for cells without an error.
    chosen: the code of a framed cell.
    """
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    cells = []
    for (t, p), count in np.ndenumerate(matrix):
        if t == p:
            fill, text, code = _NEUTRAL[dark], f"{count:,}" if count < 1000 else f"{count}", ""
            hover = f"{classes[t]}: {count:,} right"
        else:
            fill = shade(_strength(int(count), int(wrong.max())), MORE[dark]) if count else _EMPTY
            text, code = (str(count), f"{t}-{p}") if count else ("", "")
            hover = f"true {classes[t]}, predicted {classes[p]}: {count}"
        cells.append(_Cell(t, p, fill, text, hover, code, framed=bool(code) and code == chosen))
    # drawn last, so that no neighbour covers the frame
    cells.sort(key=lambda cell: cell.framed)
    return _matrix(cells, classes, classes, row_title="True class", column_title="Predicted class", side=34)


def difference_figure(matrix: Matrix, classes: Sequence[str], *, dark: bool = False) -> go.Figure:
    """First matrix minus second: what the first does more often with a plus, less often with a minus.

    Two hues and the sign tell the errors apart; the diagonal (more or fewer right) stays neutral.
    """
    wrong = np.abs(matrix)
    np.fill_diagonal(wrong, 0)
    cells = []
    for (t, p), count in np.ndenumerate(matrix):
        signed = f"{count:+d}".replace("-", "−") if count else ""
        if t == p:
            fill, what = _NEUTRAL[dark], f"{classes[t]} right"
        else:
            ends = MORE if count > 0 else LESS
            fill = shade(_strength(abs(int(count)), int(wrong.max())), ends[dark]) if count else _EMPTY
            what = f"true {classes[t]}, predicted {classes[p]}"
        cells.append(_Cell(t, p, fill, signed, f"{what}: {signed or 'the same'}"))
    return _matrix(cells, classes, classes, row_title="True class", column_title="Predicted class", side=34)


def probabilities_figure(
    names: Sequence[str],
    probabilities: NDArray[np.float64],
    classes: Sequence[str],
    true: int,
    *,
    dark: bool = False,
) -> go.Figure:
    """Rows the runs, columns the ten classes: percent in every cell, the predicted class framed.

    probabilities: (runs, 10), 0..1. Colour goes by the probability itself.
    """
    cells = []
    for (row, column), value in np.ndenumerate(probabilities):
        text = f"{100 * value:.1f}" if value >= 0.0005 else ""  # as many digits as the sentence above has
        hover = f"{names[row]}: {classes[column]} {100 * value:.2f} %"
        fill = shade(float(value), MORE[dark]) if text else _EMPTY
        cells.append(_Cell(row, column, fill, text, hover, framed=column == int(probabilities[row].argmax())))
    cells.sort(key=lambda cell: cell.framed)
    heads = [f"<b>{name}</b><br>true" if column == true else name for column, name in enumerate(classes)]
    figure = _matrix(cells, names, heads, row_title="", column_title="Probability of each class, %", side=34)
    figure.update_xaxes(side="top")
    figure.update_traces(insidetextfont={"size": 11})
    return figure
