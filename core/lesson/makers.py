"""Makers of the lesson's questions, by the step that teaches the answer; a number is computed wherever there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from core.catalogue import NORMS, SetNorm
from core.four_images import quiz, reasons
from core.four_images.reasons import Question, in_words
from core.lesson.drawing import NORMS_ASKED, Generator, any_norm, on_a_tensor, pick, signed, tensor
from core.lesson.situations import SITUATIONS
from core.normalization import Shape, set_count, set_index

Maker = Callable[[Generator], Question]

# 1. Why normalize at all?


def grows(rng: Generator) -> Question:
    """What becomes of the size of numbers through layers without a norm."""
    layers, factor = pick(rng, 5, 10), pick(rng, 2, 3)
    answer = factor**layers
    return Question(
        f"Without a norm, each of {layers} layers makes its numbers {factor} times as large. How many times as large "
        "are they behind the last one?",
        quiz.numeric(answer, [factor * layers, layers + factor, factor * answer], rng),
        str(answer),
        f"Each layer multiplies what the one before has left: {factor} to the power of {layers} = {answer}.",
    )


def stays(rng: Generator) -> Question:
    """What becomes of it with a norm behind each layer."""
    layers, factor = pick(rng, 5, 10), pick(rng, 2, 3)
    return Question(
        f"Each of {layers} layers makes its numbers {factor} times as large, and a norm stands behind each of them. "
        "What is the standard deviation of a set behind the last norm, before γ and β?",
        quiz.numeric(1, [factor**layers, factor, factor * layers], rng),
        "1",
        "Each norm divides by the standard deviation of its set, whatever the layer before it did.",
    )


def purpose(rng: Generator) -> Question:
    """What a norm does for the layers behind it."""
    return reasons.asked(
        "What does a norm in every layer do for the layers behind it?",
        "it sets the size of their numbers anew",
        ("it takes out weights that are not needed", "it leaves fewer numbers to them", "it holds their weights fixed"),
        "So they get numbers of one size from the first step on, whatever the layers before them do.",
        rng,
    )


# 2. What does it do to numbers?


def x_hat(rng: Generator) -> Question:
    """One number, normalized."""
    deviation, mean = pick(rng, 2, 5), pick(rng, 1, 20)
    answer = [-3, -2, 2, 3][pick(rng, 0, 3)]
    x = mean + answer * deviation
    return Question(
        f"A set has the mean {mean} and the standard deviation {deviation}. What becomes of the number {x}, before γ "
        "and β?",
        signed(answer, [x - mean, -answer, x, answer + 1], rng),
        str(answer),
        f"x̂ = (x − μ) / σ = ({x} − {mean}) / {deviation} = {answer}.",
    )


def scaled(rng: Generator) -> Question:
    """What gamma and beta make of x-hat."""
    number, gamma, beta = pick(rng, 2, 4), pick(rng, 2, 5), pick(rng, 1, 6)
    answer = gamma * number + beta
    return Question(
        f"A norm has found x̂ = {number}. With γ = {gamma} and β = {beta}, what comes out of it?",
        signed(answer, [gamma * (number + beta), gamma + number + beta, number, gamma * number], rng),
        str(answer),
        f"y = γ x̂ + β = {gamma} × {number} + {beta} = {answer}.",
    )


def undone(rng: Generator) -> Question:
    """With which gamma and beta a norm does nothing."""
    return reasons.asked(
        "With which γ and β does a set, of mean μ and standard deviation σ, come out of a norm as it went in?",
        "γ = σ, β = μ",
        ("γ = 1, β = 0", "γ = μ, β = σ", "γ = 1 / σ, β = −μ"),
        "y = σ x̂ + μ = σ (x − μ) / σ + μ = x. The network may learn them, so nothing is lost.",
        rng,
    )


def gamma(rng: Generator) -> Question:
    """What gamma and beta are for."""
    return reasons.gamma(*on_a_tensor(rng))


# 3. Who shares a mean?


def sharing(rng: Generator) -> tuple[Question, ...]:
    """Three questions on three tensors, each on another norm: how many means, over how many cells, and who shares."""
    norms = (NORMS_ASKED[int(place)] for place in rng.permutation(len(NORMS_ASKED)))
    found = []
    for make, norm in zip((quiz.how_many, quiz.cells, shares), norms, strict=True):
        shape, groups = tensor(rng)
        found.append(make(shape, norm, groups, rng))
    return tuple(found)


def shares(shape: Shape, norm: SetNorm, groups: int, rng: Generator) -> Question:
    """Whether two cells share, with the shape: no tensor stands beside the question."""
    question = quiz.shares(shape, norm, groups, rng)
    return replace(question, text=f"(N, C, H, W) = {shape}. {question.text}")


# 4. Who depends on whom?


def influence(rng: Generator) -> Question:
    """Whether one image can change another."""
    return reasons.influence(*on_a_tensor(rng))


def in_parts(rng: Generator) -> Question:
    """Whether halves of a batch are normalized as the whole."""
    return reasons.in_parts(*on_a_tensor(rng))


def reach(rng: Generator) -> Question:
    """How many images one image changes."""
    shape, groups = tensor(rng)
    norm, n = any_norm(rng), shape[0]
    image = pick(rng, 1, n)
    index = set_index(norm, shape, groups)
    own = np.unique(index[image - 1])
    answer = sum(bool(np.isin(index[i], own).any()) for i in range(n))
    alone = "Its sets end where the image ends." if answer == 1 else "Every set holds cells of all images."
    return Question(
        f"Training mode, {in_words(norm, groups)}, {n} images: image {image} is replaced. In how many images, itself "
        "counted, can normalized numbers change?",
        quiz.numeric(answer, [1, n, n - 1, groups, n + 1], rng),
        str(answer),
        alone,
    )


# 5. And at inference?

RUNNING, OWN = "the running mean that training left", "the mean of this image in that channel"
OTHERS = ("0", "the mean of all test images in that channel")


def inference(rng: Generator) -> Question:
    """Whether a norm computes something else in inference."""
    return reasons.inference(*on_a_tensor(rng))


def eval_mode(rng: Generator) -> Question:
    """What ``net.eval()`` changes."""
    return reasons.eval_mode(*on_a_tensor(rng))


def whose_mean(rng: Generator) -> Question:
    """Whose mean BatchNorm subtracts from one image in inference mode."""
    return reasons.asked(
        "After net.eval() an image comes alone. Which mean does BatchNorm subtract in a channel?",
        RUNNING,
        (OWN, *OTHERS),
        "In inference BatchNorm goes by the running mean and variance that it collected in training.",
        rng,
    )


def forgotten(rng: Generator) -> Question:
    """Whose mean it subtracts where ``net.eval()`` was forgotten."""
    return reasons.asked(
        "net.eval() was forgotten, and an image comes alone. Which mean does BatchNorm subtract in a channel?",
        OWN,
        (RUNNING, *OTHERS),
        "In training mode BatchNorm goes by the batch, and this image is all of it.",
        rng,
    )


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
    row = SITUATIONS[pick(rng, 0, len(SITUATIONS) - 1)]
    return Question(f"{row.case} Which norm do you take?", row.options, row.take, row.published)


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
        "Runs of one method that differ in nothing but the seed lie as far apart: take several, and an interval.",
        rng,
    )


def l1(rng: Generator) -> Question:
    """What L1 does to weights."""
    return reasons.asked(
        "What does an L1 penalty in the loss do to the weights of a network?",
        "it brings many of them near zero",
        ("it brings their mean to zero", "it makes all of them equally large", "nothing, it acts on activations"),
        "The loss then grows with the sum of |w|, and a weight that does not help goes to zero.",
        rng,
    )


def in_pytorch(rng: Generator) -> Question:
    """How a norm is written in PyTorch."""
    (_, c, h, w), groups = tensor(rng)
    norm = any_norm(rng)
    layers = {
        other: NORMS[other].torch_layer.format(c=c, h=h, w=w, g=groups).partition("  #")[0] for other in NORMS_ASKED
    }
    swapped = f"nn.GroupNorm({c}, {groups})"
    return reasons.asked(
        f"How do you write {in_words(norm, groups)} for {c} channels in PyTorch?",
        layers[norm],
        [*(layer for other, layer in layers.items() if other != norm), swapped],
        "BatchNorm2d takes the channels, GroupNorm the groups and the channels; LayerNorm over (C, H, W) is GroupNorm "
        "with one group.",
        rng,
    )


BY_STEP: dict[int, tuple[Maker, ...]] = {
    1: (grows, stays, purpose),
    2: (x_hat, scaled, undone, gamma),
    4: (influence, in_parts, reach),
    5: (inference, eval_mode, whose_mean, forgotten),
    6: (batch_of_two, small_set, fewer),
    7: (situation, one_seed, l1, in_pytorch),
}
"""Of every step but the third, whose three questions are ``sharing``."""
