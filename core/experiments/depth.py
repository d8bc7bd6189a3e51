"""How deep can you go? Activations and gradients at the start, by layer, and what twenty convolutions learn."""

from __future__ import annotations

from functools import partial

from core.experiments.depth_seen import OPTIONS, above_bn, explosion, right, seen
from core.experiments.depth_shown import picture, words
from core.experiments.depth_start import WIDTH
from core.experiments.depth_trained import DEEPEST, TRAINED, measure, trials
from core.experiments.experiment import Check, Experiment, Prediction, Source
from core.experiments.nets import NONE, NONE_HE

MARGIN = 1.0
"""Powers of ten by which BN's first gradient must exceed its last, or fall short of it."""

DEPTH = Experiment(
    name="depth",
    title="How deep can you go?",
    question="What do many layers do to activations and gradients, and which networks still learn?",
    claim="A norm keeps activations alive through any number of layers. With Batch Normalization, though, gradients "
    "grow exponentially with depth, whatever the initial weights.",
    source=Source(
        paper="Yang et al. 2019",
        arxiv="1902.08129",
        place="abstract",
        published="A theory of wide, fully connected networks at their start, and no table that compares: with BN the "
        "gradients grow exponentially with depth, and no choice of the initial weights prevents it.",
    ),
    prediction=Prediction(
        question=f"{DEEPEST} convolutions with BN, before any training: how large is the gradient in the first one, "
        "compared with the last?",
        options=OPTIONS,
        right=partial(right, MARGIN),
    ),
    trials=trials,
    measure=measure,
    picture=picture,
    words=words,
    seen=seen,
    checks=(
        Check(
            statement=f"At {TRAINED} convolutions no norm with torch's initialization is left behind by BN",
            margin=0.5,
            difference=partial(above_bn, NONE),
            unit="nats of training loss",
        ),
        Check(
            statement=f"At {TRAINED} convolutions BN learns faster than no norm with He initialization, too",
            margin=0.2,
            difference=partial(above_bn, NONE_HE),
            unit="nats of training loss",
        ),
        Check(
            statement=f"At {DEEPEST} convolutions BN's gradient explodes: it is larger in the first than in the last",
            margin=MARGIN,
            difference=explosion,
            unit="powers of ten",
        ),
    ),
    terms=f"The race's network with {WIDTH} channels instead of 16 and further convolutions behind its five; SGD with "
    "momentum 0.9 at a constant learning rate, batches of 32, without warm-up, clipping or augmentation. The loss is "
    "the mean of the last 20 steps. At the start one batch of 64 images measures, and the last, linear layer has "
    "torch's own initial weights: with the race's zeros no gradient would pass it.",
    reduced="One learning rate instead of two, one depth fewer, one seed, and the images of small MNIST.",
    live=True,
)
