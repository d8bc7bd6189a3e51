import pytest

from core.catalogue import SET_NORMS
from core.four_images.quiz import NO, YES, questions
from core.normalization import set_count, set_index

SHAPE = (4, 8, 2, 2)


@pytest.mark.parametrize("norm", SET_NORMS)
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("shape", [SHAPE, (4, 2, 1, 1), (4, 16, 14, 14)])
def test_every_question_has_one_right_answer_among_its_options(norm, seed, shape):
    asked = questions(shape, norm, 2, seed)
    assert len(asked) == 5
    for question in asked:
        assert len(set(question.options)) == len(question.options)
        assert [question.right(option) for option in question.options].count(True) == 1
    assert asked[0].answer == str(set_count(norm, shape, 2))
    cells = shape[0] * shape[1] * shape[2] * shape[3]
    assert int(asked[1].answer) * set_count(norm, shape, 2) == cells


@pytest.mark.parametrize(
    ("norm", "count", "cells"),
    [
        ("bn", "C = 12, and as many variances.", "N × H × W = 4 × 5 × 7 = 140."),
        ("ln", "N = 4, and as many variances.", "C × H × W = 12 × 5 × 7 = 420."),
        ("gn", "N × G = 4 × 3 = 12, and as many variances.", "(C/G) × H × W = 4 × 5 × 7 = 140."),
        ("in", "N × C = 4 × 12 = 48, and as many variances.", "H × W = 5 × 7 = 35."),
        ("ln-position", "N × H × W = 4 × 5 × 7 = 140, and as many variances.", "C = 12."),
        ("rms", "N = 4.", "C × H × W = 12 × 5 × 7 = 420."),
    ],
)
def test_the_reasons_are_the_formulas_with_their_numbers(norm, count, cells):
    """C / G = 12 / 3 = 4 channels in a group, and neither G nor C."""
    asked = questions((4, 12, 5, 7), norm, 3, 0)
    assert (asked[0].why, asked[1].why) == (count, cells)


@pytest.mark.parametrize("norm", SET_NORMS)
def test_only_bn_depends_on_others_and_on_the_mode(norm):
    *_, influence, inference = questions(SHAPE, norm, 2, 0)
    assert influence.answer == inference.answer == (YES if norm == "bn" else NO)


@pytest.mark.parametrize("norm", SET_NORMS)
def test_the_answer_on_sharing_follows_from_the_two_cells(norm):
    index = set_index(norm, SHAPE, 2)
    answers = set()
    for seed in range(20):
        question = questions(SHAPE, norm, 2, seed)[2]
        numbers = [int(word.strip(",?")) - 1 for word in question.text.split() if word.strip(",?").isdigit()]
        a, b = tuple(numbers[:4]), tuple(numbers[4:])
        assert a != b
        assert question.answer == (YES if index[a] == index[b] else NO)
        answers.add(question.answer)
    assert answers == {YES, NO}


def test_rounds_differ_and_can_be_repeated():
    assert questions(SHAPE, "gn", 2, 1) == questions(SHAPE, "gn", 2, 1)
    assert questions(SHAPE, "gn", 2, 1) != questions(SHAPE, "gn", 2, 2)
