"""How large activations and gradients are in deep networks that have learned nothing: measure, pictures, sentences."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from typing import Literal

import plotly.graph_objects as go
from torch import Tensor

from core.catalogue import DatasetName
from core.data.datasets import Dataset
from core.experiments.data import network_input
from core.experiments.experiment import Row
from core.experiments.figures import Axis, Line, lines_figure
from core.experiments.nets import BN, GN, LN, NONE, NONE_HE, Net, net_line
from core.experiments.settings import LabConfig
from core.experiments.signals import signals
from core.experiments.table import Done, Table

NETS = (BN, GN, LN, NONE, NONE_HE)
WIDTH = 8
"""Channels of the first layers; the others have twice as many."""
HEIGHT = 290
"""Of each picture, which share a window of 768 pixels with slider and sentence."""
LEGEND = -0.4
"""Below the title of the x axis, in heights of the plot."""
BATCH = 64
"""Images of the one batch that measures."""

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
    "{ln:.2g} with LN: each norm sets the size anew. Without a norm it is {he:.2g} from He's initial weights and "
    "{torch:.2g} from torch's smaller ones, which shrink it in every layer."
)
GROWS = (
    "At {depth} convolutions that have learned nothing yet, BN's gradient is {bn:.3g} times as large in the first as "
    "in the last; GN's is {gn:.2g} times, LN's {ln:.2g} times. BN magnifies what tells the images of a batch apart, a "
    "little in every layer, and the gradient with it on its way back: BN does not cure exploding gradients, here it "
    "causes them."
)
LEVEL = (
    "At {depth} convolutions that have learned nothing yet, BN's gradient is about as large in the first as in the "
    "last, {bn:.2g} times; GN's is {gn:.2g} times, LN's {ln:.2g} times. With more layers BN's grows towards the first "
    "ones."
)
SHRINKS = (
    "At {depth} convolutions that have learned nothing yet, BN's gradient is smaller in the first than in the last, "
    "{bn:.2g} times; GN's is {gn:.2g} times, LN's {ln:.2g} times."
)
ALT = "{title} by convolution, {axis}, from the first to the last. {lines}."
ENDS = "{net}: {first:.2g} to {last:.2g}"
OUTSIDE = (
    "Below the pictures: {net} the activations end at {activation:.1g}, and the largest gradient is {gradient:.1g}."
)


def first_batch(data: Dataset) -> tuple[Tensor, Tensor]:
    """The first ``BATCH`` training images as a network gets them, (N, 1, 28, 28), and their labels, (N,)."""
    return network_input(data.train_images[:BATCH], data), data.train_labels[:BATCH]


def at_start(
    depth: int,
    seed: int,
    dataset: DatasetName,
    batch: tuple[Tensor, Tensor],
    tell: Callable[[float], None] = lambda share: None,
) -> list[Row]:
    """One row for each convolution of each of ``NETS``.

    batch: as ``first_batch`` gives it, of ``dataset``.  tell: takes the share that is done, and may raise to end it.
    """
    rows: list[Row] = []
    for done, net in enumerate(NETS):
        config = LabConfig(
            norm=net.norm,
            initialization=net.initialization,
            width=WIDTH,
            depth=depth,
            dataset=dataset,
            seed=seed,
        )
        found = signals(config, *batch)
        for i, (activation, gradient) in enumerate(zip(found.activations, found.gradients, strict=True)):
            rows.append(
                {
                    "seed": seed,
                    "part": "start",
                    "net": net.name,
                    "depth": depth,
                    "layer": i + 1,
                    "activation": float(f"{activation:.6g}"),
                    "gradient": float(f"{gradient:.6g}"),
                }
            )
        tell((done + 1) / len(NETS))
    return rows


def as_table(rows: list[Row]) -> Table:
    """Rows of ``at_start`` as a table of the experiment, to be drawn and told."""
    return Table("depth", quick=True, done={"start": Done(tuple(rows), 0.0)})


def start_lines(table: Table, depth: int, quantity: Quantity) -> list[Line]:
    """``quantity`` over the layers, a line for each of ``NETS``."""
    return [net_line(table, net, "layer", quantity, part="start", depth=depth) for net in NETS]


def start_figure(table: Table, depth: int, quantity: Quantity) -> go.Figure:
    """The picture of one quantity."""
    lines = start_lines(table, depth, quantity)
    figure = lines_figure(lines, title=TITLES[quantity], x=_layers(depth), y=AXES[quantity])
    figure.update_layout(height=HEIGHT, legend={"y": LEGEND})
    return figure


def start_alt(table: Table, depth: int, quantity: Quantity) -> str:
    """The same for those who do not see it: both ends of every line."""
    ends = [
        ENDS.format(net=line.label, first=line.mean[0], last=line.mean[-1])
        for line in start_lines(table, depth, quantity)
    ]
    return ALT.format(title=TITLES[quantity], axis=AXES[quantity].title.lower(), lines="; ".join(ends))


def _layers(depth: int) -> Axis:
    return Axis(title="Convolution", span=(0.5, depth + 0.5))


def gradient_ratio(table: Table, net: Net, depth: int) -> dict[int, float]:
    """By seed: the gradient norm of the first convolution over that of the last; nan where one of them is 0."""
    first, last = (table.by_seed("gradient", net=net.name, depth=depth, layer=layer) for layer in (1, depth))
    return {
        seed: first[seed] / last[seed] if first[seed] and last[seed] else math.nan for seed in first if seed in last
    }


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
