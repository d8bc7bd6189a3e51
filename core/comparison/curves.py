"""Plain data -> plotly figures. Knows nothing of training or of any screen.

Colour carries the norm in every figure, with a dash and a marker as second cue; text never takes it.
"""

from __future__ import annotations

import math
import re
import statistics
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.catalogue import NORMS, NormName
from core.comparison.captions import state, with_state
from core.comparison.methods import Axis, Method, Metric
from core.palette import band_color, line_style
from core.records.record import Status

METRIC_TITLES: dict[Metric, str] = {
    "test_loss": "Test loss (cross-entropy)",
    "test_accuracy": "Test accuracy (%)",
    "train_loss": "Training loss (cross-entropy)",
    "train_accuracy": "Training accuracy (%)",
}
AXIS_TITLES: dict[Axis, str] = {
    "epochs": "Epoch",
    "steps": "Steps of the optimizer",
    "seconds": "Seconds of training and testing",
}
LEGENDS: dict[Status, str] = {
    "complete": "{line}: final {last}, best {best} in epoch {epoch}",
    "running": "{line}, running: now {last}, best {best} in epoch {epoch}",
    "interrupted": "{line}, stopped: last {last}, best {best} in epoch {epoch}",
    "diverged": "{line}, diverged: last {last}, best {best} in epoch {epoch}",
}
END_TEXT = "{line} {last}"
SUBTITLE_WIDTH = 64
"""Characters of a line below the title: what a phone has room for."""
TITLE_PIXELS, SUBTITLE_PIXELS = 48, 15
"""Heights of the title with the room around it, and of each line below it."""


@dataclass(frozen=True)
class Curve:
    """One line of a figure: a legend text, the norm that colours it, and its points.

    low, high: the band around y, as long as it; empty without one.  members: the single lines behind a mean.
    status: of the run; a line that has not finished says so.
    """

    label: str
    norm: NormName
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    members: tuple[tuple[float, ...], ...] = ()
    status: Status = "complete"


def curves(methods: Sequence[Method], metric: Metric, axis: Axis = "epochs") -> list[Curve]:
    """One curve a method: the mean of ``metric`` over its seeds, and a band from the lowest seed to the highest."""
    found = []
    for method in methods:
        seeds = method.curve(metric)
        epochs = list(zip(*seeds, strict=True))
        band = len(seeds) > 1
        found.append(
            Curve(
                label=method.label,
                norm=method.config.norm,
                x=tuple(method.x(axis)),
                y=tuple(statistics.mean(values) for values in epochs),
                low=tuple(min(values) for values in epochs) if band else (),
                high=tuple(max(values) for values in epochs) if band else (),
                members=tuple(tuple(values) for values in seeds) if band else (),
                status=state(method),
            )
        )
    return found


def comparison(
    lines: Sequence[Curve],
    metric: Metric,
    *,
    title: str,
    subtitle: str = "",
    axis: Axis = "epochs",
    zoom: tuple[float, float] | None = None,
    log_y: bool = False,
    each_seed: bool = False,
) -> go.Figure:
    """``metric`` over training, all lines together, annotated.

    A ring marks each line's best epoch, its final value stands at its end, and the legend says both in
    words. subtitle: what the lines were trained on, and how. zoom: the y range, with ``log_y`` in the units of the
    metric all the same. each_seed: the seeds behind a mean as thin lines.
    """
    figure = go.Figure()
    seen: dict[NormName, int] = {}
    for curve in lines:
        twin = seen.get(curve.norm, 0)
        seen[curve.norm] = twin + 1
        _draw(figure, curve, metric, twin, each_seed=each_seed)
    _ring_best(figure, lines, metric)
    _annotate_ends(figure, lines, metric, zoom, log_y)
    longest = max((len(_end_text(curve, metric)) for curve in lines if curve.y), default=0)
    figure.update_layout(
        hovermode="x unified",
        legend={"orientation": "h", "yanchor": "top", "y": -0.2, "x": 0},
        # the end labels stand in the right margin, so they are whole on a phone, too
        margin={"l": 10, "r": min(180, 24 + 6 * longest), "b": 10},
    )
    set_title(figure, title, subtitle, height=440)
    _set_x_axis(figure, axis, last=max((curve.x[-1] for curve in lines if curve.x), default=1))
    _set_y_axis(figure, metric, zoom, log_y)
    return figure


def set_title(figure: go.Figure, title: str, subtitle: str, *, height: int) -> None:
    """The title on the left, and below it the subtitle in lines that fit on a phone.

    height: of the figure in pixels without the subtitle, whose lines make it higher: the plot stays as high as it is.
    """
    # a name stays beside its value: lines end after a comma, a colon or a semicolon
    lines = textwrap.wrap(re.sub("(?<![,;:]) ", "\u00a0", subtitle), SUBTITLE_WIDTH, break_on_hyphens=False)
    room = SUBTITLE_PIXELS * len(lines)
    figure.update_layout(
        title={
            "text": title,
            "subtitle": {"text": "<br>".join(lines), "font": {"size": 11}},
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 14},
        },
        margin={"t": TITLE_PIXELS + room},
        height=height + room,
    )


