"""How deep can you go? Activations and gradients at the start, by layer, and what twenty convolutions learn."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import plotly.graph_objects as go

from core.catalogue import QUICK, DatasetName
from core.experiments.depth_start import NETS, WIDTH, at_start, first_batch, gradient_ratio, gradients_in_words
from core.experiments.experiment import Check, Context, Experiment, Prediction, Row, Settings, Source
from core.experiments.figures import Axis, Bar, bars_figure, bars_in_words
from core.experiments.final_loss import CHANCE, final_loss
from core.experiments.nets import BN, NONE, NONE_HE, Net
from core.experiments.settings import LabConfig
from core.experiments.table import Table
from core.labels import listed

TRAINED = 20
"""Convolutions of the networks that are trained."""
DEEPEST = 40
DEPTHS, QUICK_DEPTHS = (5, 10, TRAINED, DEEPEST), (5, TRAINED, DEEPEST)
RATES, QUICK_RATES = (0.003, 0.01), (0.003,)
STEPS = 400
MARGIN = 1.0
"""Powers of ten by which BN's first gradient must exceed its last, or fall short of it."""
NEAR = 0.1
"""A loss within this of chance is that of a network that has not begun to learn."""

Y = Axis(title="Training loss at the end")
GROUP = "learning rate {rate:g}"
GUESSING = "guessing: {chance:.2f}"
STUCK = "After {steps} steps at {depth} convolutions the loss is still that of guessing {nets}."
ALL_BEGAN = "After {steps} steps at {depth} convolutions every network has begun to learn."
BEST = "The lowest losses are {losses}."
OF_NET = "{loss:.2f} {net}"


@dataclass(frozen=True, kw_only=True)
class AtStart:
    """Settings of a measure of all networks before they have learned anything.

    depth: their convolutions.  dataset: whose first images make the batch.
    """

    depth: int
    seed: int
    dataset: DatasetName


def _trials(seeds: Sequence[int], quick: bool) -> list[Settings]:
    depths, rates = (QUICK_DEPTHS, QUICK_RATES) if quick else (DEPTHS, RATES)
    dataset: DatasetName = QUICK if quick else "mnist"
    measured = [AtStart(depth=depth, seed=seed, dataset=dataset) for seed in seeds for depth in depths]
    trained = [_training(net, rate, seed, dataset) for seed in seeds for rate in rates for net in NETS]
    return [*measured, *trained]


def _training(net: Net, rate: float, seed: int, dataset: DatasetName) -> LabConfig:
    return LabConfig(
        norm=net.norm,
        initialization=net.initialization,
        width=WIDTH,
        depth=TRAINED,
        dataset=dataset,
        batch_size=32,
        epochs=3,  # more than the steps need
        steps=STEPS,
        lr=rate,
        seed=seed,
    )


def _measure(settings: AtStart | LabConfig, context: Context) -> list[Row]:
    data = context.data(settings.dataset)
    if isinstance(settings, AtStart):
        return at_start(settings.depth, settings.seed, settings.dataset, first_batch(data), context.tell)
    net = next(n for n in NETS if (n.norm, n.initialization) == (settings.norm, settings.initialization))
    found = final_loss(settings, data, context.tell)
    return [
        {
            "seed": settings.seed,
            "part": "training",
            "net": net.name,
            "lr": settings.lr,
            "loss": round(found.loss, 5),
            "diverged": found.diverged,
        }
    ]


def _losses(table: Table, net: Net, rate: float) -> dict[int, float]:
    return table.by_seed("loss", part="training", net=net.name, lr=rate)


def best_loss(table: Table, net: Net) -> dict[int, float]:
    """By seed: the loss at the better learning rate."""
    by_rate = [_losses(table, net, rate) for rate in _rates(table)]
    return {seed: min(losses[seed] for losses in by_rate if seed in losses) for seed in by_rate[0]}


def _rates(table: Table) -> list[float]:
    return sorted(table.distinct("lr", part="training"))


