"""The table of ``company``, drawn: groups of bars, one for each data set and order of the training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import plotly.graph_objects as go

from core.catalogue import DATASETS, NormName
from core.experiments.company_trained import ORDERS
from core.experiments.figures import Axis, Bar, bars_figure, bars_in_words
from core.experiments.settings import Order
from core.experiments.table import Table

GROUP = "{dataset},<br>{order}"
ORDER_TITLES: Mapping[Order, str] = {"random": "random", "one class": "one class"}
BARS: tuple[tuple[str, NormName, str, int], ...] = (
    ("BN, in batches like those of its training", "bn", "own", 1),
    ("BN, in inference", "bn", "inference", 0),
    ("GN (4)", "gn", "inference", 0),
    ("LN", "ln", "inference", 0),
)
TITLE = "Test error by the company in training"
SUBTITLE = (
    "Trained on batches of 4, random or of one class: {seeds}. Bars: mean of the seeds; whiskers: lowest and highest."
)
Y = Axis(title="Test error (%)")


def bars(table: Table) -> list[Bar]:
    """For every data set and order: BN in the company of its training, BN in inference, GN, LN."""
    found = []
    for dataset in table.distinct("dataset"):
        for order in ORDERS:
            group = GROUP.format(dataset=DATASETS[dataset].title.replace("-", "-<br>"), order=ORDER_TITLES[order])
            for label, norm, column, twin in BARS:
                values = table.by_seed(column, dataset=dataset, order=order, norm=norm)
                if values:
                    found.append(Bar(group=group, label=label, norm=norm, values=tuple(values.values()), twin=twin))
    return found


def picture(table: Table) -> go.Figure:
    """Groups of bars, one for each data set and order of the training."""
    figure = bars_figure(bars(table), title=TITLE, subtitle=SUBTITLE.format(seeds=_seeds(table)), y=Y)
    # a phone has room for short lines under each group
    return figure.update_xaxes(tickangle=0, tickfont_size=10)


def words(table: Table) -> str:
    """The heights of all bars."""
    return bars_in_words(
        [replace(bar, group=bar.group.replace("-<br>", "-").replace("<br>", " ")) for bar in bars(table)], y=Y
    )


def _seeds(table: Table) -> str:
    return "one seed" if len(table.seeds) == 1 else f"{len(table.seeds)} seeds"
