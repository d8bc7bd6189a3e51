"""The study's networks without their smallest weights at one share: their errors, and what is left of a layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from torch import Tensor, nn

from core.catalogue import NORMS, NormName
from core.comparison.sparsity import relative
from core.experiments.pruned import RENEWED_LABEL, Network, pruned
from core.experiments.statistics import error, reestimated
from core.model import NormNet

CHUNK = 125
"""Images in one forward pass: what they need stays in the processor's cache."""
HEIGHT = 300
"""Of both pictures, which share a window of 768 pixels with controls and sentence."""
HATCHES = ("", "/", ".", "x")
"""Of the bars of one norm, in turn: the second cue beside its colour."""


@dataclass(frozen=True)
class Judged:
    """One network without some of its weights.

    label: its method, and whether BN's statistics are re-estimated.  error: in percent.
    weights, removed, threshold: as in ``Pruned``.
    """

    label: str
    norm: NormName
    error: float
    weights: int
    removed: int
    threshold: float


def judged(of: Network, model: NormNet, share: float, x: Tensor, labels: Tensor, own: Tensor) -> list[Judged]:
    """The error without ``share`` percent of the weights; of BN that asks for it also with re-estimated statistics.

    model: that of ``of``.  x: (N, 1, 28, 28), labels: (N,).  own: (M, 1, 28, 28), for the statistics: none of ``x``.
    """
    small = pruned(model, share)
    kinds = {of.method: small.model}
    if of.renewed:
        kinds[RENEWED_LABEL.format(method=of.method)] = reestimated(small.model, own)
    return [
        Judged(label, of.norm, error(kind, x, labels, CHUNK), small.weights, small.removed, small.threshold)
        for label, kind in kinds.items()
    ]


def bars(found: Sequence[Judged]) -> go.Figure:
    """Their errors, one bar each."""
    seen: dict[NormName, int] = {}
    hatches = []
    for one in found:
        hatches.append(HATCHES[seen.get(one.norm, 0) % len(HATCHES)])
        seen[one.norm] = seen.get(one.norm, 0) + 1
    figure = go.Figure()
    figure.add_bar(
        orientation="h",
        y=[one.label.replace(", ", ",<br>") for one in found],
        x=[one.error for one in found],
        marker={
            "color": [NORMS[one.norm].color for one in found],
            "pattern": {"shape": hatches, "fillmode": "overlay"},
        },
        text=[f"{one.error:.1f} %" for one in found],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{x:.1f} %<extra></extra>",
    )
    figure.update_xaxes(title="test error, %", range=[0, 100])
    figure.update_yaxes(autorange="reversed", automargin=True, ticksuffix=" ")
    figure.update_layout(height=HEIGHT, margin={"l": 10, "r": 44, "t": 10, "b": 10}, showlegend=False)
    return figure


def filters(model: NormNet, share: float, layer: int) -> NDArray[np.float64]:
    """What is left of convolution ``layer``, from 0, as one plane: w / rms(filter), nan where removed.

    (O * kh, I * kw): one row of kernels an output channel, one column an input channel. Of one input channel the
    kernels stand in a rectangle that is nearly a square instead: (a * kh, b * kw) with a * b = O.
    """
    conv, left = model.convs[layer], pruned(model, share).model.convs[layer]
    assert isinstance(conv, nn.Conv2d)  # all of them are
    assert isinstance(left, nn.Conv2d)
    weight = conv.weight.detach().numpy()
    outputs, inputs, height, width = weight.shape
    values = relative(weight).reshape(weight.shape)
    values[left.weight.detach().numpy() == 0] = np.nan
    rows = outputs
    if inputs == 1:
        rows = next(a for a in range(int(outputs**0.5), 0, -1) if outputs % a == 0)
    columns = outputs * inputs // rows
    kernels = values.reshape(rows, columns, height, width)
    return kernels.transpose(0, 2, 1, 3).reshape(rows * height, columns * width)


REMOVED = "#8a8f98"
"""A grey that no weight has."""


def filters_figure(plane: NDArray[np.float64]) -> go.Figure:
    """A plane of ``filters``: blue above 0 and red below, what is removed in grey."""
    figure = go.Figure()
    figure.add_heatmap(
        z=np.round(plane, 2).astype(np.float32),
        zmin=-3,
        zmax=3,
        colorscale="RdBu",
        hoverinfo="skip",
        hoverongaps=False,
        colorbar={"title": {"text": "w / RMS", "side": "right"}, "thickness": 10},
    )
    figure.update_xaxes(visible=False, constrain="domain")
    figure.update_yaxes(visible=False, autorange="reversed", scaleanchor="x", constrain="domain")
    figure.update_layout(height=HEIGHT, margin={"l": 0, "r": 0, "t": 10, "b": 10}, plot_bgcolor=REMOVED)
    return figure


SAID = (
    "Of seed {seed}, without {removed:,} of {weights:,} weights, **BN is wrong on {bn:.1f} %** of the images and "
    "**BN + L1 on {l1:.1f} %**. To lose as many, BN gives up every weight below {at:.2f} of the RMS of its "
    "filter, BN + L1 only those below {at_l1:.2f}."
)
NOTHING_REMOVED = (
    "Of seed {seed}, with all {weights:,} weights, BN is wrong on {bn:.1f} % of the images and BN + L1 on {l1:.1f} %."
)


def sentence(bn: Judged, bn_l1: Judged, seed: int) -> str:
    """What the bars show, and why. seed: of these networks."""
    template = SAID if bn.removed else NOTHING_REMOVED
    return template.format(
        seed=seed,
        removed=bn.removed,
        weights=bn.weights,
        bn=bn.error,
        l1=bn_l1.error,
        at=bn.threshold,
        at_l1=bn_l1.threshold,
    )


FILTERS_IN_WORDS = "{layer} of {method}: {removed:,} of its {weights:,} weights are removed, {share:.0f} %."


def filters_in_words(plane: NDArray[np.float64], *, layer: str, method: str) -> str:
    """How much of a layer is removed."""
    removed = int(np.isnan(plane).sum())
    return FILTERS_IN_WORDS.format(
        layer=layer, method=method, removed=removed, weights=plane.size, share=100 * removed / plane.size
    )
