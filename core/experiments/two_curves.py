"""Running against precise statistics of the same weights, step by step (arXiv 2105.07576)."""

from __future__ import annotations

import copy
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise

import plotly.graph_objects as go

from core.catalogue import NORMS, DatasetName, NormName
from core.experiments.averages import RunningAverage, loss_and_error
from core.experiments.data import network_input, part
from core.experiments.experiment import Check, Context, Experiment, Prediction, Row, Scalar, Source, judge
from core.experiments.figures import Axis, Line, in_words, lines_figure
from core.experiments.settings import LabConfig
from core.experiments.statistics import batch_norms, reestimated
from core.experiments.table import Table
from core.experiments.training import LabTraining
from core.labels import listed

NORMS_HERE: tuple[NormName, ...] = ("bn", "gn", "ln")
TRAINING = partial(LabConfig, batch_size=64, epochs=2, steps=100, lr=0.03, momentum=0.9)
"""Chosen on held-out training images with seeds 0 to 2, so that all three norms learn."""
EVERY = 2
"""Steps from one test to the next."""
PRECISE_IMAGES = 1000
"""Training images of the precise statistics; arXiv 2105.07576 takes 1,000 to 10,000."""
MOMENTUM = 0.1
"""Of the running average: torch's default, the weight of the new batch."""
OTHER_MOMENTA = (0.01, 0.3, 1.0)
MARGIN = 0.5
MARGIN_TO_OTHERS = 0.1


def trials(seeds: Sequence[int], quick: bool) -> list[LabConfig]:
    """One training for every norm."""
    dataset: DatasetName = "mnist-small" if quick else "mnist"
    return [TRAINING(norm=norm, dataset=dataset, seed=seed) for seed in seeds for norm in NORMS_HERE]


def measure(config: LabConfig, context: Context) -> list[Row]:
    """Train, and every second step test the weights of that moment with each kind of statistics."""
    data = part(context.data(config.dataset), config)
    training = LabTraining(config, data)
    x, labels = network_input(data.test_images, data), data.test_labels
    some = network_input(data.train_images[:PRECISE_IMAGES], data)
    for layer in batch_norms(training.model):
        layer.momentum = 1.0  # the buffers then hold the last batch's, and training is as ever
    averages = [RunningAverage(training.model, m) for m in (MOMENTUM, *OTHER_MOMENTA)] if config.norm == "bn" else []
    rows: list[Row] = []
    for step in training:
        context.tell(step.number / step.of)
        for average in averages:
            average.add(training.model)
        if step.number % EVERY:
            continue
        place: dict[str, Scalar] = {"norm": config.norm, "seed": config.seed, "step": step.number}
        for average in averages:
            found = loss_and_error(average.applied(training.model), x, labels)
            rows.append({**place, "statistics": "running", "momentum": average.momentum, **found})
        only = reestimated(training.model, some) if averages else copy.deepcopy(training.model).eval()
        rows.append({**place, "statistics": "precise" if averages else "own", **loss_and_error(only, x, labels)})
    return rows


def rises(losses: Sequence[float]) -> float:
    """The sum of all rises from one test to the next; what falls does not count."""
    return sum(max(after - before, 0.0) for before, after in pairwise(losses))


KINDS: Mapping[str, Mapping[str, str | float]] = {
    "running": {"norm": "bn", "statistics": "running", "momentum": MOMENTUM},
    "precise": {"norm": "bn", "statistics": "precise"},
    "gn": {"norm": "gn"},
    "ln": {"norm": "ln"},
}
NORM_OF: Mapping[str, NormName] = {"running": "bn", "precise": "bn", "gn": "gn", "ln": "ln"}
LABELS = {"running": "BN, running", "precise": "BN, precise", "gn": NORMS["gn"].label(4), "ln": NORMS["ln"].label(1)}