def _draw(figure: go.Figure, curve: Curve, metric: Metric, twin: int, *, each_seed: bool) -> None:
    """The band, the single seeds and the line, from the back to the front."""
    if curve.low:
        _band(figure, curve)
    if curve.members and each_seed:
        # one trace with gaps: each trace costs the browser as much as any other
        figure.add_scatter(
            x=[*curve.x, None] * len(curve.members),
            y=[value for member in curve.members for value in (*member, None)],
            mode="lines",
            line={"color": NORMS[curve.norm].color, "width": 1},
            opacity=0.45,
            hoverinfo="skip",
            showlegend=False,
            meta="seed",
        )
    figure.add_scatter(
        x=curve.x,
        y=curve.y,
        name=_legend(curve, metric),
        mode="lines+markers",
        customdata=list(zip(curve.low, curve.high, strict=True)) or None,
        hovertemplate=_hover(curve, metric),
        **line_style(curve.norm, twin),
    )


def _ring_best(figure: go.Figure, lines: Sequence[Curve], metric: Metric) -> None:
    """A ring around the best epoch of each line, all in one trace."""
    drawn = [(curve, _best(curve, metric)) for curve in lines if curve.y]
    if drawn:
        colors = [NORMS[curve.norm].color for curve, _ in drawn]
        figure.add_scatter(
            x=[curve.x[best] for curve, best in drawn],
            y=[curve.y[best] for curve, best in drawn],
            mode="markers",
            marker={"symbol": "circle-open", "size": 15, "line": {"width": 2}, "color": colors},
            hoverinfo="skip",
            showlegend=False,
        )


def _set_x_axis(figure: go.Figure, axis: Axis, last: float) -> None:
    if axis == "epochs":
        figure.update_xaxes(title=AXIS_TITLES[axis], range=[0.5, last + 0.5], tickvals=_ticks(int(last)))
    else:
        figure.update_xaxes(title=AXIS_TITLES[axis], range=[0, 1.02 * last], nticks=8, hoverformat=",.0f")


def _set_y_axis(figure: go.Figure, metric: Metric, zoom: tuple[float, float] | None, log_y: bool) -> None:
    figure.update_yaxes(
        title=METRIC_TITLES[metric], automargin=True, type="log" if log_y else "linear", nticks=8, tickformat="~g"
    )
    if zoom is not None:
        figure.update_yaxes(range=[math.log10(v) for v in zoom] if log_y else list(zoom))


def _band(figure: go.Figure, curve: Curve) -> None:
    figure.add_scatter(
        x=[*curve.x, *reversed(curve.x)],
        y=[*curve.high, *reversed(curve.low)],
        fill="toself",
        fillcolor=band_color(NORMS[curve.norm].color),
        mode="none",
        hoverinfo="skip",
        showlegend=False,
    )


def _hover(curve: Curve, metric: Metric) -> str:
    form = ".4f" if metric.endswith("loss") else ".2f"
    band = f" (%{{customdata[0]:{form}}} to %{{customdata[1]:{form}}})" if curve.low else ""
    return f"{curve.label}: %{{y:{form}}}{band}<extra></extra>"


def _best(curve: Curve, metric: Metric) -> int:
    best_of = min if metric.endswith("loss") else max
    return best_of(range(len(curve.y)), key=curve.y.__getitem__)


def _value(value: float, metric: Metric) -> str:
    return f"{value:.4f}" if metric.endswith("loss") else f"{value:.2f} %"


def _legend(curve: Curve, metric: Metric) -> str:
    if not curve.y:
        return curve.label
    best = _best(curve, metric)
    return LEGENDS[curve.status].format(
        line=curve.label,
        last=_value(curve.y[-1], metric),
        best=_value(curve.y[best], metric),
        epoch=best + 1,  # whatever the axis counts
    )


def _end_text(curve: Curve, metric: Metric) -> str:
    return with_state(END_TEXT.format(line=curve.label, last=_value(curve.y[-1], metric)), curve.status)


def _ticks(last: int) -> list[int]:
    step = max(1, -(-last // 10))
    return list(range(step, last + 1, step))


PLOT_PIXELS = 280.0
"""Height of the plot area, roughly: only the spreading of the end labels depends on it."""
LABEL_PIXELS = 16.0


def _annotate_ends(
    figure: go.Figure, lines: Sequence[Curve], metric: Metric, zoom: tuple[float, float] | None, log_y: bool
) -> None:
    """Write each line's last value at its end, spread so that the texts do not overlap."""
    scale = math.log10 if log_y else float
    drawn = [curve for curve in lines if curve.y and (not log_y or min(curve.y) > 0)]
    low, high = zoom or (min((min(c.y) for c in drawn), default=0), max((max(c.y) for c in drawn), default=1))
    ends = sorted((curve for curve in drawn if low <= curve.y[-1] <= high), key=lambda c: c.y[-1])
    if not ends:
        return
    span = (scale(high) - scale(low)) or 1.0
    wanted = [(scale(curve.y[-1]) - scale(low)) / span * PLOT_PIXELS for curve in ends]
    for curve, y, y_text in zip(ends, wanted, _spread(wanted), strict=True):
        figure.add_annotation(
            x=curve.x[-1],
            y=scale(curve.y[-1]),
            text=_end_text(curve, metric),
            showarrow=True,
            arrowhead=0,
            arrowwidth=1,
            arrowcolor=NORMS[curve.norm].color,
            ax=16,
            ay=y - y_text,
            xanchor="left",
            font={"size": 11},
        )


def _spread(wanted: Sequence[float]) -> list[float]:
    """Ascending places, in pixels from the bottom, moved apart until no two texts overlap."""
    # push up from below, then down from the top edge, so that a crowd at 99.5 % stays inside
    placed: list[float] = []
    for y in wanted:
        placed.append(max(y, placed[-1] + LABEL_PIXELS) if placed else y)
    ceiling = PLOT_PIXELS
    for i in reversed(range(len(placed))):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - LABEL_PIXELS
    return placed
