"""Networks that have learned nothing yet, drawn and said: activations and gradients by layer."""

from __future__ import annotations

import math
import statistics
from typing import Literal

import plotly.graph_objects as go

from core.experiments.depth_start import NETS, gradient_ratio
from core.experiments.figures import Axis, Line, lines_figure
from core.experiments.nets import BN, GN, LN, NONE, NONE_HE, net_line
from core.experiments.table import Table

HEIGHT = 330
"""Of each picture, which share a window of 768 pixels with slider and sentence."""

Quantity = Literal["activation", "gradient"]
QUANTITIES: tuple[Quantity, ...] = ("activation", "gradient")
TITLES: dict[Quantity, str] = {"activation": "Activations", "gradient": "Gradients of the weights"}
# the same at every depth, so that the lines move and not the scale; what leaves the picture is told in words
AXES: dict[Quantity, Axis] = {
    "activation": Axis(title="Standard deviation", log=True, span=(1e-4, 1e1), ticks=(1e-4, 1e-3, 1e-2, 1e-1, 1, 10)),
    "gradient": Axis(title="Norm", log=True, span=(1e-3, 2e3), ticks=(1e-3, 1e-2, 1e-1, 1, 10, 100, 1000)),
}
LARGER, SMALLER = 2.0, 0.5
"""First-layer gradients beyond these times the last layer's are said to grow or to shrink towards the images."""

KEPT = (
    "Behind {depth} convolutions the activations have a standard deviation of {bn:.2g} with BN, {gn:.2g} with GN and "
    "{ln:.2g} with LN; without a norm it is {he:.2g} from He's initial weights and {torch:.2g} from torch's smaller "
    "ones."
)
GROWS = (
    "Before any training BN's gradient is {bn:.3g} times as large in the first of {depth} convolutions as in the "
    "last; GN's is {gn:.2g} times, LN's {ln:.2g} times. Every BN magnifies what tells the images of a batch apart, and "
    "with it the gradient on its way back: BN does not cure exploding gradients, here it causes them."
)
LEVEL = (
    "Before any training BN's gradient is about as large in the first of {depth} convolutions as in the last, "
    "{bn:.2g} times; GN's is {gn:.2g} times, LN's {ln:.2g} times. With more layers BN's grows towards the first ones."
)
SHRINKS = (
    "Before any training BN's gradient is smaller in the first of {depth} convolutions than in the last, {bn:.2g} "
    "times; GN's is {gn:.2g} times, LN's {ln:.2g} times."
)
ALT = "{title} by convolution, {axis}, from the first to the last. {lines}."
ENDS = "{net}: {first:.2g} to {last:.2g}"
OUTSIDE = (
    "Below the pictures: {net} the activations end at {activation:.1g}, and the largest gradient is {gradient:.1g}."
)


def start_lines(table: Table, depth: int, quantity: Quantity) -> list[Line]:
    """``quantity`` over the layers, a line for each of ``NETS``."""
    return [net_line(table, net, "layer", quantity, part="start", depth=depth) for net in NETS]


def start_figure(table: Table, depth: int, quantity: Quantity) -> go.Figure:
    """The picture of one quantity."""
    lines = start_lines(table, depth, quantity)
    figure = lines_figure(lines, title=TITLES[quantity], x=_layers(depth), y=AXES[quantity])
    return figure.update_layout(height=HEIGHT)


def start_alt(table: Table, depth: int, quantity: Quantity) -> str:
    """The same for those who do not see it: both ends of every line."""
    ends = [
        ENDS.format(net=line.label, first=line.mean[0], last=line.mean[-1])
        for line in start_lines(table, depth, quantity)
    ]
    return ALT.format(title=TITLES[quantity], axis=AXES[quantity].title.lower(), lines="; ".join(ends))


def _layers(depth: int) -> Axis:
    return Axis(title="Convolution", span=(0.5, depth + 0.5))


def activations_in_words(table: Table, depth: int) -> str:
    """What is left of the activations behind the last convolution."""
    end = {net: table.mean("activation", net=net.name, depth=depth, layer=depth) for net in NETS}
    return KEPT.format(depth=depth, bn=end[BN], gn=end[GN], ln=end[LN], he=end[NONE_HE], torch=end[NONE])


def gradients_in_words(table: Table, depth: int) -> str:
    """Where the gradients are largest, and why; ratios are geometric means over the seeds."""
    bn, gn, ln = (_typical(gradient_ratio(table, net, depth)) for net in (BN, GN, LN))
    template = GROWS if bn > LARGER else SHRINKS if bn < SMALLER else LEVEL
    return template.format(depth=depth, bn=bn, gn=gn, ln=ln)


def _typical(by_seed: dict[int, float]) -> float:
    known = [value for value in by_seed.values() if value > 0]
    return statistics.geometric_mean(known) if known else math.nan


def outside_in_words(table: Table, depth: int) -> str:
    """A sentence for each line whose end is below both pictures; empty where there is none."""
    lines = zip(NETS, *(start_lines(table, depth, quantity) for quantity in QUANTITIES), strict=True)
    low = {quantity: span[0] for quantity in QUANTITIES if (span := AXES[quantity].span)}
    return " ".join(
        OUTSIDE.format(net=net.phrase, activation=activation.mean[-1], gradient=max(gradient.mean))
        for net, activation, gradient in lines
        if activation.mean[-1] < low["activation"] and max(gradient.mean) < low["gradient"]
    )
