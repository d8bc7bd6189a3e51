"""Which runs get the same images wrong: combinations as an UpSet plot. Plain data -> plotly.

``dark`` is the page's theme.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.catalogue import NORMS, NormName
from core.misclassified.overlap import Combination

MAX_COLUMNS = 24
"""Combinations in one picture; with twelve runs there can be a hundred."""

BARS_PIXELS, DOT_PIXELS = 190, 30
"""Height of the bars, and of a row of dots."""

_UNCHANGED_BY_A_CLICK = {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}
_BAR, _CHOSEN = ("#8a94a3", "#8a94a3"), ("#4a1486", "#d9c6ff")


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
    dots = DOT_PIXELS * len(names)
    figure = make_subplots(
        rows=2,
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.02,
        row_heights=[BARS_PIXELS / (BARS_PIXELS + dots), dots / (BARS_PIXELS + dots)],
    )
    masks = [combination.mask(len(names)) for combination in shown]
    _add_bars(figure, shown, masks, chosen, dark)
    _join_dots(figure, shown, dark)
    _add_dots(figure, shown, masks, norms)
    figure.update_layout(
        showlegend=False,
        dragmode=False,
        hovermode="x",  # a whole column answers to a click, however low its bar
        bargap=0.35,
        margin={"l": 8, "r": 8, "t": 24, "b": 8},
        height=BARS_PIXELS + dots + 24,
    )
    _set_axes(figure, len(shown), [f"{name}: {size}" for name, size in zip(names, sizes, strict=True)])
    return figure


def _add_bars(figure: go.Figure, shown: Sequence[Combination], masks: Sequence[str], chosen: str, dark: bool) -> None:
    figure.add_bar(
        x=list(range(len(shown))),
        y=[combination.count for combination in shown],
        text=[str(combination.count) for combination in shown],
        textposition="outside",
        cliponaxis=False,
        marker_color=[_CHOSEN[dark] if mask == chosen else _BAR[dark] for mask in masks],
        customdata=[[mask] for mask in masks],
        hovertemplate="%{y} images<extra></extra>",
        row=1,
        col=1,
        **_UNCHANGED_BY_A_CLICK,
    )


def _join_dots(figure: go.Figure, shown: Sequence[Combination], dark: bool) -> None:
    """A line from the first full dot of a column to its last."""
    for column, combination in enumerate(shown):
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


def _add_dots(figure: go.Figure, shown: Sequence[Combination], masks: Sequence[str], norms: Sequence[NormName]) -> None:
    """A row of dots a set: full, in the norm's colour and form, where the combination holds it."""
    for number, norm in enumerate(norms):
        held = [number in combination.members for combination in shown]
        figure.add_scatter(
            x=list(range(len(shown))),
            y=[number] * len(shown),
            mode="markers",
            marker={
                "size": 13,
                "symbol": [NORMS[norm].marker if holds else "circle" for holds in held],
                "color": [NORMS[norm].color if holds else "rgba(128,128,128,0.22)" for holds in held],
            },
            customdata=[[mask] for mask in masks],
            hoverinfo="none",
            row=2,
            col=1,
            **_UNCHANGED_BY_A_CLICK,
        )


def _set_axes(figure: go.Figure, columns: int, sets: Sequence[str]) -> None:
    fixed = {"fixedrange": True, "zeroline": False}
    figure.update_xaxes(range=[-0.6, columns - 0.4], showticklabels=False, showgrid=False, **fixed)
    figure.update_yaxes(title="Images", row=1, col=1, rangemode="tozero", nticks=5, **fixed)
    figure.update_yaxes(
        range=[len(sets) - 0.5, -0.5],
        tickvals=list(range(len(sets))),
        ticktext=list(sets),
        automargin=True,
        showgrid=False,
        row=2,
        col=1,
        **fixed,
    )
