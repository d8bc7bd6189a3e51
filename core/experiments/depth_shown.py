"""The trainings in the table of ``depth``, drawn: the loss at the end of each network, by the learning rate."""

from __future__ import annotations

import plotly.graph_objects as go

from core.experiments.depth_start import NETS
from core.experiments.depth_trained import STEPS, TRAINED
from core.experiments.figures import Axis, Bar, bars_figure, bars_in_words
from core.experiments.final_loss import CHANCE
from core.experiments.losses_by_rate import losses, rates
from core.experiments.table import Table

Y = Axis(title="Training loss at the end")
GROUP = "learning rate {rate:g}"
GUESSING = "guessing: {chance:.2f}"


def _bars(table: Table) -> list[Bar]:
    return [
        Bar(
            group=GROUP.format(rate=rate),
            label=net.label,
            norm=net.norm,
            values=tuple(losses(table, net, rate).values()),
            twin=net.twin,
        )
        for rate in rates(table)
        for net in NETS
    ]


def picture(table: Table) -> go.Figure:
    """Groups of bars, one for each learning rate, and the loss of guessing."""
    figure = bars_figure(_bars(table), title=f"Training loss after {STEPS} steps, {TRAINED} convolutions", y=Y)
    # below the line: it lies at the upper edge where no training has diverged
    text = GUESSING.format(chance=CHANCE)
    label = {"text": text, "textposition": "start", "yanchor": "top", "font": {"size": 11}}
    return figure.add_hline(y=CHANCE, line={"color": "#888", "width": 1, "dash": "dot"}, label=label)


def words(table: Table) -> str:
    """The heights of all bars."""
    return bars_in_words(_bars(table), y=Y)
