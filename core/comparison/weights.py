"""Figures of trained weights: plain data -> plotly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.catalogue import NormName
from core.comparison.sparsity import Histogram
from core.palette import line_style


@dataclass(frozen=True)
class Weights:
    """One network's line: a legend text, the norm that colours it, and how its weights lie."""

    label: str
    norm: NormName
    histogram: Histogram


def relative_sizes(networks: Sequence[Weights]) -> go.Figure:
    """The histograms as lines over w / rms(filter), all together; the point at 0 is the share near zero.

    The percent axis is logarithmic, since a strong penalty piles most weights up at zero.
    """
    figure = go.Figure()
    seen: dict[NormName, int] = {}
    for network in networks:
        twin = seen.get(network.norm, 0)
        seen[network.norm] = twin + 1
        counted = network.histogram
        middle = counted.percent[len(counted.percent) // 2]
        figure.add_scatter(
            x=counted.centres,
            y=counted.percent,
            name=f"{network.label}: {middle:.1f} % near zero",
            mode="lines",
            hovertemplate=f"{network.label}: %{{y:.2f}} %<extra></extra>",
            line=line_style(network.norm, twin)["line"],
        )
    figure.update_layout(
        hovermode="x unified",
        showlegend=True,
        legend={"orientation": "h", "yanchor": "top", "y": -0.22, "x": 0},
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        height=360,
    )
    figure.update_xaxes(title="Weight / RMS of its filter", hoverformat=".1f", range=[-4.1, 4.1], zeroline=False)
    figure.update_yaxes(
        title="Weights (%)",
        automargin=True,
        type="log",
        range=[-2, 2],
        tickvals=[0.01, 0.1, 1, 10, 100],
        tickformat="~g",
    )
    return figure
