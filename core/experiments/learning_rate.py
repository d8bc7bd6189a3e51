"""How fast can you learn? The loss that a constant learning rate leaves, by the norm."""

from __future__ import annotations

from core.experiments.experiment import Check, Experiment, Prediction, Source
from core.experiments.learning_rate_seen import OPTIONS, right, seen
from core.experiments.learning_rate_shown import picture, words
from core.experiments.learning_rate_trained import measure, trials
from core.experiments.learning_rate_usable import above_others, higher_rate, lower_loss, others_higher

LEARNING_RATE = Experiment(
    name="learning-rate",
    title="How fast can you learn?",
    question="How large a learning rate does a network stand, with and without a norm?",
    claim="With Batch Normalization a network stands learning rates many times as large, and learns faster for it.",
    source=Source(
        paper="Ioffe and Szegedy 2015",
        arxiv="1502.03167",
        place="Figure 3 and section 4.2",
        published="Steps to 72.2 % on ImageNet, in millions: Inception 31.0; with BN 13.3; with BN and 5 times the "
        "learning rate 2.1, 30 times 2.7. Without BN, 5 times the rate diverged.",
    ),
    prediction=Prediction(
        question="By how much may the learning rate grow when BN is added to a network without a norm?",
        options=OPTIONS,
        right=right,
    ),
    trials=trials,
    measure=measure,
    picture=picture,
    words=words,
    seen=seen,
    checks=(
        Check(
            statement="At its best learning rate, BN reaches a lower training loss than no norm with He initialization",
            margin=0.5,
            difference=lower_loss,
            unit="halvings of the loss",
        ),
        Check(
            statement="BN stands a larger learning rate than no norm with He initialization",
            margin=1.5,
            difference=higher_rate,
            unit="doublings of the learning rate",
        ),
        Check(
            statement="LN and GN, too, stand a larger learning rate than no norm with He initialization",
            margin=1.5,
            difference=others_higher,
            unit="doublings of the learning rate",
        ),
        Check(
            statement="BN stands a larger learning rate than LN and GN",
            margin=1.5,
            difference=above_others,
            unit="doublings of the learning rate",
        ),
    ),
    terms="The race's network on 6,000 images of MNIST, in batches of 64; SGD with momentum 0.9 at a constant learning "
    "rate, without warm-up, clipping or augmentation. The loss is the mean of the last 20 steps of 300; "
    "a rate is usable where that is below 1 with every seed.",
    reduced="100 steps instead of 300, six learning rates instead of ten, one seed, and the images of small MNIST.",
)
