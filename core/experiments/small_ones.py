"""Three small ones: weight standardization at batches of two, weights that grow before a norm, the number of groups."""

from __future__ import annotations

from functools import partial

from core.experiments.by_seed import difference
from core.experiments.experiment import Check, Experiment, Prediction, Source
from core.experiments.small_ones_seen import OPTIONS, grew, right, seen
from core.experiments.small_ones_shown import picture, words
from core.experiments.small_ones_trained import TIMES, measure, trials

TOLD_APART = 0.3
"""Points of error: with 10,000 test images a difference of two networks has a standard error of about 0.17."""

SMALL_ONES = Experiment(
    name="small-ones",
    title="Three small ones",
    question="What do standardized weights, L2 and the number of groups do?",
    claim="Standardizing the weights makes GN at tiny batches as good as BN at large ones (arXiv 1903.10520). Weights "
    "before a norm grow unless L2 holds them, and only their direction counts (arXiv 1706.05350). The number of groups "
    "matters little (arXiv 1803.08494).",
    source=Source(
        paper="Wu and He, 2018",
        arxiv="1803.08494",
        place="Table 3",
        published="ImageNet error of GN with 64, 32, 16, 8, 4, 2 and 1 groups: 24.6, 24.1, 24.6, 24.4, 24.6, 24.7 and "
        "25.3 %.",
    ),
    prediction=Prediction(
        question="GN (4) learns from batches of two images, with a high learning rate. What becomes of its error when "
        "the weights of every filter, too, are brought to mean 0 and one variance?",
        options=OPTIONS,
        right=right,
    ),
    trials=trials,
    measure=measure,
    picture=picture,
    words=words,
    seen=partial(seen, TOLD_APART),
    checks=(
        Check(
            statement="At batches of two and eight times the learning rate, weight standardization lowers the error of "
            "GN (4).",
            margin=TOLD_APART,
            difference=difference(
                "error", {"standardized": False}, {"standardized": True}, norm="gn", batch=2, times=TIMES[-1]
            ),
        ),
        Check(
            statement="Without L2 the squared weights before BN add up to more than twice what they did at first.",
            margin=1.0,
            difference=grew,
            unit="doublings",
        ),
        Check(
            statement="One group for all channels has a higher error than four groups.",
            margin=TOLD_APART,
            difference=difference("error", {"groups": 1}, {"groups": 4}, batch=4),
        ),
    ),
    terms="Plain SGD, momentum 0.9, no clipping, no warm-up, the first 6,000 training images of MNIST. Standardized "
    "weights: batches of 2, 1 epoch, learning rate 0.00078 and eight times that; groups: batches of 4, 1 epoch, "
    "0.0016; both fall to 0 along half a cosine. Weights that grow: BN, batches of 64, 372 steps at a constant 0.05, "
    "with and without an L2 of 0.005; those of the third convolution are shown.",
    reduced="One seed, tested on 1,000 images; standardized weights are trained on 2,000.",
)
