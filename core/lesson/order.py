"""The order of the lesson: seven steps and the questions at the end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outline:
    """One step in words.

    name: of its module.  short: for the row of steps.  question: what it answers.  minutes: that a person takes for it.
    take_home: the one sentence to remember.
    """

    name: str
    short: str
    question: str
    minutes: float
    take_home: str


_IN_ORDER = (
    Outline(
        "why",
        "Why",
        "Why normalize at all?",
        3,
        "Without a norm the size of the numbers changes from layer to layer, and the size of the gradients with it. A "
        "norm sets it anew in every layer, so that a network can be deep and learn in large steps.",
    ),
    Outline(
        "numbers",
        "Numbers",
        "What does it do to numbers?",
        2,
        "x̂ = (x − μ) / σ, then y = γx̂ + β. Mean 0 and deviation 1 may not suit the next layer: γ and β, learned for "
        "each channel, choose them anew.",
    ),
    Outline(
        "sharing",
        "Sets",
        "Who shares a mean?",
        2,
        "BN: one mean for each channel. LN: one for each image. GN: one for each image and group of channels.",
    ),
    Outline(
        "dependence",
        "Others",
        "Who depends on whom?",
        1.5,
        "In training BN makes every image depend on the others of its batch; LN and GN never do.",
    ),
    Outline(
        "inference",
        "Inference",
        "And at inference?",
        2,
        "In training BN's images depend on each other; at inference running estimates replace the batch, once you call "
        "model.eval().",
    ),
    Outline(
        "batch_size",
        "When",
        "When does the choice matter?",
        2,
        "BN needs enough numbers in each set, from several images. Else take GN or LN: their sets lie within one "
        "image.",
    ),
    Outline(
        "choice",
        "Which",
        "Which one now?",
        2.5,
        "Avoid BN where its sets are a poor sample: (micro-)batches small or of one kind, other conditions at the "
        "test, sequences of unequal length. Otherwise BN and GN differ little, and BN costs least at inference; one "
        "seed decides nothing.",
    ),
)
STEPS = dict(enumerate(_IN_ORDER, start=1))
"""By number, from 1."""
QUESTIONS = len(STEPS) + 1
"""The number of the questions, after the last step."""
MINUTES = sum(outline.minutes for outline in STEPS.values())
