"""The table of ``forgot_eval``, drawn: error against the size of random batches, and against the share of one class."""

from __future__ import annotations

import plotly.graph_objects as go

from core.experiments.companies import BATCH, OF_ALL, SHARES, SIZES
from core.experiments.figures import Axis, Line, Panel, in_words, line, panels_figure
from core.experiments.study_networks import BN, METHODS, label
from core.experiments.table import Table

BATCH_NORM = label(BN)
OWN_STATISTICS = tuple(method for method in METHODS if method[0] not in ("bn", "none"))
"""Whose answers depend on no other image."""
ITS, OTHERS = f"{BATCH_NORM}, the class", f"{BATCH_NORM}, the others"
IN_RANDOM, OF_ONE_CLASS = "Random batches", f"One class in batches of {BATCH}"
SIZE = Axis(title="Images in a batch", log=True, span=(0.85, 600), ticks=(1, 2, 8, 32, 128, 512))
SHARE = Axis(title="Share of the class (%)", span=(8, 102), ticks=(10, 30, 50, 70, 90))
Y = Axis(title="Test error (%)")


def inference_errors(table: Table, network: str) -> tuple[float, ...]:
    """Of every seed, in inference mode."""
    return tuple(table.by_seed("error", network=network, varied="inference").values())


def _flat(table: Table, x: tuple[int, ...]) -> list[Line]:
    return [
        Line(label=label(m), norm=m[0], x=tuple(map(float, x)), values=(errors,) * len(x))
        for m in OWN_STATISTICS
        if (errors := inference_errors(table, label(m)))
    ]


def size_lines(table: Table) -> list[Line]:
    """Error against the size of random batches."""
    own = line(table, BATCH_NORM, BN[0], "amount", "error", network=BATCH_NORM, varied="size")
    return [own, *_flat(table, SIZES)]


def share_lines(table: Table) -> list[Line]:
    """Error against the share of one class, for its images and for those of the others."""
    own = [
        line(table, name, BN[0], "amount", "error", twin=i, network=BATCH_NORM, varied=varied, **{"class": OF_ALL})
        for i, (name, varied) in enumerate(((ITS, "its images"), (OTHERS, "the others")))
    ]
    return [*own, *_flat(table, SHARES)]


def picture(table: Table) -> go.Figure:
    """Error against the size of random batches, and against the share of one class."""
    panels = (
        Panel(title=IN_RANDOM, x=SIZE, y=Y, lines=tuple(size_lines(table))),
        Panel(title=OF_ONE_CLASS, x=SHARE, y=Y, lines=tuple(share_lines(table))),
    )
    return panels_figure(panels, title="Test error without model.eval()", same_y=True)


def words(table: Table) -> str:
    """The numbers of ``picture``."""
    panels = ((IN_RANDOM, size_lines(table), SIZE), (OF_ONE_CLASS, share_lines(table), SHARE))
    return " ".join(f"{title}: {in_words(lines, x=x, y=Y)}" for title, lines, x in panels)
