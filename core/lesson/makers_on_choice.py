"""Makers of the questions on steps 6 and 7: when the choice of a norm matters, and which one to take."""

from __future__ import annotations

from core.catalogue import NORMS
from core.four_images import quiz, reasons
from core.four_images.reasons import Question, in_words
from core.four_images.torch_layers import layer_code
from core.lesson.drawing import NORMS_ASKED, FixedQuestion, Generator, any_norm, on_a_tensor, pick, tensor
from core.lesson.situations import SITUATIONS
from core.normalization import set_count

# 6. When does the choice matter?


def batch_of_two(rng: Generator) -> Question:
    """Which norm holds its error at two images a batch."""
    return reasons.batch_of_two(*on_a_tensor(rng))


def small_set(rng: Generator) -> Question:
    """How few numbers are in a set of BatchNorm, with few images deep in a network."""
    side = pick(rng, 1, 2)
    shape = (pick(rng, 2, 4), 16 * pick(rng, 2, 4), side, side)
    return quiz.cells(shape, "bn", 1, rng)


def fewer(rng: Generator) -> Question:
    """Under which norm a smaller batch leaves fewer numbers for a mean."""
    (_, c, h, w), groups = tensor(rng)
    large, small = 2 ** pick(rng, 5, 7), 2 ** pick(rng, 1, 3)
    shrinks = [
        norm
        for norm in NORMS_ASKED
        if small * c * h * w // set_count(norm, (small, c, h, w), groups)
        < large * c * h * w // set_count(norm, (large, c, h, w), groups)
    ]
    names = {norm: f"under {NORMS[norm].title} alone" for norm in NORMS_ASKED}
    [answer] = (names[norm] for norm in shrinks)
    return reasons.asked(
        f"The batch shrinks from {large} images to {small}. Under which norm is a mean then taken over fewer numbers?",
        answer,
        [*(name for name in names.values() if name != answer), "under all three"],
        "A set of BatchNorm has N × H × W numbers; those of LayerNorm and GroupNorm lie within one image.",
        rng,
    )


# 7. Which one now?


def situation(rng: Generator) -> Question:
    """What to take in a case of the table of the decision."""
    return SITUATIONS[pick(rng, 0, len(SITUATIONS) - 1)].question(rng)


def one_seed(rng: Generator) -> Question:
    """What one run each says of two methods."""
    first, second = (NORMS[NORMS_ASKED[int(i)]].title for i in rng.permutation(len(NORMS_ASKED))[:2])
    high = 99.50 + 0.01 * pick(rng, 0, 10)
    low = high - 0.01 * pick(rng, 2, 6)
    return reasons.asked(
        f"One run each on MNIST, with the same seed: {first} gets {high:.2f} %, {second} {low:.2f} %. Which of the two "
        "is better on MNIST?",
        "one run each cannot tell",
        (first, second, "they are equal"),
        "Two runs of one method that differ in the seed alone can lie as far apart: take several, and an interval.",
        rng,
    )


l1 = FixedQuestion(
    text="What does an L1 penalty in the loss do to the weights of a network?",
    answer="it brings many of them near zero",
    wrong=("it brings their mean to zero", "it makes all of them equally large", "nothing, it acts on activations"),
    why="The loss then grows with the sum of |w|, and a weight that does not help goes towards zero.",
)
"""What L1 does to weights."""


def in_pytorch(rng: Generator) -> Question:
    """How a norm is written in PyTorch."""
    shape, groups = tensor(rng)
    c, norm = shape[1], any_norm(rng)
    layers = {other: layer_code(other, shape, groups) for other in NORMS_ASKED}
    swapped = f"nn.GroupNorm({c}, {groups})"
    return reasons.asked(
        f"How do you write {in_words(norm, groups)} for {c} channels in PyTorch?",
        layers[norm],
        [*(layer for other, layer in layers.items() if other != norm), swapped],
        "BatchNorm2d takes the channels, GroupNorm the groups and the channels; LayerNorm over (C, H, W) is GroupNorm "
        "with one group.",
        rng,
    )
