"""Three small ones: weight standardization at batches of two, weights that grow before a norm, the number of groups."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import plotly.graph_objects as go
from torch import nn

from core.catalogue import DatasetName, NormName
from core.experiments.data import network_input, part
from core.experiments.experiment import Check, Context, Experiment, Prediction, Row, Scalar, Source
from core.experiments.figures import Axis, Bar, Panel, bars_in_words, in_words, line, panels_figure
from core.experiments.settings import LabConfig
from core.experiments.statistics import error
from core.experiments.table import Table
from core.experiments.training import LabTraining

LR = 0.0125 * 2 / 32
"""At batches of two."""
TIMES = (1, 8)
"""Learning rates of weight standardization, in units of ``LR``."""
GROUPS = (1, 2, 4, 8, 16)
L2 = 5e-3
STEPS, EVERY = 372, 31
"""Of the training whose weights are watched, and how many lie between two looks at them."""
WATCHED = 2
"""The convolution whose weights are, from 0."""
TOLD_APART = 0.3
"""Points of error: with 10,000 test images a difference of two networks has a standard error of about 0.17."""
GREW = 1.0
"""How often the sum of squares has to double."""


def trials(seeds: Sequence[int], quick: bool) -> list[LabConfig]:
    """GN with and without weight standardization and BN, each at two learning rates; BN with and without L2; groups."""
    data: DatasetName = "mnist-small" if quick else "mnist"
    found = []
    for seed in seeds:
        base = LabConfig(norm="gn", seed=seed, dataset=data, tests=1000 if quick else 10_000)
        for times in TIMES:
            two = replace(base, images=2000 if quick else 6000, batch_size=2, lr=times * LR, decay="cosine")
            found += [two, replace(two, standardized=True), replace(two, norm="bn")]
        watched = replace(base, norm="bn", batch_size=64, lr=0.05, epochs=4, steps=STEPS)
        found += [watched, replace(watched, l2=L2)]
        found += [replace(base, batch_size=4, lr=2 * LR, decay="cosine", groups=groups) for groups in GROUPS]
    return found


def measure(settings: LabConfig, context: Context) -> list[Row]:
    """One training: its error, or how the squares of one convolution's weights add up along it."""
    data = part(context.data(settings.dataset), settings)
    training = LabTraining(settings, data)
    squares = {0: _squares(training)}
    for step in training:
        context.tell(step.number / step.of)
        if step.number % EVERY == 0 and settings.steps:
            squares[step.number] = _squares(training)
    own: dict[str, Scalar] = {"seed": settings.seed, "norm": settings.norm}
    if settings.steps:
        return [{**own, "l2": settings.l2, "step": step, "squares": round(s, 3)} for step, s in squares.items()]
    wrong = error(training.model, network_input(data.test_images, data), data.test_labels)
    own |= {"batch": settings.batch_size, "groups": settings.groups, "standardized": settings.standardized}
    return [{**own, "times": round(settings.lr / LR), "error": round(wrong, 2)}]


def _squares(training: LabTraining) -> float:
    return float(cast("nn.Conv2d", training.model.convs[WATCHED]).weight.detach().square().sum())


def helped(table: Table) -> dict[int, float]:
    """GN's error at the higher learning rate, without minus with weight standardization."""
    gn: dict[str, Scalar] = {"norm": "gn", "batch": 2, "times": TIMES[-1]}
    return table.difference("error", {**gn, "standardized": False}, {**gn, "standardized": True})


def grew(table: Table) -> dict[int, float]:
    """How often the sum of squares without L2 doubled over the training; below 0 where it fell."""
    first, last = (table.by_seed("squares", l2=0.0, step=step) for step in (0, STEPS))
    return {seed: math.log2(last[seed] / first[seed]) for seed in last}


def one_group(table: Table) -> dict[int, float]:
    """Error with one group minus that with four."""
    return table.difference("error", {"batch": 4, "groups": 1}, {"batch": 4, "groups": 4})


# ---- what is said

