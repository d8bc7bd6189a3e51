"""Turn down the light: what becomes of trained networks when the images fade."""

from __future__ import annotations

from core.experiments.by_seed import difference
from core.experiments.experiment import Check, Experiment, Prediction, Source
from core.experiments.light_shown import (
    BATCH,
    BATCH_NEW,
    CONTRAST,
    GROUP,
    INSTANCE,
    LABELS,
    LAYER,
    NOTHING,
    error_at,
    views,
)
from core.experiments.shifts import CONTRASTS, DIM, REESTIMATED, measure_shifts
from core.experiments.study_networks import METHODS, MOST_OTHERS, PLAIN_BN, label, study_networks
from core.experiments.table import Table

FAILED = 50.0
"""The error in percent above which a network has failed."""
PLAIN, PLAIN_NEW = label(PLAIN_BN), REESTIMATED.format(label=label(PLAIN_BN))

OPTIONS = (f"{BATCH}, with its stored statistics", f"{GROUP} or {LAYER}", INSTANCE, "The one without a norm")
OPTION_OF = dict(zip((BATCH, GROUP, LAYER, INSTANCE, NOTHING), (OPTIONS[i] for i in (0, 1, 1, 2, 3)), strict=True))

STATISTICS_WERE_WRONG = (
    "At contrast {dim:g} {bn} is wrong in {stored:.1f} % of the images, and in {new:.1f} % once its means and "
    "variances are taken from {count} other images, just as dim and without labels: the weights were fine, the stored "
    "statistics were not. Dimming multiplies and shifts every channel of the first layer as a whole, and that is what "
    "new statistics take out."
)
STATISTICS_DO = (
    "At contrast {dim:g} {bn} is wrong in {stored:.1f} % of the images with its stored statistics, and in {new:.1f} % "
    "with means and variances of {count} other images, just as dim: here new statistics make no large difference."
)
OTHERS = (
    "{gn}, {ln} and {instance}, which take every image's own statistics, are wrong in {of_gn:.1f}, {of_ln:.1f} and "
    "{of_in:.1f} %; without a norm it is {of_none:.1f} %."
)
FEW_AND_MIXED = (
    "With statistics of only {few} dim images {bn} is wrong in {of_few:.1f} %; with those of clean and dim images in "
    "equal parts, in {of_dim:.1f} % of the dim ones and {of_clean:.1f} % of the clean ones."
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


def seen(table: Table) -> str:
    """What the numbers say."""
    dim = {name: error_at(table, name, "contrast", DIM) for name in (*LABELS, BATCH_NEW)}
    stored, new = dim[BATCH], dim[BATCH_NEW]
    first = STATISTICS_WERE_WRONG if stored - new > MARGIN else STATISTICS_DO
    few = 4
    sentences = (
        first.format(dim=DIM, bn=BATCH, stored=stored, new=new, count=MOST_OTHERS),
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
    return " ".join(sentences)


MARGIN = 10.0
"""Points, of every check."""


def _check(statement: str, more: str, less: str, varied: str, amount: float) -> Check:
    return Check(
        statement=statement.format(more=more, less=less, amount=amount),
        margin=MARGIN,
        difference=difference("error", {"network": more}, {"network": less}, varied=varied, amount=amount),
    )


STORED = "With the stored statistics the error is higher than with re-estimated ones: {more}, "
CHECKS = (
    _check(STORED + "contrast {amount:g}.", BATCH, BATCH_NEW, "contrast", DIM),
    _check(STORED + "contrast {amount:g}.", PLAIN, PLAIN_NEW, "contrast", DIM),
    _check(STORED + "brightness +{amount:g}.", BATCH, BATCH_NEW, "brightness", 0.5),
    _check(STORED + "noise of standard deviation {amount:g}.", BATCH, BATCH_NEW, "noise", 0.3),
    _check("At contrast {amount:g} {more} has a higher error than {less}.", BATCH, GROUP, "contrast", DIM),
    _check("At contrast {amount:g} {more} has a higher error than {less}.", BATCH, LAYER, "contrast", DIM),
)
INVERSION = Check(
    statement=f"Control: new statistics do not undo an inversion; {BATCH_NEW}, has a higher error on inverted images "
    "than on the images as they are.",
    margin=MARGIN,
    difference=difference("error", {"varied": "inverted"}, {"varied": "contrast"}, network=BATCH_NEW, amount=1.0),
)

LIGHT = Experiment(
    name="light",
    title="Turn down the light",
    question="Trained networks get images with less ink, more brightness or noise. Which of them still read?",
    claim="BN fails on images unlike those of its training because its stored means and variances are theirs; taking "
    "them anew from the changed images, without labels and without training, brings much of the accuracy back.",
    source=Source(
        paper="Schneider et al. 2020",
        arxiv="2006.16971",
        place="Abstract",
        published="With statistics of the corrupted images the mean corruption error of a ResNet-50 on ImageNet-C is "
        "62.2 % instead of 76.7 %.",
    ),
    prediction=Prediction(
        question="The ink fades until only a fifth of it is left; you still read every digit. Which network fails "
        "first, with an error above one half?",
        options=OPTIONS,
        right=lambda table: OPTION_OF[fails_first(table)],
    ),
    trials=lambda seeds, quick: study_networks((*METHODS, PLAIN_BN), seeds, quick=quick),
    measure=measure_shifts,
    picture=CONTRAST.picture,
    words=CONTRAST.words,
    seen=seen,
    views=views(seen),
    checks=(*CHECKS, INVERSION),
    terms=f"No training: the networks are the study's, trained for 20 epochs on MNIST with brightness and contrast "
    f"within 10 %. They are judged on the first 10,000 test images, new statistics are taken from {MOST_OTHERS} "
    f"training images. {INSTANCE}, {NOTHING} and {PLAIN} without L1 have the seeds 0 to 2, the study has no others.",
    reduced="One seed, and 1,000 test images instead of 10,000.",
    live=True,
)
