"""What the table of ``company`` says: what one class a batch costs each norm, and why."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from core.catalogue import DATASETS, DatasetName, NormName
from core.experiments.by_seed import BySeed, minus, of_all
from core.experiments.company_trained import NORMS_HERE, PRECISE_IMAGES
from core.experiments.experiment import Check
from core.experiments.said import in_two
from core.experiments.table import Table
from core.labels import listed

EFFECT = (
    "Trained on batches of one class, BN errs far less in such batches ({own}) than in inference ({inference}): it "
    "reads the class off the rest of the batch, which inference takes away."
)
NO_EFFECT = (
    "Trained on batches of one class, BN errs in such batches ({own}) and in inference ({inference}); that is not "
    "{margin:g} points more in every seed."
)
ON = "{error:.1f} % on {dataset}"
WHY = "All images of a batch had one class, and BN's means give it away."
NOT_STALE = (
    "The running averages are not to blame: with fresh statistics of {images:,} training images the error is still "
    "{precise}."
)
OTHERS = "After the same batches GN and LN, whose statistics know no other image, are wrong on {errors}."
OF_OTHERS = "{gn:.1f} and {ln:.1f} % of {dataset}"
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
    own, inference, precise = (_of_bn(table, column) for column in ("own", "inference", "precise"))
    effect = check.answer(table) == "reproduced"
    titles = [DATASETS[dataset].title for dataset in table.distinct("dataset")]
    conclusion = (EFFECT if effect else NO_EFFECT).format(
        own=listed([ON.format(error=error, dataset=title) for error, title in zip(own, titles, strict=True)]),
        inference=_percents(inference),
        margin=check.margin,
    )
    stale = any(later <= now / 2 for now, later in zip(inference, precise, strict=True))
    more = (
        WHY if effect else "",
        NOT_STALE.format(images=PRECISE_IMAGES, precise=_percents(precise)) if effect and not stale else "",
        _others(table),
    )
    return in_two([conclusion], more)


def _percents(errors: Sequence[float]) -> str:
    return listed([f"{error:.1f} %" for error in errors])


def _of_bn(table: Table, column: str) -> list[float]:
    datasets = table.distinct("dataset")
    return [table.mean(column, dataset=dataset, order="one class", norm="bn") for dataset in datasets]


def _others(table: Table) -> str:
    said = []
    for dataset in table.distinct("dataset"):
        where = {"dataset": dataset, "order": "one class"}
        _, gn, ln = (table.mean("inference", **where, norm=norm) for norm in NORMS_HERE)
        said.append(OF_OTHERS.format(dataset=DATASETS[dataset].title, gn=gn, ln=ln))
    return OTHERS.format(errors=listed(said))


def right(table: Table) -> str:
    """The option that fits the mean difference over seeds and data sets."""
    points = statistics.fmean(value for dataset in table.distinct("dataset") for value in gap(table, dataset).values())
    if points < -2:
        return LESS
    return ALIKE if points <= 2 else SOMEWHAT if points <= 10 else MUCH