def _above_bn(net: Net, table: Table) -> dict[int, float]:
    """How far the best loss of ``net`` is above BN's, nats."""
    bn, other = best_loss(table, BN), best_loss(table, net)
    return {seed: other[seed] - bn[seed] for seed in bn}


def _explosion(table: Table) -> dict[int, float]:
    """log10 of BN's first gradient over its last, in the deepest network."""
    return {seed: math.log10(ratio) for seed, ratio in gradient_ratio(table, BN, DEEPEST).items()}


def _bars(table: Table) -> list[Bar]:
    return [
        Bar(
            group=GROUP.format(rate=rate),
            label=net.label,
            norm=net.norm,
            values=tuple(_losses(table, net, rate).values()),
            twin=net.twin,
        )
        for rate in _rates(table)
        for net in NETS
    ]


def _picture(table: Table) -> go.Figure:
    figure = bars_figure(_bars(table), title=f"Training loss after {STEPS} steps, {TRAINED} convolutions", y=Y)
    label = {"text": GUESSING.format(chance=CHANCE), "textposition": "start", "font": {"size": 11}}
    return figure.add_hline(y=CHANCE, line={"color": "#888", "width": 1, "dash": "dot"}, label=label)


def _words(table: Table) -> str:
    return bars_in_words(_bars(table), y=Y)


def _seen(table: Table) -> str:
    best = {net: best_loss(table, net) for net in NETS}
    stuck = [net.phrase for net in NETS if all(abs(loss - CHANCE) < NEAR for loss in best[net].values())]
    losses = [OF_NET.format(net=net.phrase, loss=statistics.fmean(best[net].values())) for net in NETS]
    said = STUCK.format(steps=STEPS, depth=TRAINED, nets=listed(stuck)) if stuck else ""
    return " ".join(
        [
            said or ALL_BEGAN.format(steps=STEPS, depth=TRAINED),
            BEST.format(losses=listed(losses)),
            gradients_in_words(table, DEEPEST),
        ]
    )


OPTIONS = ("Much larger", "About the same", "Much smaller")


def _right(table: Table) -> str:
    by_seed = _explosion(table).values()
    mean = statistics.fmean(by_seed)
    return OPTIONS[0] if mean > MARGIN else OPTIONS[2] if mean < -MARGIN else OPTIONS[1]


DEPTH = Experiment(
    name="depth",
    title="How deep can you go?",
    question="What do many layers do to activations and gradients, and which networks still learn?",
    claim="A norm keeps activations alive through any number of layers. With Batch Normalization, though, gradients "
    "grow exponentially with depth, whatever the initial weights.",
    source=Source(
        paper="Yang et al. 2019",
        arxiv="1902.08129",
        place="abstract",
        published="A theory of wide, fully connected networks at their start, and no table that compares: with BN the "
        "gradients grow exponentially with depth, and no choice of the initial weights prevents it.",
    ),
    prediction=Prediction(
        question=f"{DEEPEST} convolutions with BN, before any training: how large is the gradient in the first one, "
        "compared with the last?",
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
            statement=f"At {TRAINED} convolutions no norm with torch's initialization is left behind by BN",
            margin=0.5,
            difference=partial(_above_bn, NONE),
            unit="nats of training loss",
        ),
        Check(
            statement=f"At {TRAINED} convolutions BN learns faster than no norm with He initialization, too",
            margin=0.2,
            difference=partial(_above_bn, NONE_HE),
            unit="nats of training loss",
        ),
        Check(
            statement=f"At {DEEPEST} convolutions BN's gradient explodes: it is larger in the first than in the last",
            margin=MARGIN,
            difference=_explosion,
            unit="powers of ten",
        ),
    ),
    terms=f"The race's network with {WIDTH} channels instead of 16 and further convolutions behind its five; SGD with "
    "momentum 0.9 at a constant learning rate, batches of 32, without warm-up, clipping or augmentation. The loss is "
    "the mean of the last 20 steps. At the start one batch of 64 images measures, and the last, linear layer has "
    "torch's own initial weights: with the race's zeros no gradient would pass it.",
    reduced="One learning rate instead of two, one depth fewer, one seed, and the images of small MNIST.",
    live=True,
)
