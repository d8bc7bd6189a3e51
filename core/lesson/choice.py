"""Step 7, which one now: what one seed of the study says, and what all of them say together."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace

import plotly.graph_objects as go

from core.catalogue import DATASETS, NORMS
from core.comparison import sentences
from core.comparison.findings import MARGIN
from core.comparison.headline import SURE, how_small, tested_pairs, told_apart
from core.comparison.intervals import EQUAL, t_interval
from core.comparison.methods import Method
from core.comparison.verdicts import Finding
from core.config import RunConfig
from core.labels import listed

ONE_SEED = "Seed {seed} alone says: **{order}**."
DIFFERENT_ORDERS = "Alone, these {seeds} seeds give **{orders} different orders**."
ONE_ORDER = "Alone, each of these {seeds} seeds gives the same order."
AXIS = "{dataset}, {epochs} epochs: test accuracy"
INTERVALS = "{axis}, 95 % intervals"
NONE_BETTER_ALONE = "Without penalties the tests put none of {methods} above another."
ALL_AGREE_ALONE = (
    "Without penalties the tests put none of {methods} above another; all agree within {margin:.2f} points."
)
THE_NORMS_ALONE = "Without penalties, {methods}: {said}"
BETWEEN = (
    "So {plain} lies {down:.2f} points above {low} and {up:.2f} below {high}: of these three the tests tell only {low} "
    "from {high}."
)
FEWER_SEEDS = "{label} ({seeds} seeds)"
PAIRS = 3
"""Of the study's findings the first so many are of the pairs of its three methods."""
ROOM = 0.02
"""Points of accuracy that the picture shows beyond the lowest and the highest run."""

Order = tuple[tuple[str, ...], ...]
"""Labels from the highest accuracy to the lowest; equal ones together."""


def common_seeds(family: Sequence[Method]) -> tuple[int, ...]:
    """The seeds that every method of ``family`` has, ascending."""
    shared = set.intersection(*(set(method.seeds) for method in family)) if family else set()
    return tuple(sorted(shared))


def accuracy(method: Method, seed: int) -> float:
    """Final test accuracy in percent of one seed, which the method has."""
    return method.accuracies[method.seeds.index(seed)]


def order(family: Sequence[Method], seed: int) -> Order:
    """The order in which one seed has the methods."""
    found: list[list[str]] = []
    last = float("inf")
    for method in sorted(family, key=lambda method: -accuracy(method, seed)):
        value = accuracy(method, seed)
        if last - value < EQUAL:
            found[-1].append(method.label)
        else:
            found.append([method.label])
        last = value
    return tuple(tuple(sorted(equal)) for equal in found)


def one_seed(family: Sequence[Method], seed: int) -> str:
    """What somebody would say who has this seed alone."""
    values = {method.label: accuracy(method, seed) for method in family}
    steps = [" = ".join(f"{label} {values[label]:.2f}" for label in equal) for equal in order(family, seed)]
    return ONE_SEED.format(seed=seed, order=" > ".join(steps))


def all_seeds(shown: Sequence[Method], found: Sequence[Finding], alone: str = "") -> str:
    """In how many orders the seeds have the methods, and what the study's tests say.

    shown: the methods in the picture.  found: ``study_findings``.  alone: ``norms_alone``, which then comes first.
    """
    seeds = common_seeds(shown)
    orders = {order(shown, seed) for seed in seeds}
    template = DIFFERENT_ORDERS if len(orders) > 1 else ONE_ORDER
    said = [*([f"**{alone}**"] if alone else []), template.format(seeds=len(seeds), orders=len(orders))]
    if pairs := tested_pairs(found[:PAIRS]):
        said += [told_apart(pairs), *how_small(pairs, found)]
    return " ".join(said)


def norms_alone(methods: Sequence[Method], found: Sequence[Finding]) -> str:
    """What the tests say of the norms without their penalties, and which of them have fewer seeds; "" without tests.

    How small the differences are follows, or that nothing shows them to be.

    found: what ``selection_findings`` says of ``methods``.
    """
    pairs = tested_pairs(found)
    if not pairs:
        return ""
    most = max(len(method.seeds) for method in methods)
    counts = [(method.label, len(method.seeds)) for method in methods]
    named = [label if seeds == most else FEWER_SEEDS.format(label=label, seeds=seeds) for label, seeds in counts]
    said = told_apart(pairs)
    if said != sentences.THE_TESTS_CANNOT_TELL_ANY:
        first = THE_NORMS_ALONE.format(methods=listed(named), said=f"{said[0].lower()}{said[1:]}")
    elif any(finding.verdict == "equivalent" for finding in found):
        return ALL_AGREE_ALONE.format(methods=listed(named), margin=MARGIN)
    else:
        first = NONE_BETTER_ALONE.format(methods=listed(named))
    return " ".join([first, *how_small(pairs, found)])


