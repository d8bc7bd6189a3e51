"""Pictures of errors: combinations of runs, confusion matrices, ten probabilities. Plain data -> plotly.

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
from plotly.subplots import make_subplots

from core.comparison.curves import NORM_COLORS, NORM_MARKERS
from core.config import NormName
from core.misclassified.confusion import Matrix
from core.misclassified.overlap import Combination

MAX_COLUMNS = 24
"""Combinations in one picture; with twelve runs there can be a hundred."""

INKS = ("#000000", "#ffffff")
"""One of them reaches 4.5 to 1 on any colour whatever."""
_MORE = (("#ece4f7", "#4a1486"), ("#332052", "#d9c6ff"))
"""From few to many, on a light and on a dark page. No hue of a norm."""
_LESS = (("#f5ead2", "#6b4600"), ("#46330f", "#f2d593"))
_NEUTRAL = ("#dfe4ea", "#2a3441")
_EMPTY = "rgba(128,128,128,0.08)"
_LINE = "rgba(128,128,128,0.35)"
_BAR, _CHOSEN = ("#8a94a3", "#8a94a3"), ("#4a1486", "#d9c6ff")


def shade(t: float, ends: tuple[str, str]) -> str:
    """The colour at ``t`` of 0..1 between two, as "#rrggbb"."""
    low, high = ([int(end[i : i + 2], 16) for i in (1, 3, 5)] for end in ends)
    return "#" + "".join(f"{round(a + t * (b - a)):02x}" for a, b in zip(low, high, strict=True))


def luminance(color: str) -> float:
    """Relative luminance of "#rrggbb", 0..1, as WCAG 2 defines it."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours, 1..21: text needs 4.5."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def ink_on(color: str) -> str:
    """The text colour that is easier to read on ``color``."""
    return max(INKS, key=lambda ink: contrast(ink, color))


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
    figure = go.Figure(
        go.Bar(
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
                "color": [ink_on(c.fill) if c.fill.startswith("#") else INKS[0] for c in cells],
                "size": 12,
            },
            customdata=[[cell.code, cell.hover] for cell in cells],
            hovertemplate="%{customdata[1]}<extra></extra>",
            # a click reruns the page, which draws the choice; what plotly dims meanwhile would only flicker
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    )
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
        range=[len(rows) - 0.5, -0.5], tickvals=list(range(len(rows))), ticktext=list(rows), title=row_title, **fixed
    )
    return figure


def _share(count: int, largest: int) -> float:
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
            fill = shade(_share(int(count), int(wrong.max())), _MORE[dark]) if count else _EMPTY
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
            ends = _MORE if count > 0 else _LESS
            fill = shade(_share(abs(int(count)), int(wrong.max())), ends[dark]) if count else _EMPTY
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
        text = f"{100 * value:.0f}" if value >= 0.005 else ""
        hover = f"{names[row]}: {classes[column]} {100 * value:.2f} %"
        fill = shade(float(value), _MORE[dark]) if text else _EMPTY
        cells.append(_Cell(row, column, fill, text, hover, framed=column == int(probabilities[row].argmax())))
    cells.sort(key=lambda cell: cell.framed)
    heads = [f"<b>{name}</b><br>true" if column == true else name for column, name in enumerate(classes)]
    figure = _matrix(cells, names, heads, row_title="", column_title="Probability of each class, %", side=34)
    figure.update_xaxes(side="top")
    return figure


def overlap_figure(
    found: Sequence[Combination],
    names: Sequence[str],
    norms: Sequence[NormName],
    sizes: Sequence[int],
    *,
    chosen: str = "",
    dark: bool = False,
) -> go.Figure:
    """Combinations as bars, and below each the sets that make it: full dots, joined by a line (an UpSet plot).

    found: at most ``MAX_COLUMNS`` are drawn.  names, norms, sizes: of the sets.  chosen: the mask of the
    highlighted combination. Bars and dots carry the mask as customdata[0].
    """
    shown = list(found)[:MAX_COLUMNS]
    masks = [combination.mask(len(names)) for combination in shown]
    columns = list(range(len(shown)))
    dots = 30 * len(names)
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.02, row_heights=[190 / (190 + dots), dots / (190 + dots)]
    )
    still = {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}
    figure.add_bar(
        x=columns,
        y=[combination.count for combination in shown],
        text=[str(combination.count) for combination in shown],
        textposition="outside",
        cliponaxis=False,
        marker_color=[_CHOSEN[dark] if mask == chosen else _BAR[dark] for mask in masks],
        customdata=[[mask] for mask in masks],
        hovertemplate="%{y} images<extra></extra>",
        row=1,
        col=1,
        **still,
    )
    for column, combination in zip(columns, shown, strict=True):
        if len(combination.members) > 1:
            figure.add_scatter(
                x=[column, column],
                y=[combination.members[0], combination.members[-1]],
                mode="lines",
                line={"color": _BAR[dark], "width": 2},
                hoverinfo="skip",
                row=2,
                col=1,
            )
    for number, norm in enumerate(norms):
        held = [number in combination.members for combination in shown]
        figure.add_scatter(
            x=columns,
            y=[number] * len(columns),
            mode="markers",
            marker={
                "size": 13,
                "symbol": [NORM_MARKERS[norm] if holds else "circle" for holds in held],
                "color": [NORM_COLORS[norm] if holds else "rgba(128,128,128,0.22)" for holds in held],
            },
            customdata=[[mask] for mask in masks],
            hoverinfo="none",
            row=2,
            col=1,
            **still,
        )
    figure.update_layout(
        showlegend=False,
        dragmode=False,
        hovermode="x",  # a whole column answers to a click, however low its bar
        bargap=0.35,
        margin={"l": 8, "r": 8, "t": 24, "b": 8},
        height=214 + dots,
    )
    fixed = {"fixedrange": True, "zeroline": False}
    figure.update_xaxes(range=[-0.6, len(columns) - 0.4], showticklabels=False, showgrid=False, **fixed)
    figure.update_yaxes(title="Images", row=1, col=1, rangemode="tozero", nticks=5, **fixed)
    figure.update_yaxes(
        range=[len(names) - 0.5, -0.5],
        tickvals=list(range(len(names))),
        ticktext=[f"{name}: {size}" for name, size in zip(names, sizes, strict=True)],
        automargin=True,
        showgrid=False,
        row=2,
        col=1,
        **fixed,
    )
    return figure
