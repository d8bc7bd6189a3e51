"""What the table of ``light`` says: which network fails first when the contrast falls, and what new statistics do."""

from __future__ import annotations

from core.experiments.light_shown import (
    BATCH,
    BATCH_NEW,
    GROUP,
    INSTANCE,
    LABELS,
    LAYER,
    NOTHING,
    error_at,
)
from core.experiments.said import in_two
from core.experiments.shifts import CONTRASTS, DIM
from core.experiments.study_networks import MOST_OTHERS
from core.experiments.table import Table

FAILED = 50.0
"""The error in percent above which a network has failed."""
OPTIONS = (f"{BATCH}, with its stored statistics", f"{GROUP} or {LAYER}", INSTANCE, "The one without a norm")
OPTION_OF = dict(zip((BATCH, GROUP, LAYER, INSTANCE, NOTHING), (OPTIONS[i] for i in (0, 1, 1, 2, 3)), strict=True))

STATISTICS_WERE_WRONG = (
    "At contrast {dim:g} {bn} is wrong on {stored:.1f} % of the images, and on {new:.1f} % with the means and "
    "variances of {count} other images that are just as dim: the weights were fine, the stored statistics were not."
)
WHY = "Dimming only scales and shifts each channel of the first layer, which new statistics take out."
STATISTICS_DO = (
    "At contrast {dim:g} {bn} is wrong on {stored:.1f} % of the images with its stored statistics, and on {new:.1f} % "
    "with means and variances of {count} other images, just as dim: here new statistics make no large difference."
)
OTHERS = (
    "{gn}, {ln} and {instance}, which take every image's own statistics, are wrong on {of_gn:.1f}, {of_ln:.1f} and "
    "{of_in:.1f} %; without a norm it is {of_none:.1f} %."
)
FEW_AND_MIXED = (
    "With statistics of only {few} dim images {bn} is wrong on {of_few:.1f} %; with those of clean and dim images in "
    "equal parts, on {of_dim:.1f} % of the dim ones and {of_clean:.1f} % of the clean ones."
)


def fails_first(table: Table) -> str:
    """The network that has failed at the highest contrast; of several there, the one with the highest error.

    Where none fails, the one with the highest error at the lowest contrast.
    """
    for contrast in CONTRASTS:
        errors = {name: error_at(table, name, "contrast", contrast) for name in LABELS}
        worst = max(errors, key=errors.__getitem__)
        if errors[worst] > FAILED:
            break
    return worst


def right(table: Table) -> str:
    """The option of the network that fails first."""
    return OPTION_OF[fails_first(table)]


def seen(margin: float, table: Table) -> str:
    """What the numbers say.  margin: points by which new statistics must lower the error to be said to help."""
    dim = {name: error_at(table, name, "contrast", DIM) for name in (*LABELS, BATCH_NEW)}
    stored, new = dim[BATCH], dim[BATCH_NEW]
    helped = stored - new > margin
    first = STATISTICS_WERE_WRONG if helped else STATISTICS_DO
    few = 4
    more = (
        WHY if helped else "",
        OTHERS.format(
            gn=GROUP,
            ln=LAYER,
            instance=INSTANCE,
            of_gn=dim[GROUP],
            of_ln=dim[LAYER],
            of_in=dim[INSTANCE],
            of_none=dim[NOTHING],
        ),
        FEW_AND_MIXED.format(
            few=few,
            bn=BATCH,
            of_few=error_at(table, BATCH_NEW, "images", few),
            of_dim=error_at(table, BATCH_NEW, "dim half", DIM),
            of_clean=error_at(table, BATCH_NEW, "clean half", DIM),
        ),
    )
    return in_two([first.format(dim=DIM, bn=BATCH, stored=stored, new=new, count=MOST_OTHERS)], more)