def _losses(table: Table, **where: Scalar) -> dict[float, float]:
    rows = [row for row in table.rows if all(row.get(name) == wanted for name, wanted in where.items())]
    found = {row.get("step"): row.get("loss") for row in rows}
    return {at: v for at, v in found.items() if isinstance(at, int) and isinstance(v, int | float) and math.isfinite(v)}


def summed(table: Table, **where: Scalar) -> dict[int, float]:
    """The rises of the test loss by seed, nats, of the rows that have all of ``where``."""
    each = {seed: _losses(table, seed=seed, **where) for seed in table.seeds}
    return {seed: rises(list(losses.values())) for seed, losses in each.items() if losses}


def more_than_precise(table: Table) -> dict[int, float]:
    """Rises with running statistics minus those with precise ones, nats by seed."""
    return _minus(summed(table, **KINDS["running"]), summed(table, **KINDS["precise"]))


def more_than_others(table: Table) -> dict[int, float]:
    """Rises of BN with running statistics minus those of GN or LN, whichever has more, nats by seed."""
    return _minus(summed(table, **KINDS["running"]), _of_both(table, max))


def less_than_others(table: Table) -> dict[int, float]:
    """Rises of GN or LN, whichever has fewer, minus those of BN with precise statistics, nats by seed."""
    return _minus(_of_both(table, min), summed(table, **KINDS["precise"]))


def _minus(more: Mapping[int, float], less: Mapping[int, float]) -> dict[int, float]:
    return {seed: more[seed] - less[seed] for seed in more if seed in less}


def _of_both(table: Table, choose: Callable[[float, float], float]) -> dict[int, float]:
    gn, ln = (summed(table, **KINDS[norm]) for norm in ("gn", "ln"))
    return {seed: choose(gn[seed], ln[seed]) for seed in gn if seed in ln}


X = Axis(title="Steps of the optimizer")
Y = Axis(title="Test loss (cross-entropy)", log=True, ticks=(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10))
TITLE = "One network, two test curves"
SUBTITLE = "Seed {seed}: one training of each norm, tested every {every} steps on {images:,} test images."


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
    sums = [SUM.format(line=LABELS[kind], rises=_mean(of)) for kind, of in found.items() if of]
    shown = in_words(lines(table, table.seeds[0], 10), x=X, y=Y)
    return WORDS.format(seed=table.seeds[0], shown=shown, sums="; ".join(sums))


WORDS = "Seed {seed}. {shown} Sum of all rises in nats, mean of the seeds: {sums}."
SUM = "{line}: {rises:.2f}"


def _mean(values: Mapping[int, float]) -> float:
    return statistics.fmean(values.values()) if values else math.nan


TWO_SUMS = (
    "With the running statistics, BN's test loss rises by {running:.2f} nats in all over {steps} steps; with precise "
    "statistics of the very same weights, by {precise:.2f}."
)
BOOKKEEPING = (
    "So {share:.0f} % of the rises are bookkeeping: the weights were not getting worse, but the running averages still "
    "describe the networks of earlier steps while the weights move fast."
)
NO_BOOKKEEPING = "Here the running statistics do not make the loss rise by {margin:g} nat more in every seed."
SOONER = "The sooner the average forgets, the less of this: {sums}."
MOMENTA = "With other momenta of the average it rises by {sums}."
ONE_MOMENTUM = "{rises:.2f} nats at momentum {momentum:g}"
OTHERS = "GN and LN keep no averages; their test losses rise by {gn:.2f} and {ln:.2f} nats."
STUDY = (
    "With running statistics BN is the most restless of the three, with precise ones the calmest. That fits the "
    "study, which tests with running statistics: BN + L1 fluctuates more there in its first epochs than GN and LN."
)


