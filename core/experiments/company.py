"""Trained on batches of one class, BN reads the answer off the company that an image keeps (arXiv 1702.03275)."""

from __future__ import annotations

from functools import partial

from core.experiments.company_seen import ALIKE, LESS, MUCH, SOMEWHAT, costs_more, gap, least, right, seen
from core.experiments.company_shown import picture, words
from core.experiments.company_trained import measure, trials
from core.experiments.experiment import Check, Experiment, Prediction, Source

CHECKS = (
    Check(
        statement=(
            "Trained on batches of one class, BN errs more in inference than in such batches, on every data set."
        ),
        margin=10.0,
        difference=partial(least, gap),
    ),
    Check(
        statement=(
            "Training on batches of one class instead of random ones costs BN more in inference than GN and LN, "
            "on every data set."
        ),
        margin=5.0,
        difference=partial(least, costs_more),
    ),
)

COMPANY = Experiment(
    name="company",
    title="It learned, but not for you",
    question="What does a network learn from batches whose images are all of one class?",
    claim=(
        "A network with BN that is trained on batches that are no random sample fits the make-up of its batches, and "
        "does worse on single images than its training suggests."
    ),
    source=Source(
        paper="Ioffe 2017, Batch Renormalization",
        arxiv="1702.03275",
        place="Abstract",
        closest="The claim that comes closest: BN becomes less effective where training batches are small or are "
        "no independent samples.",
    ),
    prediction=Prediction(
        question=(
            "A network with BN was trained on batches of one class. How often does it err in inference, image by "
            "image, compared with test batches of one class?"
        ),
        options=(LESS, ALIKE, SOMEWHAT, MUCH),
        right=right,
    ),
    trials=trials,
    measure=measure,
    picture=picture,
    words=words,
    seen=partial(seen, CHECKS[0]),
    checks=CHECKS,
    terms=(
        "Every network learns 6,000 images twice in batches of 4, by SGD with momentum 0.9 and a learning rate that "
        "falls from 0.001 to 0 along a cosine; no clipping, no warm-up, no augmentation. A seed's value in a verdict "
        "is the least over the data sets."
    ),
    reduced="One seed, and 1,000 test images of the small MNIST that comes with the app; Fashion-MNIST is left out.",
)
