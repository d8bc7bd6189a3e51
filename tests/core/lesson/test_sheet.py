"""The exercises: what the solutions say, against torch, scipy and closed forms, for several seeds."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn
from torch.nn import functional as F

from core.config import ConfigError
from core.four_images.source import MAX_SEED
from core.lesson.exercise import Exercise
from core.lesson.sheet import sheet
from core.lesson.writing import Grid

SEEDS = (0, 1, 7, 42, MAX_SEED)


@pytest.fixture(params=SEEDS)
def exercises(request) -> tuple[Exercise, ...]:
    return sheet(request.param).exercises


def said(exercise: Exercise) -> str:
    """The solution as text."""
    return "\n".join(block.markdown() for block in exercise.solution)


def test_a_seed_is_one_sheet_and_another_seed_another():
    assert repr(sheet(7)) == repr(sheet(7))
    assert len(sheet(7).exercises) == 10
    for one, other in zip(sheet(7).exercises, sheet(8).exercises, strict=True):
        assert repr(one.given) != repr(other.given), one.title
    for seed in (-1, MAX_SEED + 1):
        with pytest.raises(ConfigError, match="use a whole number from 0 to 9999"):
            sheet(seed)


def test_three_norms_on_one_number(exercises):
    exercise = exercises[0]
    x, image, channel = torch.tensor(exercise.given["x"]), exercise.given["image"], exercise.given["channel"]
    group = slice(0, 2) if channel < 2 else slice(2, 4)
    sets = {"bn": x[:, channel], "ln": x[image], "gn": x[image, group]}
    whole = {
        "bn": F.batch_norm(x, None, None, training=True),
        "ln": F.layer_norm(x, x.shape[1:]),
        "gn": F.group_norm(x, 2),
    }
    for norm, (mean, variance, x_hat) in exercise.answer.items():
        assert mean == pytest.approx(sets[norm].mean().item())
        assert variance == pytest.approx(sets[norm].var(unbiased=False).item())
        assert x_hat == pytest.approx(whole[norm][image, channel, 0, 0].item(), abs=1e-9)
        assert variance >= 1
        assert rf"\approx {x_hat:.4f}".rstrip("0").rstrip(".") + "$$" in said(exercise)
    made = sorted(x_hat for *_, x_hat in exercise.answer.values())
    assert min(np.diff(made)) > 0.05  # else a mistake would give the right number


def test_how_many_means(exercises):
    exercise = exercises[1]
    (n, c, h, w), g = exercise.given["shape"], exercise.given["groups"]
    assert c % g == 0
    assert 1 < g < c
    assert exercise.answer == {
        "bn": (c, n * h * w),
        "ln": (n, c * h * w),
        "gn": (n * g, c // g * h * w),
        "in": (n * c, h * w),
    }
    for means, cells in exercise.answer.values():
        assert f"= {means} |" in said(exercise)
        assert f"= {cells} |" in said(exercise)


def test_scale_and_offset(exercises):
    exercise = exercises[2]
    x = exercise.given["numbers"]
    gamma, beta = exercise.answer["undo"]
    assert gamma == pytest.approx(np.sqrt(x.var() + 1e-5))
    assert beta == pytest.approx(x.mean())
    y = exercise.given["gamma"] * (x - x.mean()) / np.sqrt(x.var() + 1e-5) + exercise.given["beta"]
    assert exercise.answer["mean and deviation"] == pytest.approx((y.mean(), y.std()))


def test_another_image_four(exercises):
    exercise = exercises[3]
    x = torch.tensor(exercise.given["x"])
    replaced = x.clone()
    replaced[3, :, 0, 0] = torch.tensor(exercise.given["new"])
    differs = [c + 1 for c in range(4) if replaced[3, c, 0, 0] != x[3, c, 0, 0]]
    assert len(differs) == 3  # one number of the new image is that of the old one
    assert exercise.answer["changed channels"] == {"bn": differs, "ln": [], "gn": []}
    asked = exercise.given["asked"]
    found = [F.batch_norm(b, None, None, training=True)[0, asked, 0, 0].item() for b in (x, replaced)]
    assert exercise.answer["before and after"] == pytest.approx(found, abs=1e-9)
    assert abs(found[0] - found[1]) > 0.05


def test_running_estimates(exercises):
    exercise = exercises[4]
    first, second = exercise.given["batches"]
    answer = exercise.answer
    assert answer["mean"] == pytest.approx(0.09 * first.mean() + 0.1 * second.mean())
    unbiased = [batch.var(ddof=1) for batch in (first, second)]
    assert answer["variance"] == pytest.approx(0.81 + 0.09 * unbiased[0] + 0.1 * unbiased[1])
    assert answer["with the biased variance"] == pytest.approx(0.81 + 0.09 * first.var() + 0.1 * second.var())


def test_the_batch_that_torch_refuses(exercises):
    exercise = exercises[5]

    def refuses(layer: nn.Module, shape: tuple[int, ...]) -> bool:
        try:
            layer.train()(torch.zeros(shape))
        except ValueError:
            return True
        return False

    c, g = exercise.given["channels"], exercise.given["groups"]
    layers = (nn.BatchNorm2d(c), nn.GroupNorm(c, c), nn.GroupNorm(g, c))
    assert list(exercise.answer.values()) == [
        [refuses(layer, shape) for shape in exercise.given["shapes"]] for layer in layers
    ]
    assert "Expected more than 1 value per channel when training" in exercise.text[1].markdown()
    assert next(block for block in exercise.solution if isinstance(block, Grid)).rows[0][1:] == [
        "refuses",
        "takes it",
        "takes it",
    ]


def test_what_a_norm_learns(exercises):
    exercise = exercises[6]
    c, side = exercise.given["channels"], exercise.given["side"]
    assert exercise.answer == {"learned": [2 * c, 2 * c, 2 * c, 2 * c * side**2], "running estimates": 2 * c}
    assert f"nn.GroupNorm({exercise.given['groups']}, {c})" in said(exercise)


def test_the_gradient_of_l1(exercises):
    given, answer = exercises[7].given, exercises[7].answer
    w, strength = given["w"], given["strength"]
    assert np.count_nonzero(w == 0) == 1
    assert answer["penalty"] == pytest.approx(strength * np.abs(w).sum())
    assert answer["gradient"] == pytest.approx(strength * np.sign(w))
    assert answer["step"] == pytest.approx(w - given["rate"] * (given["g"] + strength * np.sign(w)))
    assert answer["gradient of L2"] == pytest.approx(2 * strength * w)


def test_group_norm_in_ones_own_code(exercises):
    x = torch.tensor(exercises[8].given["x"])
    assert exercises[8].answer["first"] == pytest.approx(F.group_norm(x, 2)[0, 0, 0, 0].item(), abs=1e-9)


def test_what_five_seeds_say(exercises):
    exercise = exercises[9]
    first, second = exercise.given["first"], exercise.given["second"]
    found = stats.ttest_rel(first, second)
    low, high = found.confidence_interval(0.95)
    assert exercise.answer["interval"] == pytest.approx((low, high), abs=1e-9)
    assert exercise.answer["mean"] == pytest.approx((first - second).mean())
    assert exercise.answer["deviation"] == pytest.approx((first - second).std(ddof=1))
    assert exercise.given["quantile"] == pytest.approx(stats.t.ppf(0.975, 4), abs=1e-6)
    better = "A" if exercise.answer["mean"] > 0 else "B"
    outside = bool(low > 0 or high < 0)
    assert (f"method {better} is better" in said(exercise)) is outside
    assert ("do not tell the methods apart" in said(exercise)) is not outside


def test_both_ends_of_the_last_exercise_come_up():
    ends = {"d) Zero lies outside" in said(sheet(seed).exercises[9]) for seed in range(12)}
    assert ends == {True, False}
