"""The table of ``pruning``, drawn: error over the share of the weights that is removed."""

from __future__ import annotations

import plotly.graph_objects as go

from core.experiments.figures import Axis, Line, in_words, line, lines_figure
from core.experiments.pruned import RENEWED_LABEL, SHARES
from core.experiments.pruning_networks import METHODS
from core.experiments.table import Table

X = Axis(title="Weights removed, %", span=(0, max(SHARES)))
Y = Axis(title="Test error, %", span=(0, 100))
SAID_AT = (0, 40, 60, 80, 90)
"""Shares that are told, percent."""


def drawn(table: Table) -> list[Line]:
    """The lines of the picture, those of a norm as its twins."""
    found: list[Line] = []
    for of in METHODS:
        for renewed in (False, True):
            label = RENEWED_LABEL.format(method=of.method) if renewed else of.method
            twin = sum(other.norm == of.norm for other in found)
            each = line(table, label, of.norm, "share", "error", twin=twin, method=of.method, renewed=renewed)
            if each.x:
                found.append(each)
    return found


def picture(table: Table) -> go.Figure:
    """Error over the share that is removed."""
    return lines_figure(drawn(table), title="Test error without the smallest weights", x=X, y=Y)


def words(table: Table) -> str:
    """The picture in words, at five shares."""
    few = []
    for each in drawn(table):
        kept = [(x, values) for x, values in zip(each.x, each.values, strict=True) if x in SAID_AT]
        x, values = zip(*kept, strict=True)
        few.append(Line(label=each.label, norm=each.norm, x=x, values=values))
    return in_words(few, x=X, y=Y)
