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


purpose = FixedQuestion(
    text="What does a norm in every layer do for the layers behind it?",
    answer="it sets the size of their numbers anew",
    wrong=(
        "it takes out weights that are not needed",
        "it leaves fewer numbers to them",
        "it holds their weights fixed",
    ),
    why="So they get numbers of one size from the first step on, whatever the layers before them do.",
)
"""What a norm does for the layers behind it."""


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


undone = FixedQuestion(
    text="With which γ and β does a set, of mean μ and standard deviation σ, come out of a norm as it went in?",
    answer="γ = σ, β = μ",
    wrong=("γ = 1, β = 0", "γ = μ, β = σ", "γ = 1 / σ, β = −μ"),
    why="y = σ x̂ + μ = σ (x − μ) / σ + μ = x. The network may learn them, so nothing is lost.",
)
"""With which gamma and beta a norm does nothing."""


def gamma(rng: Generator) -> Question:
    """What gamma and beta are for."""
    return reasons.gamma(*on_a_tensor(rng))
