"""What the pictures of the experiments have in common: lines over something that is varied, and groups of bars.

Colour carries the norm, a dash and a marker are the second cue; text never takes it.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.catalogue import NORMS, NormName
from core.comparison.curves import set_title
from core.experiments.table import Table
from core.palette import line_style

Cell = Mapping[str, int]
"""Where in a figure of several panels: its ``row`` and ``col``."""
ALONE: Cell = {}
"""In a figure of one panel."""
HEIGHT = 400
"""Of a picture without its subtitle, pixels: room for what is said of it on a screen of 768."""
HOVER = "%{y:.3g}"
LEGEND: Mapping[str, str | float] = {
    "orientation": "h",
    "xref": "container",
    "yref": "container",
    "yanchor": "bottom",
    "x": 0,
    "y": 0,
}
"""At the lower edge: however many rows it takes on a phone, plotly keeps the axis and its title above it."""
PANEL_TITLE = 17
"""Pixels of a line of what stands above a panel."""
IN_WORDS = "{y} over {x}. {lines}."
LINE_IN_WORDS = "{line}: {points}"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a picture.

    label: its legend.  norm: which gives its colour.  twin: counts the lines of the same norm before.
    x: where.  values: at each x those of the seeds; the line is their mean, the band from the lowest to the highest.
    """

    label: str
    norm: NormName
    x: tuple[float, ...]
    values: tuple[tuple[float, ...], ...]
    twin: int = 0

    @property
    def mean(self) -> list[float]:
        """At each x."""
        return [statistics.fmean(values) for values in self.values]


def line(table: Table, label: str, norm: NormName, x: str, y: str, /, *, twin: int = 0, **where: str | float) -> Line:
    """Column ``y`` over column ``x``, both by name, of the rows that have all of ``where``; x ascends.

    norm: for the colour; where a table has the rows of several, ``where`` says which.
    """
    rows = [
        row
        for row in table.rows
        if all(row.get(name) == wanted for name, wanted in where.items())
        and isinstance(row.get(x), int | float)
        and isinstance(row.get(y), int | float)
    ]
    places = sorted({float(row[x]) for row in rows})  # type: ignore[arg-type]  # numbers, as asked for above
    values = tuple(tuple(float(row[y]) for row in rows if row[x] == place) for place in places)  # type: ignore[arg-type]
    return Line(label=label, norm=norm, x=tuple(places), values=values, twin=twin)


@dataclass(frozen=True, kw_only=True)
class Axis:
    """An axis: its title, its scale, what it spans (None: what is drawn), and its marks (none: plotly's own)."""

    title: str
    log: bool = False
    span: tuple[float, float] | None = None
    ticks: tuple[float, ...] = ()


def lines_figure(
    lines: Sequence[Line],
    *,
    title: str,
    subtitle: str = "",
    x: Axis,
    y: Axis,
    published: Sequence[Line] = (),
) -> go.Figure:
    """``lines`` with their bands; ``published`` thin and dotted, of other data and therefore named in their labels."""
    figure = go.Figure()
    _add_lines(figure, lines, published)
    figure.update_layout(
        hovermode="x unified",
        legend=LEGEND,
        margin={"l": 10, "r": 10, "b": 10},
    )
    set_title(figure, title, subtitle, height=HEIGHT)
    for update, axis in ((figure.update_xaxes, x), (figure.update_yaxes, y)):
        _set_axis(update, axis)
    return figure


def _add_lines(figure: go.Figure, lines: Sequence[Line], published: Sequence[Line], cell: Cell = ALONE) -> None:
    for each in lines:
        _band(figure, each, cell)
    for each in lines:
        style = line_style(each.norm, each.twin)
        figure.add_scatter(
            x=each.x, y=each.mean, mode="lines+markers", name=each.label, hovertemplate=HOVER, **style, **cell
        )
    for each in published:
        color = NORMS[each.norm].color
        figure.add_scatter(
            x=each.x,
            y=each.mean,
            mode="lines",
            name=each.label,
            line={"color": color, "dash": "dot", "width": 1.8},
            hovertemplate=HOVER,
            **cell,
        )


def _set_axis(update: Callable[..., object], axis: Axis, cell: Cell = ALONE) -> None:
    update(title=axis.title, type="log" if axis.log else "linear", **cell)
    if axis.span is not None:
        update(range=[math.log10(end) for end in axis.span] if axis.log else list(axis.span), **cell)
    if axis.ticks:
        update(tickmode="array", tickvals=list(axis.ticks), ticktext=[f"{tick:g}" for tick in axis.ticks], **cell)


def _band(figure: go.Figure, each: Line, cell: Cell = ALONE) -> None:
    if not any(len(values) > 1 for values in each.values):
        return
    red, green, blue = (int(NORMS[each.norm].color[i : i + 2], 16) for i in (1, 3, 5))
    # one outline, there and back: plotly fills up to another trace only where that trace has a line of its own
    figure.add_scatter(
        x=[*each.x, *reversed(each.x)],
        y=[*(max(values) for values in each.values), *(min(values) for values in reversed(each.values))],
        fill="toself",
        fillcolor=f"rgba({red}, {green}, {blue}, 0.15)",
        mode="none",
        showlegend=False,
        hoverinfo="skip",
        **cell,
    )


