import numpy as np
import pytest
import torch

from core.catalogue import SET_NORMS
from core.four_images.micro_batches import micro_batches
from core.four_images.quiz import EXAMPLES, example, questions
from core.four_images.reasons import NO, WHEN, WHY, YES
from core.four_images.source import Integers
from core.normalization import normalize, set_count, set_index, statistics
from tests.torch_norms import torch_norm

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


def asked(maker, norm, shape=(8, 12, 5, 5)):
    """One of the questions on when or why."""
    return maker(shape, norm, 3, np.random.default_rng(0))


def test_every_reason_is_asked_in_turn():
    texts = [question.text for seed in range(5) for question in questions(SHAPE, "bn", 2, seed)[3:]]
    assert len(set(texts)) == len(WHEN) + len(WHY) == 10


@pytest.mark.parametrize("shown", [(4, 6, 2, 2), *(shape for shape, _ in EXAMPLES)])
def test_a_round_never_asks_about_the_tensor_that_is_shown(shown):
    rounds = [example(shown, number) for number in range(8)]
    assert all(shape != shown for shape, _ in rounds)
    assert {shape for shape, _ in rounds} == {shape for shape, _ in EXAMPLES} - {shown}
    assert all(1 < groups < shape[1] and shape[1] % groups == 0 for shape, groups in rounds)
    assert example((4, 6, 2, 2), 0) == ((8, 12, 5, 5), 3)


def test_the_counts_of_the_first_round_are_those_of_8_12_5_5():
    how_many = {norm: questions((8, 12, 5, 5), norm, 3, 0)[0].answer for norm in SET_NORMS}
    assert how_many == {"bn": "12", "ln": "8", "gn": "24", "in": "96", "ln-position": "200", "rms": "8"}


def test_a_batch_of_one_is_instance_norm_and_torch_says_so_too():
    question = asked(WHEN[2], "ln")
    assert question.answer == "InstanceNorm"
    x = torch.from_numpy(Integers(12, 5, images=1).batch("bn", 1))
    bn, same = (torch_norm(norm, x.shape)(x).detach().numpy() for norm in ("bn", "in"))
    np.testing.assert_allclose(bn, same, atol=1e-12)


def test_torch_refuses_what_the_question_says_it_refuses():
    question = asked(WHEN[3], "gn")
    assert question.answer == "It raises an error"
    with pytest.raises(ValueError, match="Expected more than 1 value per channel when training") as error:
        torch_norm("bn", (1, 12, 1, 1))(torch.zeros(1, 12, 1, 1, dtype=torch.float64))
    assert question.why[1:].startswith(str(error.value).split(",")[0])


@pytest.mark.parametrize("norm", SET_NORMS)
def test_halves_change_an_image_where_the_question_says_so(norm):
    x = Integers(12, 5, images=8).batch("bn", 1)
    whole, halves = normalize(x, statistics(x, norm, 3)), normalize(x, micro_batches(x, norm, 3))
    assert asked(WHEN[4], norm).answer == (YES if np.allclose(whole, halves) else NO)


@pytest.mark.parametrize("norm", SET_NORMS)
def test_eval_changes_what_the_question_says_it_changes(norm):
    x = torch.from_numpy(Integers(12, 5, images=8).batch("bn", 1))
    layer = torch_norm(norm, x.shape, 3)
    changed = not torch.allclose(layer(x), layer.eval()(x))
    assert asked(WHY[3], norm).answer == ("It goes by the running estimates" if changed else "Nothing")


@pytest.mark.parametrize("norm", SET_NORMS)
def test_gamma_gives_a_channel_any_scale_and_beta_any_offset(norm):
    question = asked(WHY[2], norm)
    assert ("β" in question.text) == ("offset" in question.answer) == (norm != "rms")
    x = Integers(12, 5, images=8).batch("bn", 1)
    stats = statistics(x, "bn")
    back = normalize(x, stats, gamma=np.sqrt(stats.var + 1e-5), beta=stats.mean)
    np.testing.assert_allclose(back, x)  # any, so also the one that was there before


def test_a_larger_epsilon_brings_nearly_equal_numbers_closer_to_0():
    x = np.array([0, 0.01, 0.02, 0.01]).reshape(4, 1, 1, 1)
    small, large = (np.abs(normalize(x, statistics(x, "bn"), eps=eps)).max() for eps in (1e-5, 1e-3))
    assert small > 4 * large
    assert asked(WHY[4], "bn").answer == "It brings their x̂ closer to 0"
