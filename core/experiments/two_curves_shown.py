"""The table of ``two_curves``, read and drawn: the test losses over the steps, and the sum of their rises."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import plotly.graph_objects as go

from core.catalogue import NORMS, NormName
from core.experiments.by_seed import mean
from core.experiments.experiment import Scalar
from core.experiments.figures import Axis, Line, in_words, lines_figure
from core.experiments.table import Table
from core.experiments.two_curves_trained import EVERY, MOMENTUM, TRAINING

KINDS: Mapping[str, Mapping[str, str | float]] = {
    "running": {"norm": "bn", "statistics": "running", "momentum": MOMENTUM},
    "precise": {"norm": "bn", "statistics": "precise"},
    "gn": {"norm": "gn"},
    "ln": {"norm": "ln"},
}
NORM_OF: Mapping[str, NormName] = {"running": "bn", "precise": "bn", "gn": "gn", "ln": "ln"}
LABELS = {"running": "BN, running", "precise": "BN, precise", "gn": NORMS["gn"].label(4), "ln": NORMS["ln"].label(1)}

X = Axis(title="Steps of the optimizer")
Y = Axis(title="Test loss (cross-entropy)", log=True, ticks=(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10))
TITLE = "One network, two test curves"
SUBTITLE = "Seed {seed}: one training of each norm, tested every {every} steps on {images:,} test images."
WORDS = "Seed {seed}. {shown} Sum of all rises in nats, mean of the seeds: {sums}."
SUM = "{line}: {rises:.2f}"


def rises(losses: Sequence[float]) -> float:
    """The sum of all rises from one test to the next; what falls does not count."""
    return sum(max(after - before, 0.0) for before, after in pairwise(losses))


def _losses(table: Table, **where: Scalar) -> dict[float, float]:
    rows = [row for row in table.rows if all(row.get(name) == wanted for name, wanted in where.items())]
    found = {row.get("step"): row.get("loss") for row in rows}
    return {at: v for at, v in found.items() if isinstance(at, int) and isinstance(v, int | float) and math.isfinite(v)}


def summed(table: Table, **where: Scalar) -> dict[int, float]:
    """The rises of the test loss by seed, nats, of the rows that have all of ``where``."""
    each = {seed: _losses(table, seed=seed, **where) for seed in table.seeds}
    return {seed: rises(list(losses.values())) for seed, losses in each.items() if losses}


def lines(table: Table, seed: int, spacing: int = EVERY) -> list[Line]:
    """The test losses of one seed, all norms, at every step that ``spacing`` divides: a mean would smooth the rises."""
    found = []
    for kind, where in KINDS.items():
        losses = _losses(table, seed=seed, **where)
        at = [step for step in losses if step % spacing == 0]
        values = tuple((losses[step],) for step in at)
        twin = int(kind == "precise")
        found.append(Line(label=LABELS[kind], norm=NORM_OF[kind], x=tuple(at), values=values, twin=twin))
    return found


def picture(table: Table) -> go.Figure:
    """The test losses of the first seed over the steps."""
    seed = table.seeds[0]
    subtitle = SUBTITLE.format(seed=seed, every=EVERY, images=TRAINING(norm="bn").tests)
    figure = lines_figure(lines(table, seed), title=TITLE, subtitle=subtitle, x=X, y=Y)
    figure.update_traces(marker_size=4)
    return figure


def words(table: Table) -> str:
    """The lines at every tenth step, and the sum of the rises of each, mean over the seeds."""
    found = {kind: summed(table, **where) for kind, where in KINDS.items()}
    sums = [SUM.format(line=LABELS[kind], rises=mean(of)) for kind, of in found.items() if of]
    shown = in_words(lines(table, table.seeds[0], 10), x=X, y=Y)
    return WORDS.format(seed=table.seeds[0], shown=shown, sums="; ".join(sums))
