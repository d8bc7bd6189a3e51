"""What tells a network at chance level: Cohen's kappa of its answers."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from core.records.chance import NO_BETTER, ONE_CLASS, at_chance, kappa
from core.records.record import Predictions
from tests.wrong_records import IMAGES, predictions


def answers(true: np.ndarray, predicted: np.ndarray) -> Predictions:
    """Predictions of these answers; the pictures are black."""
    images = np.zeros((len(true), 28, 28), dtype=np.uint8)
    return Predictions.of(true, np.eye(10)[predicted], images, "ab" * 16)


def test_kappa_is_scikit_learns():
    random = np.random.default_rng(0)
    true = random.integers(0, 10, 500)
    predicted = np.where(random.random(500) < 0.3, true, random.integers(0, 10, 500))
    assert kappa(answers(true, predicted)) == pytest.approx(cohen_kappa_score(true, predicted), abs=1e-12)


def test_one_class_for_everything_is_at_chance_however_frequent_it_is():
    true = np.repeat([0, 1, 2, 3], [400, 200, 200, 200])
    assert kappa(answers(true, np.zeros(1000, dtype=int))) == 0
    assert at_chance(answers(true, np.zeros(1000, dtype=int))) == ONE_CLASS


def test_nearly_every_image_may_leave_a_few():
    assert at_chance(predictions(dict.fromkeys(range(2, IMAGES), 3))) == ONE_CLASS  # 2 of 60 get another


def test_answers_of_all_classes_that_do_not_depend_on_the_image_are_at_chance():
    true = np.repeat(np.arange(10), 100)
    assert at_chance(answers(true, np.tile(np.arange(10), 100))) == NO_BETTER  # each class gets each answer ten times


def test_a_network_that_learned_something_is_not():
    true = np.repeat(np.arange(10), 100)
    predicted = np.where(np.arange(1000) % 10 < 2, true, 7)  # a fifth right, and 7 for all others
    assert at_chance(answers(true, predicted)) == ""
    assert at_chance(predictions({4: 9})) == ""


def test_all_images_of_one_class_say_nothing():
    true = np.full(50, 5)
    assert kappa(answers(true, true)) == 0


@pytest.mark.parametrize(("right", "sentence"), [(14, NO_BETTER), (15, "")])
def test_a_twentieth_of_what_can_be_had_beyond_chance_is_the_limit(right, sentence):
    """Ten classes, 100 images and 100 answers each: so many right give kappa = (right / 100 - 0.1) / 0.9."""
    true = np.repeat(np.arange(10), 100)
    predicted = np.where(np.arange(1000) % 100 < right, true, (true + 1) % 10)
    assert kappa(answers(true, predicted)) == pytest.approx((right / 100 - 0.1) / 0.9)  # 0.044 and 0.056
    assert at_chance(answers(true, predicted)) == sentence


@pytest.mark.parametrize(("others", "sentence"), [(50, ONE_CLASS), (51, NO_BETTER)])
def test_one_answer_to_95_of_100_is_one_to_nearly_every_image(others, sentence):
    true = np.tile(np.arange(10), 100)
    assert at_chance(answers(true, np.where(np.arange(1000) < others, 7, 3))) == sentence
