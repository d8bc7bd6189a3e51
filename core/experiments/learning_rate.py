"""How fast can you learn? The loss that a constant learning rate leaves, by the norm."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from core.catalogue import QUICK
from core.experiments.experiment import Check, Context, Experiment, Prediction, Row, Source
from core.experiments.figures import Axis, Line, in_words, lines_figure
from core.experiments.final_loss import CHANCE, final_loss
from core.experiments.nets import BN, GN, IN, LN, NONE, NONE_HE, Net, net_line
from core.experiments.settings import LabConfig
from core.experiments.table import Table
from core.labels import listed

NETS = (BN, LN, GN, IN, NONE, NONE_HE)
RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
QUICK_RATES = (0.005, 0.02, 0.05, 0.1, 0.2, 0.5)
STEPS, QUICK_STEPS = 300, 100
USABLE = 1.0
"""A learning rate is usable where the loss at the end is below this, nats. Chance is 2.30."""
NEAR = 0.1
"""A loss within this of chance is that of a network that does not learn."""

X = Axis(title="Learning rate", log=True, ticks=(0.001, 0.01, 0.1, 1.0))
Y = Axis(title="Training loss at the end", log=True, ticks=(0.03, 0.1, 0.3, 1.0, 2.3))
LIMIT = "usable below {usable:g}"

LARGER = (
    "The largest usable learning rate is {bn:g} with BN and {none:g} without a norm (He initialization): {times:.3g} "
    "times as large."
)
WHY = (
    "A norm steadies the training: weights that a large step has made ten times as large give the same numbers behind "
    "it, and gradients a tenth as large."
)
SAME = "The largest usable learning rate is {bn:g} both with BN and without a norm (He initialization)."
SMALLER = (
    "The largest usable learning rate is {bn:g} with BN, and {none:g} without a norm (He initialization): here BN does "
    "not stand the larger one."
)
BN_ONLY = (
    "BN can be used up to a learning rate of {bn:g}; without a norm, no rate is usable, not even from He's weights."
)
NOT_BN = "No learning rate is usable with BN."
OTHERS = "The largest rate is {others}."
OF_NET = "{rate:g} {net}"
UNUSABLE = "No rate is reliably usable {nets}."
FAILED = (
    "Of the {failed} trainings that ended above a loss of {usable:g}, {dead} were near {chance:.2f}, the loss of "
    "guessing."
)
OVERFLOWED = "Numbers overflowed in {diverged} of all {number} trainings."
WORDS = "{lines} A learning rate is usable where the loss is below {usable:g}."


def _trials(seeds: Sequence[int], quick: bool) -> list[LabConfig]:
    steps = QUICK_STEPS if quick else STEPS
    return [
        LabConfig(
            norm=net.norm,
            initialization=net.initialization,
            dataset=QUICK if quick else "mnist",
            batch_size=64,
            epochs=5,  # more than the steps need
            steps=steps,
            lr=rate,
            seed=seed,
        )
        for seed in seeds
        for rate in (QUICK_RATES if quick else RATES)
        for net in NETS
    ]


def _measure(config: LabConfig, context: Context) -> list[Row]:
    net = next(n for n in NETS if (n.norm, n.initialization) == (config.norm, config.initialization))
    found = final_loss(config, context.data(config.dataset), context.tell)
    return [
        {
            "seed": config.seed,
            "net": net.name,
            "lr": config.lr,
            "loss": round(found.loss, 5),
            "diverged": found.diverged,
        }
    ]


def best_loss(table: Table, net: Net) -> dict[int, float]:
    """By seed: the lowest loss over all learning rates."""
    by_rate = [table.by_seed("loss", net=net.name, lr=rate) for rate in _rates(table)]
    return {seed: min(losses[seed] for losses in by_rate if seed in losses) for seed in table.seeds}


def largest_usable(table: Table, net: Net) -> dict[int, float]:
    """By seed: the largest learning rate whose loss is below ``USABLE``; a seed that has none is left out."""
    usable: dict[int, float] = {}
    for rate in _rates(table):
        usable |= {seed: rate for seed, loss in table.by_seed("loss", net=net.name, lr=rate).items() if loss < USABLE}
    return usable


def _rates(table: Table) -> list[float]:
    return sorted(table.distinct("lr"))


def _doublings(table: Table, more: Net, less: Net) -> dict[int, float]:
    """log2 of the quotient of the largest usable rates; one without a usable rate counts as at the least of all.

    So the difference to it is no larger than in truth.
    """
    least = _rates(table)[0]
    a, b = largest_usable(table, more), largest_usable(table, less)
    return {seed: math.log2(a.get(seed, least) / b.get(seed, least)) for seed in table.seeds}


def _lower_loss(table: Table) -> dict[int, float]:
    bn, none = best_loss(table, BN), best_loss(table, NONE_HE)
    return {seed: math.log2(none[seed] / bn[seed]) for seed in table.seeds}


def _higher_rate(table: Table) -> dict[int, float]:
    return _doublings(table, BN, NONE_HE)


def _others_higher(table: Table) -> dict[int, float]:
    ln, gn = _doublings(table, LN, NONE_HE), _doublings(table, GN, NONE_HE)
    return {seed: min(ln[seed], gn[seed]) for seed in table.seeds}


def _above_others(table: Table) -> dict[int, float]:
    ln, gn = _doublings(table, BN, LN), _doublings(table, BN, GN)
    return {seed: min(ln[seed], gn[seed]) for seed in table.seeds}


def _everywhere(table: Table, net: Net) -> float | None:
    """The largest learning rate that is usable with every seed."""
    rates = _rates(table)
    usable = [r for r in rates if all(v < USABLE for v in table.by_seed("loss", net=net.name, lr=r).values())]
    return usable[-1] if usable else None


def _times(bn: float | None, none: float | None) -> str:
    if bn is None:
        return NOT_BN
    if none is None:
        return BN_ONLY.format(bn=bn)
    template = LARGER if bn > none else SMALLER if bn < none else SAME
    return template.format(bn=bn, none=none, times=bn / none)


def _seen(table: Table) -> str:
    others = {net: _everywhere(table, net) for net in (LN, GN, IN, NONE)}
    usable = [OF_NET.format(rate=rate, net=net.phrase) for net, rate in others.items() if rate is not None]
    unusable = [net.phrase for net, rate in others.items() if rate is None]
    bn, none = _everywhere(table, BN), _everywhere(table, NONE_HE)
    said = [
        _times(bn, none),
        OTHERS.format(others=listed(usable)) if usable else "",
        UNUSABLE.format(nets=listed(unusable)) if unusable else "",
        WHY if bn is not None and bn > (none or 0) else "",
        *_failures(table),
    ]
    return " ".join(sentence for sentence in said if sentence)


def _failures(table: Table) -> list[str]:
    measured = [(float(row["loss"]), bool(row["diverged"])) for row in table.rows]  # type: ignore[arg-type]  # a number
    failed = sum(loss >= USABLE for loss, _ in measured)
    dead = sum(abs(loss - CHANCE) < NEAR and not diverged for loss, diverged in measured)
    overflowed = sum(diverged for _, diverged in measured)
    return [
        FAILED.format(failed=failed, usable=USABLE, dead=dead, chance=CHANCE) if failed else "",
        OVERFLOWED.format(diverged=overflowed, number=len(measured)) if overflowed else "",
    ]


def _lines(table: Table) -> list[Line]:
    return [net_line(table, net, "lr", "loss") for net in NETS]


def _picture(table: Table) -> go.Figure:
    figure = lines_figure(_lines(table), title="Training loss against the learning rate", x=X, y=Y)
    label = {"text": LIMIT.format(usable=USABLE), "textposition": "start", "font": {"size": 11}}
    return figure.add_hline(y=USABLE, line={"color": "#888", "width": 1, "dash": "dot"}, label=label)


def _words(table: Table) -> str:
    return WORDS.format(lines=in_words(_lines(table), x=X, y=Y), usable=USABLE)


OPTIONS = ("Not at all", "2 to 5 times", "About 10 times", "20 times or more")


def _right(table: Table) -> str:
    by_seed = _higher_rate(table).values()
    times = 2 ** (sum(by_seed) / len(by_seed))
    return OPTIONS[sum(times >= limit for limit in (1.5, 7, 14))]  # between what the options name


LEARNING_RATE = Experiment(
    name="learning-rate",
    title="How fast can you learn?",
    question="How large a learning rate does a network stand, with and without a norm?",
    claim="With Batch Normalization a network stands learning rates many times as large, and learns faster for it.",
    source=Source(
        paper="Ioffe and Szegedy 2015",
        arxiv="1502.03167",
        place="Figure 3 and section 4.2",
        published="Steps to 72.2 % on ImageNet, in millions: Inception 31.0; with BN 13.3; with BN and 5 times the "
        "learning rate 2.1, 30 times 2.7. Without BN, 5 times the rate diverged.",
    ),
    prediction=Prediction(
        question="By how much may the learning rate grow when BN is added to a network without a norm?",
        options=OPTIONS,
        right=_right,
    ),
    trials=_trials,
    measure=_measure,
    picture=_picture,
    words=_words,
    seen=_seen,
    checks=(
        Check(
            statement="At its best learning rate, BN reaches a lower training loss than no norm with He initialization",
            margin=0.5,
            difference=_lower_loss,
            unit="halvings of the loss",
        ),
        Check(
            statement="BN stands a larger learning rate than no norm with He initialization",
            margin=1.5,
            difference=_higher_rate,
            unit="doublings of the learning rate",
        ),
        Check(
            statement="LN and GN, too, stand a larger learning rate than no norm with He initialization",
            margin=1.5,
            difference=_others_higher,
            unit="doublings of the learning rate",
        ),
        Check(
            statement="BN stands a larger learning rate than LN and GN",
            margin=1.5,
            difference=_above_others,
            unit="doublings of the learning rate",
        ),
    ),
    terms="The race's network on 6,000 images of MNIST, in batches of 64; SGD with momentum 0.9 at a constant learning "
    "rate, without warm-up, clipping or augmentation. The loss is the mean of the last 20 steps of 300; "
    "a rate is usable where that is below 1 with every seed.",
    reduced="100 steps instead of 300, six learning rates instead of ten, one seed, and the images of small MNIST.",
)
