"""You forgot ``model.eval()``: BN that takes the statistics of whatever batch it is tested in."""

from __future__ import annotations

import statistics

import plotly.graph_objects as go

from core.experiments.companies import BATCH, OF_ALL, SHARES, SIZES, measure_companies
from core.experiments.experiment import Check, Experiment, Prediction, Scalar, Source
from core.experiments.figures import Axis, Line, Panel, in_words, line, panels_figure
from core.experiments.study_networks import BN, METHODS, PLAIN_BN, label, study_networks
from core.experiments.table import Table
from core.labels import listed

BATCH_NORM, PLAIN = label(BN), label(PLAIN_BN)
OWN_STATISTICS = tuple(method for method in METHODS if method[0] not in ("bn", "none"))
"""Whose answers depend on no other image."""
ITS, OTHERS = f"{BATCH_NORM}, the class", f"{BATCH_NORM}, the others"
IN_RANDOM, OF_ONE_CLASS = "Random batches", f"One class in batches of {BATCH}"
SIZE = Axis(title="Images in a batch", log=True, span=(0.85, 600), ticks=(1, 2, 8, 32, 128, 512))
SHARE = Axis(title="Share of the class (%)", span=(8, 102), ticks=(10, 30, 50, 70, 90))
Y = Axis(title="Test error (%)")
MOST, LARGE = 90, 128
SEVENS = "7"

OPTIONS = (
    "The six other digits: they are rare and judged by the statistics of sevens",
    "The sevens, of which there are most",
    "Both alike",
    "Nobody: the network is trained",
)
NEITHER = 5.0
"""Points: who suffers less than that more than in inference, or than the other, does not stand out."""

MAJORITY = (
    "Where {most} % of a batch of {batch} are of one class, {bn} in training mode is wrong in {its:.1f} % of them and "
    "in {others:.1f} % of the others: what all have in common is subtracted as the mean of the channel, and the "
    "majority loses what it is known by."
)
NO_MAJORITY = (
    "Where {most} % of a batch of {batch} are of one class, {bn} in training mode is wrong in {its:.1f} % of them and "
    "in {others:.1f} % of the others."
)
SMALL = (
    "In random batches it is wrong in {one:.1f} % alone, in {two:.1f} % in pairs and in {large:.1f} % among {count}; "
    "in inference mode in {inference:.1f} %."
)
FLAT = "No answer of {names} depends on the rest of the batch: one measurement, drawn flat."


def _inference(table: Table, network: str) -> tuple[float, ...]:
    return tuple(table.by_seed("error", network=network, varied="inference").values())


def _flat(table: Table, x: tuple[int, ...]) -> list[Line]:
    return [
        Line(label=label(m), norm=m[0], x=tuple(map(float, x)), values=(errors,) * len(x))
        for m in OWN_STATISTICS
        if (errors := _inference(table, label(m)))
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


def _at(table: Table, varied: str, amount: float, **where: Scalar) -> float:
    return table.mean("error", network=BATCH_NORM, varied=varied, amount=amount, **where)


def _majority(table: Table, of: str) -> tuple[float, float, float]:
    """With 90 % of one class: the error on its images, on the others, and of inference mode."""
    its, others = (_at(table, varied, MOST, **{"class": of}) for varied in ("its images", "the others"))
    return its, others, statistics.fmean(_inference(table, BATCH_NORM))


def who_suffers(table: Table, of: str = SEVENS) -> str:
    """The right one of ``OPTIONS``, where the batch is full of the class ``of``."""
    its, others, inference = _majority(table, of)
    if max(its, others) - inference < NEITHER:
        return OPTIONS[3]
    if abs(its - others) < NEITHER:
        return OPTIONS[2]
    return OPTIONS[1] if its > others else OPTIONS[0]


def seen(table: Table) -> str:
    """What the numbers say."""
    its, others, inference = _majority(table, OF_ALL)
    first = MAJORITY if who_suffers(table, OF_ALL) == OPTIONS[1] else NO_MAJORITY
    one, two, large = (_at(table, "size", size) for size in (1, 2, LARGE))
    sentences = (
        first.format(most=MOST, batch=BATCH, bn=BATCH_NORM, its=its, others=others),
        SMALL.format(one=one, two=two, large=large, count=LARGE, inference=inference),
        FLAT.format(names=listed([label(method) for method in OWN_STATISTICS])),
    )
    return " ".join(sentences)


def _check(statement: str, margin: float, network: str, more: dict[str, Scalar], less: dict[str, Scalar]) -> Check:
    return Check(
        statement=statement.format(network=network),
        margin=margin,
        difference=lambda table: table.difference("error", {"network": network, **more}, {"network": network, **less}),
    )


def _share(varied: str, share: int) -> dict[str, Scalar]:
    return {"varied": varied, "amount": share, "class": OF_ALL}


def _size(size: int) -> dict[str, Scalar]:
    return {"varied": "size", "amount": size}


BY_SIZE = "{network} in training mode has a higher error on pairs of images than on batches of 128."
BY_CLASS = (
    "Where 90 % of a batch of 64 are of one class, {network} in training mode has a higher error on that class than on "
    "the others."
)
ALONE = "On batches of one class {network} has a higher error in training mode than in inference mode."
CHECKS = (
    _check(BY_SIZE, 5, BATCH_NORM, _size(2), _size(LARGE)),
    _check(BY_CLASS, 10, BATCH_NORM, _share("its images", MOST), _share("the others", MOST)),
    _check(BY_CLASS, 10, PLAIN, _share("its images", MOST), _share("the others", MOST)),
    _check(ALONE, 10, BATCH_NORM, _share("its images", 100), {"varied": "inference", "amount": 0}),
)

FORGOT_EVAL = Experiment(
    name="forgot-eval",
    title="You forgot model.eval()",
    question="A trained network is tested in training mode. Does it matter which images share a batch?",
    claim="In training mode BN takes the statistics of the batch at hand, so an image's answer depends on the other "
    "images; in inference the output should depend on the input alone, and BN needs fixed statistics for that.",
    source=Source(
        paper="Ioffe and Szegedy 2015",
        arxiv="1502.03167",
        place="Section 3.1",
        closest="The claim that comes closest: the same weights, tested with running averages, with precise "
        "statistics and with those of the batch at hand, differ (Wu and Johnson 2021, arXiv 2105.07576).",
    ),
    prediction=Prediction(
        question="A batch of 64 holds 58 sevens and 6 other digits, and BN is still in training mode. Who suffers?",
        options=OPTIONS,
        right=who_suffers,
    ),
    trials=lambda seeds, quick: study_networks((BN, PLAIN_BN, *OWN_STATISTICS), seeds, quick=quick),
    measure=measure_companies,
    picture=picture,
    words=words,
    seen=seen,
    checks=CHECKS,
    terms="No training: the networks are the study's, trained for 20 epochs on MNIST. Each of the first 10,000 test "
    "images is in one random batch of each size; for every class and share 16 batches of 64 are drawn. BN without L1 "
    "and IN have the seeds 0 to 2, the study has no others.",
    reduced="One seed, and 1,000 test images instead of 10,000.",
    live=True,
)
