"""Makers of the questions on steps 3 and 4: who shares a mean, and who depends on whom."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.catalogue import SetNorm
from core.four_images import quiz, reasons
from core.four_images.reasons import Question, in_words
from core.lesson.drawing import NORMS_ASKED, Generator, any_norm, on_a_tensor, pick, tensor
from core.normalization import Shape, set_index

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
    alone = "Each of its sets lies within one image." if answer == 1 else "Every set holds cells of all images."
    return Question(
        f"Training mode, {in_words(norm, groups)}, {n} images: image {image} is replaced by another. In how many "
        "images, the new one included, can normalized numbers change?",
        quiz.numeric(answer, [1, n, n - 1, groups, n + 1], rng),
        str(answer),
        alone,
    )
