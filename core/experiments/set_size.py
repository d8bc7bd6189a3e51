"""How many numbers are in a set? Error against batch size, as the network is and with one number an image a set."""

from __future__ import annotations

from core.experiments.experiment import Check, Experiment, Prediction, Source
from core.experiments.set_size_seen import BROKEN, HARMED, OPTIONS, above_gn, harm, harm_of_parts, right, seen
from core.experiments.set_size_shown import PUBLISHED_IN_WORDS, picture, words
from core.experiments.set_size_trained import measure, trials

SOURCE = Source(
    paper="Wu and He, 2018",
    arxiv="1803.08494",
    place="Table 2",
    published=PUBLISHED_IN_WORDS
    + " An image has 7 x 7 positions in the last layers there: how many numbers are enough depends on the task.",
)

SET_SIZE = Experiment(
    name="set-size",
    title="How many numbers are in a set?",
    question="Is it the small batch that breaks BN, or the small set?",
    claim="BN's error rises quickly as batches get small. GN's does not, because it needs no other image.",
    source=SOURCE,
    prediction=Prediction(
        question="BN takes its statistics from two images at a time. In the network as it is a set holds all positions "
        "of both; pooled before its last norm, each image gives it one number. Where does BN's error end more than ten "
        "points above GN's?",
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
            statement="With two numbers in a set of the last layer, BN has a far higher error than GN (4).",
            margin=BROKEN,
            difference=above_gn,
        ),
        Check(
            statement="In the network as it is, sets of two images give BN a higher error than sets of 32.",
            margin=HARMED,
            difference=harm,
        ),
        Check(
            statement="With one number an image in a set, statistics of two images give BN a far higher error than "
            "statistics of 32, with equal batches, steps and learning rate.",
            margin=BROKEN,
            difference=harm_of_parts,
        ),
    ),
    terms="Plain SGD, momentum 0.9, no clipping, no warm-up; learning rate 0.0125 at batches of 32 and in proportion "
    "at others, falling to 0 along half a cosine; 3 epochs of the first 6,000 training images of MNIST, so that "
    "batches of 2 take 64 times the steps of batches of 128. Sub-batches (ghost batches, arXiv 1705.08741) are "
    "parts of a batch of 32, each with statistics of its own.",
    reduced="One seed, 1 epoch of 6,000 images, tested on 1,000. BN's sets are made small by sub-batches of batches of "
    "32, and GN and LN, to which sub-batches make no difference, are trained once, at 32.",
)
