"""Turn down the light: what becomes of trained networks when the images fade."""

from __future__ import annotations

from functools import partial

from core.experiments.by_seed import difference
from core.experiments.experiment import Check, Experiment, Prediction, Source
from core.experiments.light_seen import OPTIONS, right, seen
from core.experiments.light_shown import BATCH, BATCH_NEW, CONTRAST, GROUP, INSTANCE, LAYER, NOTHING, views
from core.experiments.shifts import DIM, REESTIMATED, measure_shifts
from core.experiments.study_networks import METHODS, MOST_OTHERS, PLAIN_BN, label, study_networks

PLAIN, PLAIN_NEW = label(PLAIN_BN), REESTIMATED.format(label=label(PLAIN_BN))
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

SEEN = partial(seen, MARGIN)

LIGHT = Experiment(
    name="light",
    title="Turn down the light",
    question="Trained networks get images with less contrast, more brightness or noise. Which of them still read them?",
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
        question="The contrast falls, down to a fifth; you still read every digit. Which network fails "
        "first, with an error above one half?",
        options=OPTIONS,
        right=right,
    ),
    trials=lambda seeds, quick: study_networks((*METHODS, PLAIN_BN), seeds, quick=quick),
    measure=measure_shifts,
    picture=CONTRAST.picture,
    words=CONTRAST.words,
    seen=SEEN,
    views=views(SEEN),
    checks=(*CHECKS, INVERSION),
    terms=f"No training: the networks are the study's, trained for 20 epochs on MNIST with brightness and contrast "
    f"within 10 %. They are judged on the first 10,000 test images, new statistics are taken from {MOST_OTHERS} "
    f"training images. {INSTANCE} and {NOTHING} have the seeds 0 to 2, the study has no others.",
    reduced="One seed, and 1,000 test images instead of 10,000.",
    live=True,
)
