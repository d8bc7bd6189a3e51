"""What can be thrown away? The error of the study's networks without their smallest weights."""

from __future__ import annotations

from functools import partial

from core.experiments.experiment import Check, Experiment, Prediction, Source
from core.experiments.pruned import measure
from core.experiments.pruning_networks import BN, BN_L1, GN, GN_L1, LN, LN_L2, trials
from core.experiments.pruning_seen import OPTIONS, gain, right, seen
from core.experiments.pruning_shown import picture, words
from core.experiments.table import Table

MARGIN = 15
"""Points of share: below, a gain counts as none."""


def short_of_a_gain(table: Table) -> dict[int, float]:
    """By seed what LN's gain by L2 lacks of one that would count: positive where there is none."""
    return {seed: MARGIN - value for seed, value in gain(table, LN_L2, LN).items()}


PRUNING = Experiment(
    name="pruning",
    title="What can be thrown away?",
    question="How many weights of a trained network can be set to 0, and what do L1 and L2 have to do with it?",
    claim="Most weights of a trained network can be removed, and without retraining more of them where it had learned "
    "with L1 than with L2.",
    source=Source(
        paper="Han et al., 2015",
        arxiv="1506.02626",
        place="Abstract",
        published="Of the 61 million weights of AlexNet 6.7 million were left without a loss of accuracy on ImageNet, "
        "pruned and trained again.",
    ),
    prediction=Prediction(
        question="How many of the weights of BN + L1 can be set to 0, the smallest first and without any training "
        "afterwards, before the error rises by more than half a point?",
        options=OPTIONS,
        right=right,
    ),
    trials=trials,
    measure=measure,
    picture=picture,
    words=words,
    seen=partial(seen, MARGIN),
    checks=(
        Check(
            statement="With L1 more of BN's weights can be removed at half a point of error",
            margin=MARGIN,
            difference=partial(gain, more=BN_L1, less=BN),
            unit="points of share",
        ),
        Check(
            statement="With L1 more of GN's weights can be removed at half a point of error",
            margin=MARGIN,
            difference=partial(gain, more=GN_L1, less=GN),
            unit="points of share",
        ),
        Check(
            statement=f"With L2 less than {MARGIN} points of share more of LN's weights can be removed at half a point "
            f"of error (by seed: how far the gain stays below {MARGIN})",
            margin=0,
            difference=short_of_a_gain,
            unit="points of share",
        ),
    ),
    terms="Nothing is trained: these are the networks of the study, every one that has the method. The weights of "
    "convolutions and linear layer that are smallest beside the RMS of their own filter are set to 0, so many that the "
    "share is exact. Of each method there are five to eight seeds.",
    reduced="One seed instead of three to eight, and 1,000 test images instead of 10,000: one image is 0.1 points of "
    "error.",
    live=True,
)
