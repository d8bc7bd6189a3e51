"""The ten questions: their form over many seeds, and the answers as letters."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from core.four_images.reasons import NO, YES
from core.lesson.makers import BY_STEP
from core.lesson.order import STEPS
from core.lesson.questions import COUNT, LETTERS, chosen, fits, marks, ten
from core.lesson.study_question import StudyPair

PAIRS = (
    StudyPair(first="BN", second="LN", dataset="MNIST", seeds=5, better="LN", why="LN ends 1 point above BN."),
    StudyPair(first="GN", second="LN", dataset="MNIST", seeds=4, better=None, why="Not distinguishable."),
)


@pytest.mark.parametrize("tens", range(30))
def test_every_round_has_ten_sound_questions_on_all_steps(tens):
    for seed in range(10 * tens, 10 * tens + 10):
        sound(ten(seed))
        asked = ten(seed, PAIRS)
        sound(asked)
        # one on the study in every round, in the place of the last; the rest of the round is the same
        assert asked[:-1] == ten(seed)[:-1]
        assert asked[-1].step == 7
        assert asked[-1].question.text.startswith("The study in step 7 trained ")


def sound(asked):
    assert Counter(one.step for one in asked) == {1: 1, 2: 1, 3: 3, 4: 1, 5: 1, 6: 1, 7: 2}
    assert len({one.question.text for one in asked}) == len(asked) == COUNT
    for one in asked:
        options = one.question.options
        assert 2 <= len(options) == len(set(options)) <= len(LETTERS)
        assert options.count(one.question.answer) == 1
        assert one.question.text.endswith("?")
        assert one.question.why.rstrip(")").endswith(".")


def test_the_same_seed_asks_the_same_and_another_one_something_else():
    assert ten(5) == ten(5)
    rounds = {tuple(one.question.text for one in ten(seed)) for seed in range(100)}
    assert len(rounds) == 100
    # each maker has its turn
    texts = " ".join(one.question.text for seed in range(300) for one in ten(seed))
    for step in BY_STEP:
        for maker in BY_STEP[step]:
            start = maker(np.random.default_rng(0)).text[:12]
            assert start in texts


def test_the_right_one_is_at_no_certain_place():
    places = Counter(one.question.options.index(one.question.answer) for seed in range(200) for one in ten(seed))
    assert all(places[place] > 200 for place in range(4))


def test_answers_are_letters_that_fit_their_questions():
    asked = ten(3)
    right = "".join(LETTERS[one.question.options.index(one.question.answer)] for one in asked)
    assert fits(asked, right)
    assert marks(asked, right) == (True,) * COUNT
    assert marks(asked, right[:4]) == (True,) * 4
    wrong = ("b" if right[0] == "a" else "a") + right[1:]
    assert marks(asked, wrong) == (False, *[True] * (COUNT - 1))
    assert chosen(asked[0].question, "b") == asked[0].question.options[1]
    for text in (right + "a", "e", "A", "-"):
        assert not fits(asked, text)
    place, two = next((i, one) for i, one in enumerate(asked) if len(one.question.options) == 2)
    assert not fits(asked, right[:place] + "c")
    assert fits(asked, "")
    assert set(STEPS) == {one.step for one in asked}
    assert two.question.options in ((YES, NO), (NO, YES))
