"""The table of ``small_ones``, drawn: three panels side by side."""

from __future__ import annotations

from dataclasses import replace

import plotly.graph_objects as go

from core.catalogue import NormName
from core.experiments.figures import Axis, Bar, Panel, bars_in_words, in_words, line, panels_figure
from core.experiments.small_ones_trained import GROUPS, L2, TIMES
from core.experiments.table import Table

TWO = Axis(title="Learning rate")
ERROR = Axis(title="Error (%)")
STEP = Axis(title="Step", ticks=(0, 186, 372))
SQUARES = Axis(title="Sum of squares")
NUMBER = Axis(title="Groups", log=True, ticks=GROUPS)


METHODS: tuple[tuple[str, NormName, bool], ...] = (
    ("GN (4)", "gn", False),
    ("GN (4), standardized", "gn", True),
    ("BN", "bn", False),
)


def _bars(table: Table) -> tuple[Bar, ...]:
    found = []
    for label, norm, standardized in METHODS:
        for times in TIMES:
            values = table.by_seed("error", norm=norm, batch=2, times=times, standardized=standardized)
            found.append(
                Bar(
                    group=f"{times} x",
                    label=label,
                    norm=norm,
                    values=tuple(values.values()),
                    twin=int(standardized),
                )
            )
    return tuple(found)


def panels(table: Table) -> list[Panel]:
    """The three, side by side."""
    weights = tuple(
        line(table, label, "bn", "step", "squares", twin=twin, l2=l2)
        for twin, (label, l2) in enumerate((("BN, no L2", 0.0), (f"BN, L2 of {L2:g}", L2)))
    )
    groups = line(table, "GN", "gn", "groups", "error", batch=4)
    top = max((max(values) for values in groups.values), default=1.0)
    return [
        Panel(title="Standardized weights", x=TWO, y=ERROR, bars=_bars(table)),
        Panel(title="Growing weights", x=STEP, y=SQUARES, lines=weights),
        Panel(title="Number of groups", x=NUMBER, y=replace(ERROR, span=(0, 1.2 * top)), lines=(groups,)),
    ]


def picture(table: Table) -> go.Figure:
    """Three panels."""
    return panels_figure(
        panels(table), title="Three small ones", subtitle="Batches of 2, 64 and 4 images, from left to right."
    )


def words(table: Table) -> str:
    """Every number of the picture; of the weights those of a few steps."""
    _, weights, groups = panels(table)
    few = [
        replace(each, x=tuple(each.x[i] for i in at), values=tuple(each.values[i] for i in at))
        for each in weights.lines
        for at in [range(0, len(each.x), max(1, len(each.x) // 4))]
    ]
    return " ".join(
        (
            bars_in_words(_bars(table), y=ERROR),
            in_words(few, x=STEP, y=SQUARES),
            in_words(groups.lines, x=NUMBER, y=ERROR),
        )
    )