def effect_of_l1(family: Sequence[Method], found: Sequence[Finding]) -> list[Finding]:
    """What the study says that L1 costs, and does to the weights, under the method of ``family`` that has it."""
    for method in family:
        if l1 := method.config.l1:
            norm = replace(method.config, l1=0.0).label
            asked = (sentences.COST_OF_L1.format(l1=l1, norm=norm), sentences.EFFECT_OF_L1.format(norm=norm))
            return [finding for finding in found if finding.question in asked]
    return []


def between(family: Sequence[Method], plain: Sequence[Method], found: Sequence[Finding]) -> str:
    """That the norm of the method with L1 lies, without it, between that method and the highest of ``family``.

    "" where it does not, or where the tests do tell one of the two steps from chance, or not the way as a whole.
    plain: ``family`` without penalties.  found: of all their pairs.
    """
    verdicts = {frozenset((f.pair.better, f.pair.worse)): f.verdict for f in found if f.pair}
    penalized = next((method for method in family if method.config.l1), None)
    if penalized is None:
        return ""
    without = replace(penalized.config, l1=0.0)
    own = next((method for method in plain if method.config == without), None)
    best = max(family, key=lambda method: statistics.fmean(method.accuracies))
    if own is None:
        return ""
    low, middle, high = (statistics.fmean(method.accuracies) for method in (penalized, own, best))
    steps = [verdicts.get(frozenset((own.label, end.label)), SURE[0]) for end in (penalized, best)]
    whole = verdicts.get(frozenset((penalized.label, best.label)))
    if not low < middle < high or whole not in SURE or any(step in SURE for step in steps):
        return ""
    return BETWEEN.format(plain=own.label, low=penalized.label, high=best.label, down=middle - low, up=high - middle)


def _terms(config: RunConfig) -> dict[str, object]:
    return {"dataset": DATASETS[config.dataset].title, "epochs": config.epochs}


def accuracies_figure(family: Sequence[Method], seed: int | None) -> go.Figure:
    """Final test accuracies, a row a method, on the same axis whatever is shown.

    Of one seed a mark each; of all of them, ``None``, every run as a tick, the mean and its 95 % t interval.
    """
    figure = go.Figure()
    for method in family:
        row = NORMS[method.config.norm]
        look = {"mode": "markers", "y": [method.label], "showlegend": False}
        mark = {"symbol": row.marker, "size": 12, "color": row.color}
        if seed is not None:
            value = accuracy(method, seed)
            figure.add_scatter(
                x=[value], marker=mark, hovertemplate=f"seed {seed}: %{{x:.2f}} %<extra></extra>", **look
            )
            continue
        ticks = {"symbol": "line-ns", "size": 11, "line": {"width": 1.5, "color": row.color}}
        figure.add_scatter(
            x=method.accuracies,
            customdata=method.seeds,
            marker=ticks,
            hovertemplate="seed %{customdata}: %{x:.2f} %<extra></extra>",
            **(look | {"y": [method.label] * len(method.accuracies)}),
        )
        found = t_interval(method.accuracies)
        figure.add_scatter(
            x=[found.value],
            marker=mark,
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [found.high - found.value],
                "arrayminus": [found.value - found.low],
                "thickness": 2,
                "color": row.color,
            },
            hovertemplate=f"%{{x:.2f}} %, {found.low:.2f} to {found.high:.2f}<extra></extra>",
            **look,
        )
    title = AXIS.format(**_terms(family[0].config))
    every = [value for method in family for value in method.accuracies]
    figure.update_xaxes(range=[min(every) - ROOM, max(every) + ROOM], tickformat=".2f", ticksuffix=" %", nticks=5)
    figure.update_xaxes(
        title={"text": title if seed is not None else INTERVALS.format(axis=title), "font": {"size": 12}}
    )
    figure.update_yaxes(autorange="reversed", automargin=True, ticklabelstandoff=6)
    figure.update_layout(height=52 + 26 * len(family), margin={"l": 10, "r": 10, "t": 4, "b": 10})
    return figure
