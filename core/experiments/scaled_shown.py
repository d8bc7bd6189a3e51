"""What a scaled convolution changes, drawn and said: a bar a network, and a sentence for each kind of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.catalogue import NORMS
from core.experiments.scaled import Case, Change
from core.labels import listed
from core.normalization import EPS

Found = Sequence[tuple[Case, Change]]
"""What the factor did to each network."""
LEAST_SHOWN = 1e-7
"""Changes of a logit below this are drawn as this: the scale is logarithmic."""
TICKS = (-6, -3, 0, 3)

SAME_ANSWERS = (
    "**{names}**: none of {images} answers changes, and no logit moves by more than {largest}: the standard deviation "
    "by which such a norm divides is {factor:g} times as large, too; only ε = {eps} under the root stays. The gradient "
    "of these weights is {inverse:g} times what it was, to within {off} %."
)
FEW_OTHERS = (
    "**{names}**: at most {changed} of {images} answers change, and no logit moves by more than {largest}: the "
    "standard deviation by which such a norm divides is {factor:g} times as large, too; only ε = {eps} under the root "
    "stays, which counts where the numbers are small. The gradient of these weights is {inverse:g} times what it was, "
    "to within {off} %."
)
STORED = (
    "**{name}** divides by the stored standard deviation, which belongs to the weights as they were: a logit moves by "
    "{largest}, and {changed} of {images} answers change."
)
WITHOUT = "**Without a norm** a logit moves by {largest}, and {changed} of {images} answers change."
IN_WORDS = "{name}: a logit moves by up to {largest}, {changed} of {images} answers change"


def amount(value: float) -> str:
    """Two digits without an exponent, or all of a whole number: 0.000059, 5.9, 1,160."""
    if value >= 10:
        return f"{value:,.0f}"
    return np.format_float_positional(float(f"{value:.2g}"), trim="-")


def figure(found: Found) -> go.Figure:
    """The largest change of a logit, one bar a network on a logarithmic scale, with the answers that changed."""
    drawn = go.Figure()
    drawn.add_bar(
        orientation="h",
        y=[case.label for case, _ in found],
        x=[max(one.largest, LEAST_SHOWN) for _, one in found],
        marker={
            "color": [NORMS[case.norm].color for case, _ in found],
            "pattern": {
                "shape": ["/" if case.mode == "inference" else "" for case, _ in found],
                "fillmode": "overlay",
            },
        },
        text=[f"{one.changed} of {one.images} answers" for _, one in found],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{x:.2g}<extra></extra>",
    )
    drawn.update_xaxes(
        title="largest change of a logit; beside it the answers that change",
        type="log",
        range=[math.log10(LEAST_SHOWN), 4],
        tickvals=[10.0**n for n in TICKS],
        ticktext=[f"10<sup>{n}</sup>" for n in TICKS],
        tickangle=0,
    )
    drawn.update_yaxes(autorange="reversed", automargin=True, ticksuffix=" ")
    drawn.update_layout(height=300, margin={"l": 10, "r": 110, "t": 10, "b": 10}, showlegend=False)
    return drawn


def sentences(found: Found, factor: float) -> list[str]:
    """What the picture shows, and why: of the networks for which the theorem holds together, of each other alone."""
    same = [(case, one) for case, one in found if case.invariant]
    changed = max(one.changed for _, one in same)
    said = [
        (FEW_OTHERS if changed else SAME_ANSWERS).format(
            names=listed([case.label for case, _ in same]),
            largest=amount(max(one.largest for _, one in same)),
            changed=changed,
            images=same[0][1].images,
            factor=factor,
            inverse=1 / factor,
            eps=amount(EPS),
            off=amount(100 * max(abs(one.gradient * factor - 1) for _, one in same)),
        )
    ]
    for case, one in found:
        if not case.invariant:
            template = STORED if case.mode else WITHOUT
            said.append(
                template.format(name=case.label, largest=amount(one.largest), changed=one.changed, images=one.images)
            )
    return said


def in_words(found: Found) -> str:
    """The picture for those who do not see it."""
    said = [
        IN_WORDS.format(name=case.label, largest=amount(one.largest), changed=one.changed, images=one.images)
        for case, one in found
    ]
    return "; ".join(said) + "."
