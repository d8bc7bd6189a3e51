"""The ten questions at the end: drawn from a seed, each with the step that teaches its answer, and what was answered.

Answers are a text of one letter a question, in order: "a" is the first option of its question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.four_images.reasons import Question
from core.lesson.drawing import OPTIONS
from core.lesson.makers import BY_STEP
from core.lesson.makers_on_sets import sharing
from core.lesson.order import STEPS
from core.lesson.study_question import StudyPair, of_the_study

COUNT = 10
SHARING = 3
"""The step that has three questions."""
STUDY = 7
"""The step that shows the study."""
FROM_A_STEP = {STUDY: 2}
"""So many of a step, where it is not one: of other makers each."""
LETTERS = "abcdefgh"[:OPTIONS]


@dataclass(frozen=True)
class Asked:
    """A question, and the step that teaches its answer."""

    step: int
    question: Question


def ten(seed: int, pairs: Sequence[StudyPair] = ()) -> tuple[Asked, ...]:
    """Ten questions in the order of the steps, at least one of each; the same for the same ``seed``, from 0.

    pairs: those of the study, of which one is asked in every round; none where there is no study.
    """
    rng = np.random.default_rng(seed)
    found: list[Asked] = []
    for step in STEPS:
        if step == SHARING:
            found += [Asked(step, question) for question in sharing(rng)]
            continue
        makers, study = BY_STEP[step], step == STUDY and len(pairs) > 0
        for place in rng.permutation(len(makers))[: FROM_A_STEP.get(step, 1) - study]:
            found.append(Asked(step, makers[int(place)](rng)))
        if study:
            found.append(Asked(step, of_the_study(pairs, rng)))
    return tuple(found)


def fits(asked: tuple[Asked, ...], answers: str) -> bool:
    """Whether ``answers`` can be answers to these questions: as many at most, and each an option that there is."""
    if len(answers) > len(asked):
        return False
    return all(
        letter in LETTERS[: len(one.question.options)]
        for letter, one in zip(answers, asked[: len(answers)], strict=True)
    )


def chosen(question: Question, letter: str) -> str:
    """The option that a letter stands for."""
    return question.options[LETTERS.index(letter)]


def marks(asked: tuple[Asked, ...], answers: str) -> tuple[bool, ...]:
    """Whether each of the answers given is right; ``answers`` fits."""
    return tuple(
        one.question.right(chosen(one.question, letter))
        for one, letter in zip(asked[: len(answers)], answers, strict=True)
    )