def seen(table: Table) -> str:
    """How much of the rises is bookkeeping, and how BN then compares with GN and LN."""
    mean = {kind: _mean(summed(table, **where)) for kind, where in KINDS.items()}
    steps = max(int(step) for step in table.distinct("step"))
    said = [TWO_SUMS.format(running=mean["running"], steps=steps, precise=mean["precise"])]
    reproduced = judge(more_than_precise(table), MARGIN) == "reproduced"
    if reproduced:
        said.append(BOOKKEEPING.format(share=100 * (1 - mean["precise"] / mean["running"])))
        said.append(_momenta(table))
    else:
        said.append(NO_BOOKKEEPING.format(margin=MARGIN))
    said.append(OTHERS.format(gn=mean["gn"], ln=mean["ln"]))
    calmest = judge(less_than_others(table), MARGIN_TO_OTHERS) == "reproduced"
    if reproduced and calmest and judge(more_than_others(table), MARGIN_TO_OTHERS) == "reproduced":
        said.append(STUDY)
    return " ".join(said)


def _momenta(table: Table) -> str:
    momenta = (MOMENTUM, *OTHER_MOMENTA)
    found = {m: _mean(summed(table, **{**KINDS["running"], "momentum": m})) for m in momenta}
    sooner = [m for m in momenta if m >= MOMENTUM]
    falls = all(found[more] < found[less] for less, more in pairwise(sooner))
    shown = sooner[1:] if falls else OTHER_MOMENTA
    sums = listed([ONE_MOMENTUM.format(rises=found[m], momentum=m) for m in shown])
    return (SOONER if falls else MOMENTA).format(sums=sums)


NO_RISE, LITTLE, HALF, NEARLY_ALL = (
    "Yes, nearly always: a loss that rises means a worse network",
    "Mostly: about a quarter of the rises are not the weights' doing",
    "About half of the time",
    "Hardly ever: more than three quarters of the rises are not the weights' doing",
)


def right(table: Table) -> str:
    """The option that fits the share of the rises that precise statistics do not show, mean over seeds."""
    running, precise = (_mean(summed(table, **KINDS[kind])) for kind in ("running", "precise"))
    share = 1 - precise / running if running else 0.0
    if share < 0.125:
        return NO_RISE
    return LITTLE if share < 0.375 else HALF if share < 0.75 else NEARLY_ALL


TWO_CURVES = Experiment(
    name="two-curves",
    title="One network, two test curves",
    question="When BN's test loss jumps, has the network become worse?",
    claim=(
        "Early in training the running averages lag behind the weights; precise statistics of the same weights test "
        "better and more steadily."
    ),
    source=Source(
        paper="Wu and Johnson 2021, Rethinking “Batch” in BatchNorm",
        arxiv="2105.07576",
        place="the comparison of running averages with precise statistics",
        closest="The claim that comes closest: the same weights differ when they are tested with the one and with "
        "the other, and 1,000 to 10,000 images make statistics precise.",
    ),
    prediction=Prediction(
        question="BN's test loss jumps up and down early in training. Does the network get worse whenever it jumps up?",
        options=(NO_RISE, LITTLE, HALF, NEARLY_ALL),
        right=right,
    ),
    trials=trials,
    measure=measure,
    picture=picture,
    words=words,
    seen=seen,
    checks=(
        Check(
            statement="On the same weights, BN's test loss rises more with running statistics than with precise ones.",
            margin=MARGIN,
            difference=more_than_precise,
            unit="nats",
        ),
        Check(
            statement="With running statistics, BN's test loss rises more than GN's and LN's.",
            margin=MARGIN_TO_OTHERS,
            difference=more_than_others,
            unit="nats",
        ),
        Check(
            statement="With precise statistics, BN's test loss rises less than GN's and LN's.",
            margin=MARGIN_TO_OTHERS,
            difference=less_than_others,
            unit="nats",
        ),
    ),
    terms=(
        "Every network takes 100 steps on batches of 64, by SGD with momentum 0.9 and a constant learning rate of "
        "0.03; no clipping, no warm-up, no augmentation. Every second step the weights of that moment are tested; the "
        "sum of all rises from one test to the next counts. Precise statistics are those of 1,000 training images."
    ),
    reduced="One seed, on the small MNIST that comes with the app.",
)
