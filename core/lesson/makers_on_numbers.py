"""Makers of the questions on steps 1 and 2: what a norm is for, and what it does to numbers."""

from __future__ import annotations

from core.four_images import quiz, reasons
from core.four_images.reasons import Question
from core.lesson.drawing import FixedQuestion, Generator, on_a_tensor, pick, signed

# 1. Why normalize at all?


def grows(rng: Generator) -> Question:
    """What becomes of the size of numbers through layers without a norm."""
    layers, factor = pick(rng, 5, 10), pick(rng, 2, 3)
    answer = factor**layers
    return Question(
        f"Without a norm, each of {layers} layers makes its numbers {factor} times as large. How many times as large "
        "are they after the last one?",
        quiz.numeric(answer, [factor * layers, layers + factor, factor * answer], rng),
        str(answer),
        f"Each layer multiplies them by {factor} once more: {factor} to the power of {layers} = {answer}.",
    )


def stays(rng: Generator) -> Question:
    """What becomes of it with a norm after each layer."""
    layers, factor = pick(rng, 5, 10), pick(rng, 2, 3)
    return Question(
        f"Each of {layers} layers makes its numbers {factor} times as large, and a norm follows each of them. What "
        "is the standard deviation of a set after the last norm, before γ and β?",
        quiz.numeric(1, [factor**layers, factor, factor * layers], rng),
        "1",
        "Each norm divides by the standard deviation of its set, whatever the layer before it did.",
    )


purpose = FixedQuestion(
    text="What does a norm in every layer do for the layers after it?",
    answer="it sets the size of their numbers anew",
    wrong=(
        "it takes out weights that are not needed",
        "it gives them fewer numbers",
        "it holds their weights fixed",
    ),
    why="They get numbers of the same size from the start of training on, whatever the earlier layers do.",
)
"""What a norm does for the layers after it."""


# 2. What does it do to numbers?


def x_hat(rng: Generator) -> Question:
    """One number, normalized."""
    deviation, mean = pick(rng, 2, 5), pick(rng, 1, 20)
    answer = [-3, -2, 2, 3][pick(rng, 0, 3)]
    x = mean + answer * deviation
    return Question(
        f"A set has the mean {mean} and the standard deviation {deviation}. What is the x̂ of its number {x}?",
        signed(answer, [x - mean, -answer, x, answer + 1], rng),
        str(answer),
        f"x̂ = (x − μ) / σ = ({x} − {mean}) / {deviation} = {answer}.",
    )


def scaled(rng: Generator) -> Question:
    """What gamma and beta make of x-hat."""
    number, gamma, beta = pick(rng, 2, 4), pick(rng, 2, 5), pick(rng, 1, 6)
    answer = gamma * number + beta
    return Question(
        f"A number is normalized to x̂ = {number}. With γ = {gamma} and β = {beta}, what is the output y?",
        signed(answer, [gamma * (number + beta), gamma + number + beta, number, gamma * number], rng),
        str(answer),
        f"y = γ x̂ + β = {gamma} × {number} + {beta} = {answer}.",
    )


undone = FixedQuestion(
    text="A set has the mean μ and the standard deviation σ. With which γ and β does a norm leave it as it is?",
    answer="γ = σ, β = μ",
    wrong=("γ = 1, β = 0", "γ = μ, β = σ", "γ = 1 / σ, β = −μ"),
    why="y = σ x̂ + μ = σ (x − μ) / σ + μ = x. The network may learn them, so nothing is lost.",
)
"""With which gamma and beta a norm does nothing."""


def gamma(rng: Generator) -> Question:
    """What gamma and beta are for."""
    return reasons.gamma(*on_a_tensor(rng))
