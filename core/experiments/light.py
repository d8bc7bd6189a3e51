"""Turn down the light: what becomes of trained networks when the images fade."""

from __future__ import annotations

import plotly.graph_objects as go

from core.experiments.experiment import Check, Experiment, Prediction, Scalar, Source
from core.experiments.figures import Axis, Line, in_words, line, lines_figure
from core.experiments.shifts import CONTRASTS, DIM, REESTIMATED, measure_shifts
from core.experiments.study_networks import BN, METHODS, MOST_OTHERS, PLAIN_BN, label, study_networks
from core.experiments.table import Table

FAILED = 50.0
"""The error in percent above which a network has failed."""
LABELS = tuple(label(method) for method in METHODS)
BATCH, GROUP, LAYER, INSTANCE, NOTHING = LABELS
BATCH_NEW = REESTIMATED.format(label=BATCH)
PLAIN, PLAIN_NEW = label(PLAIN_BN), REESTIMATED.format(label=label(PLAIN_BN))
X = Axis(title="Contrast: factor of the ink", log=True, span=(1.05, 0.047), ticks=(1, 0.5, 0.3, 0.2, 0.1, 0.05))
Y = Axis(title="Test error (%)", span=(-2, 102))

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


def lines(table: Table) -> list[Line]:
    """Error against contrast, one line a network; the re-estimated BN is a twin of BN."""
    found = [
        line(table, name, method[0], "amount", "error", network=name, varied="contrast")
        for method, name in zip(METHODS, LABELS, strict=True)
    ]
    new = line(table, BATCH_NEW, BN[0], "amount", "error", twin=1, network=BATCH_NEW, varied="contrast")
    return [found[0], new, *found[1:]]


def picture(table: Table) -> go.Figure:
    """Error against contrast, which falls to the right."""
    return lines_figure(lines(table), title="Test error when the ink fades", x=X, y=Y)


def words(table: Table) -> str:
    """The numbers of ``picture``."""
    return in_words(lines(table), x=X, y=Y)


def error_at(table: Table, network: str, varied: str, amount: float) -> float:
    """The mean over seeds, in percent."""
    return table.mean("error", network=network, varied=varied, amount=amount)


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
    where: dict[str, Scalar] = {"varied": varied, "amount": amount}
    return Check(
        statement=statement.format(more=more, less=less, amount=amount),
        margin=MARGIN,
        difference=lambda table: table.difference("error", {"network": more, **where}, {"network": less, **where}),
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
    difference=lambda table: table.difference(
        "error",
        {"network": BATCH_NEW, "varied": "inverted", "amount": 1.0},
        {"network": BATCH_NEW, "varied": "contrast", "amount": 1.0},
    ),
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
    picture=picture,
    words=words,
    seen=seen,
    checks=(*CHECKS, INVERSION),
    terms=f"No training: the networks are the study's, trained for 20 epochs on MNIST with brightness and contrast "
    f"within 10 %. They are judged on the first 10,000 test images, new statistics are taken from {MOST_OTHERS} "
    f"training images. {INSTANCE}, {NOTHING} and {PLAIN} without L1 have the seeds 0 to 2, the study has no others.",
    reduced="One seed, and 1,000 test images instead of 10,000.",
    live=True,
)
