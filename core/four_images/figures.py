"""Figures of the Statistics page: distributions, movements and running estimates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.catalogue import NORMS, SetNorm
from core.four_images.influence import Movement, place_name
from core.normalization import Array, RunningStatistics, Statistics
from core.palette import hue

ROUNDING = 1e-9


Split = Literal["set", "image", "channel"]


def before_after(x: Array, x_hat: Array, stats: Statistics, by: Split, names: Sequence[str]) -> go.Figure:
    """Distributions of each part of the tensor, before and after normalization, as boxes with mean and spread."""
    index = {
        "set": stats.index,
        "image": np.broadcast_to(np.arange(x.shape[0])[:, None, None, None], x.shape),
        "channel": np.broadcast_to(np.arange(x.shape[1])[None, :, None, None], x.shape),
    }[by]
    figure = make_subplots(1, 2, subplot_titles=["before", "after"], horizontal_spacing=0.16)
    for column, numbers in enumerate((x, x_hat), start=1):
        for part, name in enumerate(names):
            cells = numbers[index == part]
            q1, median, q3 = np.percentile(cells, [25, 50, 75])
            figure.add_trace(
                go.Box(
                    name=name,
                    x=[name],
                    q1=[q1],
                    median=[median],
                    q3=[q3],
                    lowerfence=[cells.min()],
                    upperfence=[cells.max()],
                    mean=[cells.mean()],
                    sd=[cells.std()],
                    boxpoints=False,
                    marker={"color": hue(part)},
                    line={"width": 1.5},
                    showlegend=False,
                ),
                row=1,
                col=column,
            )
    for level, dash in ((0, "solid"), (1, "dot"), (-1, "dot")):
        figure.add_hline(y=level, row=1, col=2, line={"width": 1, "dash": dash}, opacity=0.5)
    figure.update_xaxes(title=by)
    for column, axis in enumerate(("x", "x̂"), start=1):
        figure.update_yaxes(title=axis, automargin=True, row=1, col=column)
    figure.update_layout(height=360, margin={"l": 10, "r": 10, "t": 40, "b": 10})
    return figure


def movement_bars(found: Sequence[Movement]) -> go.Figure:
    """How far the normalized image 1 moved, its largest cell with its place, one bar a norm.

    What is below ``ROUNDING`` is drawn as 0: it comes from the order in which numbers were added.
    """
    figure = go.Figure()
    for movement in found:
        place = place_name(movement.largest_at, movement.after.shape[1:])
        moved = movement.largest > ROUNDING
        figure.add_bar(
            x=[NORMS[movement.norm].title],
            y=[movement.largest],
            marker={"color": NORMS[movement.norm].color},
            text=[f"{movement.largest:.4f}<br>{place.replace(', row', ',<br>row')}" if moved else "0"],
            textposition="outside",
            textangle=0,
            constraintext="none",
            hovertemplate="%{y:.6f}" + (f", {place}" if moved else ""),
            showlegend=False,
            cliponaxis=False,
        )
    figure.update_yaxes(title="largest change of a cell of image 1", rangemode="tozero", automargin=True)
    figure.update_layout(height=240, margin={"l": 10, "r": 10, "t": 44, "b": 10})
    if not any(movement.largest > ROUNDING for movement in found):
        figure.update_yaxes(range=[0, 1])
    return figure


def movement_rows(moved: Mapping[SetNorm, float]) -> go.Figure:
    """The same in little: one short bar a norm, from above, with the largest change of a cell written behind it."""
    figure = go.Figure()
    for norm, largest in moved.items():
        figure.add_bar(
            x=[largest],
            y=[NORMS[norm].title],
            orientation="h",
            marker={"color": NORMS[norm].color},
            text=[f"{largest:.2f}" if largest > ROUNDING else "0"],
            textposition="outside",
            hovertemplate="%{x:.6f}<extra></extra>",
            showlegend=False,
            cliponaxis=False,
        )
    # room for the number behind the longest bar
    figure.update_xaxes(visible=False, range=[0, 1.25 * max([*moved.values(), ROUNDING])])
    figure.update_yaxes(autorange="reversed", automargin=True, ticklabelstandoff=6)
    figure.update_layout(height=20 + 28 * len(moved), margin={"l": 10, "r": 10, "t": 4, "b": 4}, bargap=0.3)
    return figure


def running_lines(estimates: Sequence[RunningStatistics], channel: int) -> go.Figure:
    """One channel's running estimates batch after batch, from their start: the mean on the left, the variance right."""
    figure = make_subplots(1, 2, subplot_titles=["running mean", "running variance"], horizontal_spacing=0.16)
    for column, which in enumerate(("mean", "var"), start=1):
        figure.add_scatter(
            x=list(range(len(estimates))),
            y=[getattr(e, which)[channel] for e in estimates],
            mode="lines+markers",
            line={"color": NORMS["bn"].color, "dash": NORMS["bn"].dash},
            hovertemplate="after %{x} batches: %{y:.4f}<extra></extra>",
            showlegend=False,
            row=1,
            col=column,
        )
    figure.update_xaxes(title="batches seen", rangemode="tozero", dtick=max(1, len(estimates) // 4))
    figure.update_layout(height=200, margin={"l": 10, "r": 10, "t": 28, "b": 10})
    figure.update_annotations(font_size=13)
    return figure
