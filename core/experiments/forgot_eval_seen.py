"""What the table of ``forgot_eval`` says: who suffers from the company that an image keeps."""

from __future__ import annotations

import statistics

from core.experiments.companies import BATCH, OF_ALL
from core.experiments.experiment import Scalar
from core.experiments.forgot_eval_shown import BATCH_NORM, OWN_STATISTICS, inference_errors
from core.experiments.said import in_two
from core.experiments.study_networks import label
from core.experiments.table import Table
from core.labels import listed

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

ONE_CLASS = (
    "Where {most} % of a batch of {batch} are of one class, {bn} in training mode is wrong on {its:.1f} % of them and "
    "on {others:.1f} % of the others."
)
WHY = "What all have in common is subtracted as the mean of the channel, and the majority loses what it is known by."
SMALL = (
    "In random batches {bn} is wrong on {one:.1f} % of the images one at a time, on {two:.1f} % in pairs and on "
    "{large:.1f} % among {count}; in inference mode on {inference:.1f} %."
)
FLAT = "The answers of {names} do not depend on the rest of the batch: their lines are flat."


def _at(table: Table, varied: str, amount: float, **where: Scalar) -> float:
    return table.mean("error", network=BATCH_NORM, varied=varied, amount=amount, **where)


def _majority(table: Table, of: str) -> tuple[float, float, float]:
    """With 90 % of one class: the error on its images, on the others, and of inference mode."""
    its, others = (_at(table, varied, MOST, **{"class": of}) for varied in ("its images", "the others"))
    return its, others, statistics.fmean(inference_errors(table, BATCH_NORM))


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
    one, two, large = (_at(table, "size", size) for size in (1, 2, LARGE))
    more = (
        WHY if who_suffers(table, OF_ALL) == OPTIONS[1] else "",
        SMALL.format(bn=BATCH_NORM, one=one, two=two, large=large, count=LARGE, inference=inference),
        FLAT.format(names=listed([label(method) for method in OWN_STATISTICS])),
    )
    return in_two([ONE_CLASS.format(most=MOST, batch=BATCH, bn=BATCH_NORM, its=its, others=others)], more)
