"""What the table of ``company`` says: what one class a batch costs each norm, and why."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from core.catalogue import DATASETS, DatasetName, NormName
from core.experiments.by_seed import BySeed, minus, of_all
from core.experiments.company_trained import NORMS_HERE, PRECISE_IMAGES
from core.experiments.experiment import Check
from core.experiments.table import Table
from core.labels import listed

ERRORS = (
    "On {dataset}, BN trained on batches of one class is wrong on {own:.1f} % of the test images in such batches, "
    "and on {inference:.1f} % in inference; GN is wrong on {gn:.1f} % and LN on {ln:.1f} %."
)
WHY = (
    "All images of a batch had one class, and BN's means give it away: the network learned to read the class off the "
    "rest of the batch, which inference takes away."
)
NOT_STALE = (
    "The running averages are not to blame: with fresh statistics of {images:,} training images the error is still "
    "{precise}."
)
NO_EFFECT = "BN's error in inference does not exceed the one in its own kind of batches by {margin:g} points here."
LESS, ALIKE, SOMEWHAT, MUCH = (
    "Less often, by more than 2 points",
    "About as often",
    "More often, by 2 to 10 points",
    "More often, by more than 10 points",
)


def least(of: Callable[[Table, DatasetName], BySeed], table: Table) -> dict[int, float]:
    """By seed, the least value over the data sets of the table, for the seeds that have all of them."""
    return of_all(min, [of(table, dataset) for dataset in table.distinct("dataset")])


def gap(table: Table, dataset: DatasetName) -> dict[int, float]:
    """After training on one class a batch: BN's error in inference minus that in such batches, points by seed."""
    where = {"dataset": dataset, "order": "one class", "norm": "bn"}
    return minus(table.by_seed("inference", **where), table.by_seed("own", **where))


def cost(table: Table, norm: NormName, dataset: DatasetName) -> dict[int, float]:
    """What one class a batch costs a norm in inference, against random batches, points by seed."""
    where = {"dataset": dataset, "norm": norm}
    return table.difference("inference", {**where, "order": "one class"}, {**where, "order": "random"})


def costs_more(table: Table, dataset: DatasetName) -> dict[int, float]:
    """What one class a batch costs BN beyond what it costs GN or LN, whichever is more, points by seed."""
    bn, gn, ln = (cost(table, norm, dataset) for norm in NORMS_HERE)
    return minus(bn, of_all(max, [gn, ln]))


def seen(check: Check, table: Table) -> str:
    """What happened on each data set, and why, where it happened on all.

    check: of ``gap``, with its margin.
    """
    datasets = table.distinct("dataset")
    said = [_errors(table, dataset) for dataset in datasets]
    if check.answer(table) != "reproduced":
        return " ".join([*said, NO_EFFECT.format(margin=check.margin)])
    said.append(WHY)
    inference, precise = (_of_bn(table, column) for column in ("inference", "precise"))
    if all(later > now / 2 for now, later in zip(inference, precise, strict=True)):
        said.append(NOT_STALE.format(images=PRECISE_IMAGES, precise=listed([f"{value:.1f} %" for value in precise])))
    return " ".join(said)


def _of_bn(table: Table, column: str) -> list[float]:
    datasets = table.distinct("dataset")
    return [table.mean(column, dataset=dataset, order="one class", norm="bn") for dataset in datasets]


def _errors(table: Table, dataset: DatasetName) -> str:
    where = {"dataset": dataset, "order": "one class"}
    bn, gn, ln = (table.mean("inference", **where, norm=norm) for norm in NORMS_HERE)
    own = table.mean("own", **where, norm="bn")
    return ERRORS.format(dataset=DATASETS[dataset].title, own=own, inference=bn, gn=gn, ln=ln)


def right(table: Table) -> str:
    """The option that fits the mean difference over seeds and data sets."""
    points = statistics.fmean(value for dataset in table.distinct("dataset") for value in gap(table, dataset).values())
    if points < -2:
        return LESS
    return ALIKE if points <= 2 else SOMEWHAT if points <= 10 else MUCH