def in_words(lines: Sequence[Line], *, x: Axis, y: Axis) -> str:
    """A picture of lines for those who do not see it: every mean. Lines without a point are not drawn, nor told."""
    said = [
        LINE_IN_WORDS.format(
            line=each.label, points=", ".join(f"{v:.3g} at {at:g}" for at, v in zip(each.x, each.mean, strict=True))
        )
        for each in lines
        if each.x
    ]
    return IN_WORDS.format(y=y.title, x=x.title[:1].lower() + x.title[1:], lines="; ".join(said))


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar: its group on the x axis, its legend, the norm of its colour, and the values of the seeds."""

    group: str
    label: str
    norm: NormName
    values: tuple[float, ...]
    twin: int = 0


def bars_figure(bars: Sequence[Bar], *, title: str, subtitle: str = "", y: Axis) -> go.Figure:
    """Groups of bars: each the mean of its seeds, whiskers from the lowest to the highest, twins of a norm hatched."""
    figure = go.Figure()
    _add_bars(figure, bars)
    figure.update_layout(
        barmode="group",
        legend=LEGEND,
        margin={"l": 10, "r": 10, "b": 10},
    )
    set_title(figure, title, subtitle, height=HEIGHT)
    _set_axis(figure.update_yaxes, y)
    return figure


def _add_bars(figure: go.Figure, bars: Sequence[Bar], cell: Cell = ALONE) -> None:
    bars = [bar for bar in bars if bar.values]  # while trials run some have none
    for label in dict.fromkeys(bar.label for bar in bars):
        own = [bar for bar in bars if bar.label == label]
        first = own[0]
        figure.add_bar(
            x=[bar.group for bar in own],
            y=[statistics.fmean(bar.values) for bar in own],
            name=label,
            marker={"color": NORMS[first.norm].color, "pattern": {"shape": ("", "/", ".", "x")[first.twin % 4]}},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [max(bar.values) - statistics.fmean(bar.values) for bar in own],
                "arrayminus": [statistics.fmean(bar.values) - min(bar.values) for bar in own],
                "color": "#888",
            },
            hovertemplate=HOVER,
            **cell,
        )


def bars_in_words(bars: Sequence[Bar], *, y: Axis) -> str:
    """A picture of bars for those who do not see it. Bars without a height are not drawn, nor told."""
    measured = [bar for bar in bars if bar.values and not math.isnan(statistics.fmean(bar.values))]
    said = "; ".join(f"{bar.group}, {bar.label}: {statistics.fmean(bar.values):.3g}" for bar in measured)
    return f"{y.title}. {said}."


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One of several panels side by side: what stands above it, its axes, and lines or bars.

    share: of the width, in proportion to those of the others.
    """

    title: str
    x: Axis
    y: Axis
    lines: tuple[Line, ...] = ()
    published: tuple[Line, ...] = ()
    bars: tuple[Bar, ...] = ()
    share: float = 1.0


def panels_figure(panels: Sequence[Panel], *, title: str, subtitle: str = "", same_y: bool = False) -> go.Figure:
    """``panels`` from left to right, with one legend: what has the same label in several stands there once.

    same_y: whether all have the y axis of the first. Where they do not, the title of each stands above its panel, not
    beside it, so that three panels fit on a phone.
    """
    above = [panel.title if same_y else f"{panel.title}<br>{panel.y.title}" for panel in panels]
    figure = make_subplots(
        rows=1,
        cols=len(panels),
        shared_yaxes=same_y,
        column_widths=[panel.share for panel in panels],
        subplot_titles=above,
        horizontal_spacing=0.05 if same_y else 0.12,
    )
    for col, panel in enumerate(panels, start=1):
        cell = {"row": 1, "col": col}
        _add_lines(figure, panel.lines, panel.published, cell)
        _add_bars(figure, panel.bars, cell)
        _set_axis(figure.update_xaxes, panel.x, cell)
        if panel.bars:
            figure.update_xaxes(type="category", **cell)
        y = panels[0].y if same_y else panel.y
        _set_axis(figure.update_yaxes, y if same_y and col == 1 else replace(y, title=""), cell)
    _say_once(figure)
    small = {"size": 12}  # three panels stand side by side on a phone, too
    figure.update_annotations(font=small)
    figure.update_xaxes(title_font=small, tickfont=small)
    figure.update_yaxes(title_font=small, tickfont=small)
    figure.update_layout(
        barmode="group",
        hovermode="x",
        legend=LEGEND,
        margin={"l": 10, "r": 10, "b": 10},
    )
    set_title(figure, title, subtitle, height=HEIGHT)
    figure.update_layout(margin={"t": figure.layout.margin.t + PANEL_TITLE * (1 if same_y else 2)})
    return figure


def _say_once(figure: go.Figure) -> None:
    named: set[str] = set()
    for trace in figure.data:
        if trace.name is None or trace.showlegend is False:
            continue
        trace.legendgroup = trace.name  # one click hides it everywhere
        trace.showlegend = trace.name not in named
        named.add(trace.name)
