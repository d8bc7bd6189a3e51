"""Step 2: the numbers, what is done to them, and torch's word on it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.lesson import numbers as step
from core.normalization import EPS, SET_NORMS, statistics


def test_the_numbers_have_mean_6_and_standard_deviation_4():
    assert np.mean(step.START) == 6
    assert np.std(step.START) == 4
    np.testing.assert_allclose(step.normalized(step.START), [-0.5, 0.75, -1.25, 0, 1.75, -0.75], atol=1e-6)


@pytest.mark.parametrize("change", step.CHANGES, ids=lambda change: change.name)
def test_x_hat_is_that_of_torch(change):
    x = torch.tensor(change.numbers, dtype=torch.float64)
    theirs = functional.layer_norm(x, x.shape)
    np.testing.assert_allclose(step.normalized(change.numbers), theirs.numpy(), atol=1e-12)


def test_only_a_number_that_moves_alone_changes_the_x_hat_of_the_others():
    before, doubled, shifted, one = (step.movement(change) for change in step.CHANGES)
    assert (before, shifted) == (0, pytest.approx(0, abs=1e-15))
    # by epsilon alone: 1.75 * (4 / sqrt(16 + eps) and 8 / sqrt(64 + eps))
    assert doubled == pytest.approx(1.75 * (8 / (64 + EPS) ** 0.5 - 4 / (16 + EPS) ** 0.5), rel=1e-6)
    assert doubled < 1e-6
    # mean 10 and variance 96: of the others, 13 moves most
    assert np.mean(step.CHANGES[step.ONE_MOVED].numbers) == 10
    assert one == pytest.approx(1.75 - 3 / 96**0.5, abs=1e-6)


def test_the_axis_covers_all_changes():
    low, high = step.AXIS
    assert all(low < number < high for change in step.CHANGES for number in change.numbers)


@pytest.mark.parametrize("numbers", [step.START, step.CHANGES[step.ONE_MOVED].numbers, (5.0,) * 6])
def test_gamma_and_beta_give_x_back(numbers):
    gamma, beta = step.undoing(numbers)
    np.testing.assert_allclose(gamma * step.normalized(numbers) + beta, numbers, atol=1e-12)


def test_every_norm_but_one_sees_one_set():
    x = step.as_tensor(step.START)
    assert {norm: statistics(x, norm).count for norm in SET_NORMS} == dict.fromkeys(SET_NORMS, 1) | {"ln-position": 6}


def test_an_address_holds_all_six():
    text = step.numbers_to_text((4, -2.5, 1, 6, 30, 0.125))
    assert text == "4_-2.5_1_6_30_0.125"
    assert step.numbers_from_text(text) == (4, -2.5, 1, 6, 30, 0.125)


@pytest.mark.parametrize(
    "text",
    ["", "1_2_3_4_5", "1_2_3_4_5_6_7", "1_2_3_4_5_", "1_2_3_4_5_nan", "1_2_3_4_5_1e7", "1_2_3_4_5_x", "9" * 9999],
)
def test_what_is_not_six_numbers_is_refused(text):
    assert step.numbers_from_text(text) is None
