"""Plain data -> plotly figures. Knows nothing of training or of any screen.

Colour carries the norm in every figure, with a dash and a marker as second cue; text never takes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go

from core.config import NormName, RunConfig, distinct_labels
from core.record import RunRecord

NORM_COLORS: dict[NormName, str] = {
    "bn": "#0072B2",
    "ln": "#D55E00",
    "gn": "#009E73",
    "in": "#CC79A7",
    "none": "#7F7F7F",
}
NORM_DASHES: dict[NormName, str] = {
    "bn": "solid",
    "ln": "dash",
    "gn": "dashdot",
    "in": "dot",
    "none": "longdash",
}
NORM_MARKERS: dict[NormName, str] = {
    "bn": "circle",
    "ln": "square",
    "gn": "diamond",
    "in": "triangle-up",
    "none": "x",
}

Metric = Literal["test_loss", "test_accuracy", "train_loss", "train_accuracy"]
METRIC_TITLES: dict[Metric, str] = {
    "test_loss": "Test loss (cross-entropy)",
    "test_accuracy": "Test accuracy (%)",
    "train_loss": "Training loss (cross-entropy)",
    "train_accuracy": "Training accuracy (%)",
}


@dataclass(frozen=True)
class Curve:
    """One line of a figure: a legend text, the norm that colours it, and its points."""

    label: str
    norm: NormName
    x: tuple[float, ...]
    y: tuple[float, ...]


def curves(records: Sequence[RunRecord], metric: Metric) -> list[Curve]:
    """One curve a record: ``metric`` over epochs."""
    labels = distinct_labels(record.config for record in records)
    return [
        Curve(
            label=label,
            norm=record.config.norm,
            x=tuple(row.epoch for row in record.epochs),
            y=tuple(getattr(row, metric) for row in record.epochs),
        )
        for label, record in zip(labels, records, strict=True)
    ]


def line_style(norm: NormName, twin: int = 0) -> dict[str, dict[str, object]]:
    """Line and marker of a norm; ``twin`` counts the lines of the same norm before, which fade and change marker."""
    marker = NORM_MARKERS[norm] + ("-open" if twin % 2 else "")
    return {
        "line": {"color": NORM_COLORS[norm], "dash": NORM_DASHES[norm], "width": 2.5 if twin == 0 else 1.5},
        "marker": {"symbol": marker, "size": 7, "color": NORM_COLORS[norm]},
    }


def comparison(
    lines: Sequence[Curve],
    metric: Metric,
    *,
    title: str,
    zoom: tuple[float, float] | None = None,
    log_y: bool = False,
    annotate: bool = True,
) -> go.Figure:
    """``metric`` over epochs, all lines together; the best epoch is ringed, the final value written at the end.

    zoom: the y range.  A curve of a single epoch shows as a marker.
    """
    figure = go.Figure()
    best_of = min if metric.endswith("loss") else max
    seen: dict[NormName, int] = {}
    for curve in lines:
        twin = seen.get(curve.norm, 0)
        seen[curve.norm] = twin + 1
        figure.add_scatter(
            x=curve.x,
            y=curve.y,
            name=curve.label,
            mode="lines+markers",
            hovertemplate="%{y:.4f}" if metric.endswith("loss") else "%{y:.2f} %",
            **line_style(curve.norm, twin),
        )
        if annotate and curve.y:
            best = best_of(range(len(curve.y)), key=lambda i, c=curve: c.y[i])
            figure.add_scatter(
                x=[curve.x[best]],
                y=[curve.y[best]],
                mode="markers",
                marker={"symbol": "circle-open", "size": 15, "line": {"width": 2}, "color": NORM_COLORS[curve.norm]},
                hoverinfo="skip",
                showlegend=False,
            )
    if annotate:
        _annotate_ends(figure, lines, metric, zoom, log_y)
    last = max((curve.x[-1] for curve in lines if curve.x), default=1)
    figure.update_layout(
        title={"text": title, "x": 0, "xanchor": "left"},
        hovermode="x unified",
        legend={"orientation": "h", "yanchor": "top", "y": -0.2, "x": 0},
        margin={"l": 10, "r": 10, "t": 48, "b": 10},
        height=430,
    )
    # room on the right for the labels at the line ends
    figure.update_xaxes(title="Epoch", range=[0.5, last + max(1.0, last * 0.28)], tickvals=_ticks(int(last)))
    figure.update_yaxes(
        title=METRIC_TITLES[metric], automargin=True, type="log" if log_y else "linear", nticks=8, tickformat="~g"
    )
    if zoom is not None:
        figure.update_yaxes(range=list(zoom))
    return figure


def _ticks(last: int) -> list[int]:
    step = max(1, -(-last // 10))
    return list(range(step, last + 1, step)) if step > 1 else list(range(1, last + 1))


def _annotate_ends(
    figure: go.Figure, lines: Sequence[Curve], metric: Metric, zoom: tuple[float, float] | None, log_y: bool
) -> None:
    """Write each line's final value and best epoch at its end, spread so that the texts do not overlap."""
    ends = sorted((curve for curve in lines if curve.y), key=lambda c: c.y[-1])
    if not ends or log_y:
        return
    lows = [min(c.y) for c in ends]
    highs = [max(c.y) for c in ends]
    low, high = zoom or (min(lows), max(highs))
    pixels = 300.0  # of the plot's height, roughly: only the spreading of the texts depends on it
    span = (high - low) or 1.0
    gap, previous = 17.0, -1e9
    loss = metric.endswith("loss")
    for curve in ends:
        if zoom and not low <= curve.y[-1] <= high:
            continue
        y = (curve.y[-1] - low) / span * pixels
        y_text = max(y, previous + gap)
        previous = y_text
        best = (min if loss else max)(range(len(curve.y)), key=lambda i, c=curve: c.y[i])
        final = f"{curve.y[-1]:.4f}" if loss else f"{curve.y[-1]:.2f} %"
        figure.add_annotation(
            x=curve.x[-1],
            y=curve.y[-1],
            text=f"{curve.label}: {final}, best in {curve.x[best]:g}",
            showarrow=True,
            arrowhead=0,
            arrowwidth=1,
            arrowcolor=NORM_COLORS[curve.norm],
            ax=14,
            ay=-(y_text - y),
            xanchor="left",
            font={"size": 12},
        )


def loss_figure(records: Sequence[RunRecord], *, zoom: tuple[float, float] | None = None) -> go.Figure:
    """Graph 1: test loss over epochs, all runs together."""
    return comparison(curves(records, "test_loss"), "test_loss", title="Graph 1. Test loss", zoom=zoom)


def accuracy_figure(records: Sequence[RunRecord], *, zoom: tuple[float, float] | None = None) -> go.Figure:
    """Graph 2: test accuracy over epochs, all runs together."""
    return comparison(curves(records, "test_accuracy"), "test_accuracy", title="Graph 2. Test accuracy", zoom=zoom)


def summary(config: RunConfig) -> str:
    """A run's settings in one line, for captions and tables."""
    parts = [f"{config.epochs} epochs", f"batch {config.batch_size}", f"lr {config.lr:g}", f"seed {config.seed}"]
    if config.l1:
        parts.append(f"L1 {config.l1:g}")
    if config.l2:
        parts.append(f"L2 {config.l2:g}")
    if not config.augment:
        parts.append("no augmentation")
    return ", ".join(parts)
