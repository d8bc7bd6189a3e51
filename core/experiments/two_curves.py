"""Running against precise statistics of the same weights, step by step (arXiv 2105.07576)."""

from __future__ import annotations

from functools import partial

from core.experiments.experiment import Check, Experiment, Prediction, Source
from core.experiments.two_curves_seen import (
    HALF,
    LITTLE,
    NEARLY_ALL,
    NO_RISE,
    less_than_others,
    more_than_others,
    more_than_precise,
    right,
    seen,
)
from core.experiments.two_curves_shown import picture, words
from core.experiments.two_curves_trained import measure, trials

CHECKS = (
    Check(
        statement="On the same weights, BN's test loss rises more with running statistics than with precise ones.",
        margin=0.5,
        difference=more_than_precise,
        unit="nats",
    ),
    Check(
        statement="With running statistics, BN's test loss rises more than GN's and LN's.",
        margin=0.1,
        difference=more_than_others,
        unit="nats",
    ),
    Check(
        statement="With precise statistics, BN's test loss rises less than GN's and LN's.",
        margin=0.1,
        difference=less_than_others,
        unit="nats",
    ),
)

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
    seen=partial(seen, CHECKS),
    checks=CHECKS,
    terms=(
        "Every network takes 100 steps on batches of 64, by SGD with momentum 0.9 and a constant learning rate of "
        "0.03; no clipping, no warm-up, no augmentation. Every second step the weights of that moment are tested; the "
        "sum of all rises from one test to the next counts. Precise statistics are those of 1,000 training images."
    ),
    reduced="One seed, on the small MNIST that comes with the app.",
)
