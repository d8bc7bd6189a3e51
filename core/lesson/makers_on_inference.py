"""Makers of the questions on step 5: what a norm goes by in inference."""

from __future__ import annotations

from core.four_images import reasons
from core.four_images.reasons import Question
from core.lesson.drawing import FixedQuestion, Generator, on_a_tensor

# 5. And at inference?

RUNNING, OWN = "the running mean from training", "the mean of this image in that channel"
OTHERS = ("0", "the mean of all test images in that channel")


def inference(rng: Generator) -> Question:
    """Whether a norm computes something else in inference."""
    return reasons.inference(*on_a_tensor(rng))


def eval_mode(rng: Generator) -> Question:
    """What ``model.eval()`` changes."""
    return reasons.eval_mode(*on_a_tensor(rng))


whose_mean = FixedQuestion(
    text="After model.eval() an image comes alone. Which mean does BatchNorm subtract in a channel?",
    answer=RUNNING,
    wrong=(OWN, *OTHERS),
    why="In inference BatchNorm goes by the running mean and variance that it collected in training.",
)
"""Whose mean BatchNorm subtracts from one image in inference mode."""


forgotten = FixedQuestion(
    text="model.eval() was forgotten, and an image comes alone. Which mean does BatchNorm subtract in a channel?",
    answer=OWN,
    wrong=(RUNNING, *OTHERS),
    why="In training mode BatchNorm goes by the batch, and this image is all of it.",
)
"""Whose mean it subtracts where ``model.eval()`` was forgotten."""