STANDARDIZED = (
    "At batches of two, standardizing the weights takes the error of GN (4) from {plain:.1f} to {ws:.1f} %, and at "
    "eight times the learning rate from {plain_fast:.1f} to {ws_fast:.1f} %: a step can no longer stretch a filter."
)
NOT_STANDARDIZED = (
    "At batches of two, standardizing the weights takes the error of GN (4) from {plain:.1f} to {ws:.1f} %, and at "
    "eight times the learning rate from {plain_fast:.1f} to {ws_fast:.1f} %: no clear gain."
)
GROWN = (
    "Before BN only the direction of the weights counts, so their gradient is at right angles to them and steps make "
    "them longer: their squares sum to {first:.1f} at first and to {last:.1f} in the end, with L2 to {held:.1f}."
)
NOT_GROWN = "The squares of the weights before BN sum to {first:.1f} at first and to {last:.1f} in the end."
FLAT = (
    "The number of groups hardly matters: the means of 1 to 16 groups lie between {low:.1f} and {high:.1f} %, and "
    "seeds of the same number of groups differ by up to {spread:.1f} points."
)
NOT_FLAT = (
    "The number of groups shows: the means of 1 to 16 groups lie between {low:.1f} and {high:.1f} %, and seeds of the "
    "same number of groups differ by {spread:.1f} points at most."
)
ONE_SEED = "With 1 to 16 groups the error is between {low:.1f} and {high:.1f} %; one seed cannot tell that from chance."


def seen(table: Table) -> str:
    """A sentence for each of the three."""
    gn = {
        (times, ws): table.mean("error", norm="gn", batch=2, times=times, standardized=ws)
        for times in TIMES
        for ws in (False, True)
    }
    slow, fast = TIMES
    gained = gn[fast, False] - gn[fast, True] > TOLD_APART
    first, last, held = (table.mean("squares", l2=l2, step=step) for l2, step in ((0.0, 0), (0.0, STEPS), (L2, STEPS)))
    return " ".join(
        (
            (STANDARDIZED if gained else NOT_STANDARDIZED).format(
                plain=gn[slow, False], ws=gn[slow, True], plain_fast=gn[fast, False], ws_fast=gn[fast, True]
            ),
            (GROWN if last > max(first, held) else NOT_GROWN).format(first=first, last=last, held=held),
            _of_groups(table),
        )
    )


def _of_groups(table: Table) -> str:
    errors = [list(table.by_seed("error", batch=4, groups=groups).values()) for groups in GROUPS]
    means = [statistics.fmean(values) for values in errors]
    spread = max(max(values) - min(values) for values in errors)
    several = FLAT if max(means) - min(means) < spread else NOT_FLAT
    return (several if len(table.seeds) > 1 else ONE_SEED).format(low=min(means), high=max(means), spread=spread)


OPTIONS = ("They more than double.", "They stay within a factor of two.", "They shrink to less than half.")


def right(table: Table) -> str:
    """How the last sum of squares without L2 compares with the first."""
    doublings = statistics.fmean(grew(table).values())
    return OPTIONS[0] if doublings > 1 else OPTIONS[1] if doublings >= -1 else OPTIONS[2]


# ---- what is drawn

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
    top = max(max(values) for values in groups.values)
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


SMALL_ONES = Experiment(
    name="small-ones",
    title="Three small ones",
    question="What do standardized weights, L2 and the number of groups do?",
    claim="Standardizing the weights makes GN at tiny batches as good as BN at large ones (arXiv 1903.10520). Weights "
    "before a norm grow unless L2 holds them, and only their direction counts (arXiv 1706.05350). The number of groups "
    "matters little (arXiv 1803.08494).",
    source=Source(
        paper="Wu and He, 2018",
        arxiv="1803.08494",
        place="Table 3",
        published="ImageNet error of GN with 64, 32, 16, 8, 4, 2 and 1 groups: 24.6, 24.1, 24.6, 24.4, 24.6, 24.7 and "
        "25.3 %.",
    ),
    prediction=Prediction(
        question="A network with BN learns without L2. What becomes of the squares of the weights before a norm, added "
        "up?",
        options=OPTIONS,
        right=right,
    ),
    trials=trials,
    measure=measure,
    picture=picture,
    words=words,
    seen=seen,
    checks=(
        Check(
            statement="At batches of two and eight times the learning rate, weight standardization lowers the error of "
            "GN (4).",
            margin=TOLD_APART,
            difference=helped,
        ),
        Check(
            statement="Without L2 the squared weights before BN add up to more than twice what they did at first.",
            margin=GREW,
            difference=grew,
            unit="doublings",
        ),
        Check(
            statement="One group for all channels has a higher error than four groups.",
            margin=TOLD_APART,
            difference=one_group,
        ),
    ),
    terms="Plain SGD, momentum 0.9, no clipping, no warm-up, the first 6,000 training images of MNIST. Standardized "
    "weights: batches of 2, 1 epoch, learning rate 0.00078 and eight times that; groups: batches of 4, 1 epoch, "
    "0.0016; both fall to 0 along half a cosine. Weights that grow: BN, batches of 64, 372 steps at a constant 0.05, "
    "with and without an L2 of 0.005; those of the third convolution are shown.",
    reduced="One seed, tested on 1,000 images; standardized weights are trained on 2,000.",
)
