"""The table of ``learning_rate``, drawn: the loss at the end over the learning rate."""

from __future__ import annotations

import plotly.graph_objects as go

from core.experiments.figures import Axis, Line, in_words, lines_figure
from core.experiments.learning_rate_trained import NETS
from core.experiments.learning_rate_usable import USABLE
from core.experiments.nets import net_line
from core.experiments.table import Table

X = Axis(title="Learning rate", log=True, ticks=(0.001, 0.01, 0.1, 1.0))
Y = Axis(title="Training loss at the end", log=True, ticks=(0.03, 0.1, 0.3, 1.0, 2.3))
SUBTITLE = "Dotted line: below a loss of {usable:g} a learning rate is usable."
WORDS = "{lines} A learning rate is usable where the loss is below {usable:g}."


def _lines(table: Table) -> list[Line]:
    return [net_line(table, net, "lr", "loss") for net in NETS]


def picture(table: Table) -> go.Figure:
    """The lines of all networks, and the loss below which a rate is usable."""
    subtitle = SUBTITLE.format(usable=USABLE)
    figure = lines_figure(_lines(table), title="Training loss against the learning rate", subtitle=subtitle, x=X, y=Y)
    return figure.add_hline(y=USABLE, line={"color": "#888", "width": 1, "dash": "dot"})


def words(table: Table) -> str:
    """The numbers of ``picture``."""
    return WORDS.format(lines=in_words(_lines(table), x=X, y=Y), usable=USABLE)
