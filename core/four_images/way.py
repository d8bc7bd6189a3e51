"""The way of one image through the two layers, as a picture: kernels and every tensor between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.catalogue import SetNorm
from core.four_images.two_layers import CHANNELS, KERNELS, MIX, PICTURES, forward
from core.normalization import Array
from core.palette import AROUND_ZERO

DIGITS = 2
"""Of a number in the picture, after the point."""
PALE = "#f4f4f2"


@dataclass(frozen=True, eq=False)
class Stop:
    """One tensor on the way: its name and its planes, one a channel, (4, height, width)."""

    name: str
    planes: Array


def way(norm: SetNorm, groups: int, image: int) -> tuple[Stop, ...]:
    """From the first kernels to the second norm's output, of ``image`` counted from 0, by the statistics of all four.

    x1 = conv(image), x2 = mix(relu(norm1(x1))); row o of the mix holds the weights of the 4 channels for channel o.
    """
    passed = forward(PICTURES, norm, groups)
    (x1, x2), (y1, y2) = passed.before, passed.after
    return (
        Stop("kernels", KERNELS),
        Stop("x, norm 1", x1[image]),
        Stop("x̂, norm 1", y1[image]),
        Stop("ReLU", np.maximum(y1[image], 0)),
        Stop("weights 1 × 1", MIX[:, None, :]),
        Stop("x, norm 2", x2[image]),
        Stop("x̂, norm 2", y2[image]),
    )


def way_figure(norm: SetNorm, groups: int, image: int) -> go.Figure:
    """``way`` as small heat maps with their numbers: a column for each tensor, a row for each channel."""
    stops = way(norm, groups, image)
    figure = make_subplots(
        CHANNELS,
        len(stops),
        column_titles=[stop.name for stop in stops],
        row_titles=[f"channel {c + 1}" for c in range(CHANNELS)],
        horizontal_spacing=0.015,
        vertical_spacing=0.03,
    )
    below, above = AROUND_ZERO
    for column, stop in enumerate(stops, start=1):
        largest = float(np.abs(stop.planes).max()) or 1.0
        for channel, plane in enumerate(stop.planes, start=1):
            figure.add_heatmap(
                z=plane[::-1],  # plotly counts rows from below
                zmin=-largest,
                zmax=largest,
                colorscale=[[0, below], [0.5, PALE], [1, above]],
                showscale=False,
                text=[[f"{round(v, DIGITS) + 0.0:g}" for v in row] for row in plane[::-1]],
                texttemplate="%{text}",
                textfont={"size": 11, "color": "#000000"},
                hovertemplate="%{z:.4f}<extra></extra>",
                xgap=1,
                ygap=1,
                row=channel,
                col=column,
            )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.update_annotations(font_size=12)
    figure.update_layout(height=300, margin={"l": 4, "r": 24, "t": 24, "b": 4})
    return figure
