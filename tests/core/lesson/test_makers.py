"""Each maker of questions: its answer by torch, by numpy, or counted by hand."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from core.experiments.set_size_shown import PUBLISHED
from core.four_images.reasons import NO, YES
from core.lesson import makers_on_choice, makers_on_inference, makers_on_numbers, makers_on_sets
from core.lesson.situations import SITUATIONS
from core.normalization import set_index
from tests.torch_norms import torch_norm

SEEDS = range(15)
NAMES = {"BatchNorm": "bn", "LayerNorm": "ln", "GroupNorm": "gn"}


def made(maker, seed):
    return maker(np.random.default_rng(seed))


def integers(text: str) -> list[int]:
    return [int(n) for n in re.findall(r"-?\d+", text)]


def norm_in(text: str) -> tuple[str, int]:
    """The norm that a text names, and its groups."""
    [name] = {name for name in NAMES if name in text}
    groups = re.search(r"G = (\d+)", text)
    return NAMES[name], int(groups[1]) if groups else 1


@pytest.mark.parametrize("seed", SEEDS)
def test_counts_and_cells_and_who_shares_are_those_of_the_sets(seed):
    for question in makers_on_sets.sharing(np.random.default_rng(seed)):
        norm, groups = norm_in(question.text)
        if question.text.startswith("How many means"):
            n, c = (int(re.search(rf"{letter} = (\d+)", question.text)[1]) for letter in "NC")
            assert int(question.answer) == len(np.unique(set_index(norm, (n, c, 3, 3), groups)))
        elif "over how many cells" in question.text:
            shape = tuple(integers(question.text)[:4])
            index = set_index(norm, shape, groups)
            assert int(question.answer) == (index == index[0, 0, 0, 0]).sum()
        else:
            shape = tuple(integers(question.text)[:4])
            numbers = [n - 1 for n in integers(question.text.partition(":")[2])]
            a, b = tuple(numbers[:4]), tuple(numbers[4:])
            index = set_index(norm, shape, groups)
            assert a != b
            assert question.answer == (YES if index[a] == index[b] else NO)


@pytest.mark.parametrize("seed", SEEDS)
def test_through_layers_numbers_grow_or_stay_as_computed_layer_by_layer(seed):
    question = made(makers_on_numbers.grows, seed)
    layers, factor = integers(question.text)
    size = 1
    for _ in range(layers):
        size *= factor
    assert question.answer == str(size)

    question = made(makers_on_numbers.stays, seed)
    layers, factor = integers(question.text)
    x = torch.randn(8, 4, 5, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    for _ in range(layers):
        x = torch_norm("bn", x.shape)(factor * x)
    assert x.std(dim=(0, 2, 3), correction=0).tolist() == pytest.approx([int(question.answer)] * 4, abs=1e-4)


def by_torch(x: float, mean: float, deviation: float, gamma: float = 1, beta: float = 0) -> float:
    """One number through torch's batch norm with these statistics."""
    each = [torch.tensor([value], dtype=torch.float64) for value in (mean, deviation**2, gamma, beta)]
    number = torch.tensor([[float(x)]], dtype=torch.float64)
    return functional.batch_norm(number, *each, training=False, eps=0.0).item()


@pytest.mark.parametrize("seed", SEEDS)
def test_single_numbers_are_those_of_torch(seed):
    question = made(makers_on_numbers.x_hat, seed)
    mean, deviation, x = integers(question.text)
    assert int(question.answer) == pytest.approx(by_torch(x, mean, deviation))
    question = made(makers_on_numbers.scaled, seed)
    number, gamma, beta = integers(question.text)
    assert int(question.answer) == pytest.approx(by_torch(number, 0, 1, gamma, beta))


def test_one_gamma_and_one_beta_alone_undo_a_norm():
    question = made(makers_on_numbers.undone, 0)
    mean, deviation, x = 7.0, 3.0, 4.5
    value = {"μ": mean, "σ": deviation, "1": 1.0, "0": 0.0, "1 / σ": 1 / deviation, "−μ": -mean}
    undo = []
    for option in question.options:
        gamma, beta = (value[part.partition(" = ")[2]] for part in option.split(", "))
        if by_torch(x, mean, deviation, gamma, beta) == pytest.approx(x):
            undo.append(option)
    assert undo == [question.answer]


def random_batch(n: int, c: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(n, c, 3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_who_depends_on_whom_is_what_torch_shows(seed):
    question = made(makers_on_sets.reach, seed)
    norm, groups = norm_in(question.text)
    n, image = integers(question.text.partition(", ")[2].removeprefix(f"G = {groups}, "))[-2:]
    x = random_batch(n, 4 * groups)
    other = x.clone()
    other[image - 1] = 3 * random_batch(1, 4 * groups, 1)[0]
    layer = torch_norm(norm, x.shape, groups)
    changed = (layer(x) - layer(other)).abs().amax(dim=(1, 2, 3)) > 1e-9
    assert int(question.answer) == changed.sum()

    question = made(makers_on_sets.influence, seed)
    norm, groups = norm_in(question.text)
    last, one = integers(question.text.partition(":")[2])
    x = random_batch(last, 4 * groups)
    other = x.clone()
    other[-1] = 3 * random_batch(1, 4 * groups, 1)[0]
    layer = torch_norm(norm, x.shape, groups)
    moved = not torch.allclose(layer(x)[one - 1], layer(other)[one - 1])
    assert question.answer == (YES if moved else NO)

    question = made(makers_on_sets.in_parts, seed)
    norm, groups = norm_in(question.text)
    x = random_batch(8, 4 * groups)
    layer = torch_norm(norm, x.shape, groups)
    same = torch.allclose(layer(x), torch.cat([layer(x[:4]), layer(x[4:])]))
    assert question.answer == (YES if same else NO)


@pytest.mark.parametrize("seed", SEEDS)
def test_inference_is_what_torchs_eval_does(seed):
    for maker, answers in (
        (makers_on_inference.inference, (NO, YES)),
        (makers_on_inference.eval_mode, ("Nothing", "It goes by the running estimates")),
    ):
        question = made(maker, seed)
        norm, groups = norm_in(question.text)
        x = random_batch(8, 4 * groups)
        layer = torch_norm(norm, x.shape, groups)
        changed = not torch.allclose(layer(x), layer.eval()(x))
        assert question.answer == answers[changed]


def test_one_image_alone_goes_by_its_own_mean_in_training_mode_and_by_the_running_one_in_inference():
    layer = torch_norm("bn", (8, 4, 3, 3))
    for seed in range(5):
        layer(random_batch(8, 4, seed) + 2)
    running, image = layer.running_mean.clone(), random_batch(1, 4, 9)
    means = {makers_on_inference.RUNNING: running, makers_on_inference.OWN: image.mean(dim=(0, 2, 3))}
    for maker, mode in ((makers_on_inference.whose_mean, layer.eval), (makers_on_inference.forgotten, layer.train)):
        mode()
        # the number that becomes 0 is the one that is subtracted
        with torch.no_grad():
            low, high = layer(image)[0, :, 0, 0], layer(image)[0, :, 0, 1]
        x = image[0, :, 0, 0], image[0, :, 0, 1]
        subtracted = x[0] - low * (x[1] - x[0]) / (high - low)
        question = made(maker, 0)
        assert torch.allclose(subtracted, means[question.answer])
        assert not any(torch.allclose(subtracted, mean) for name, mean in means.items() if name != question.answer)


@pytest.mark.parametrize("seed", SEEDS)
def test_small_sets_and_smaller_ones_are_counted(seed):
    question = made(makers_on_choice.small_set, seed)
    shape = tuple(integers(question.text)[:4])
    index = set_index("bn", shape)
    assert int(question.answer) == (index == 0).sum() <= 16

    question = made(makers_on_choice.fewer, seed)
    large, small = integers(question.text)
    fewer = []
    for title, norm in NAMES.items():
        sizes = [(set_index(norm, (n, 12, 3, 3), 3) == 0).sum() for n in (large, small)]
        if sizes[1] < sizes[0]:
            fewer.append(f"under {title} alone")
    assert [question.answer] == fewer


def test_at_two_images_groupnorm_holds_its_published_error():
    question = made(makers_on_choice.batch_of_two, 0)
    rise = {}
    for line, title in zip(PUBLISHED, ("BatchNorm", "GroupNorm"), strict=True):
        errors = {size: value for size, (value,) in zip(line.x, line.values, strict=True)}
        rise[title] = errors[2] - errors[32]
    assert question.answer == "GroupNorm"
    assert rise["GroupNorm"] < 0.1 < 10 < rise["BatchNorm"]


def test_every_case_is_asked_and_answered_as_the_table_has_it():
    found = {question.text: question for question in (made(makers_on_choice.situation, seed) for seed in range(200))}
    assert len(found) == len(SITUATIONS) == len({row.name for row in SITUATIONS})
    for row in SITUATIONS:
        question = found[f"{row.case} Which norm do you take?"]
        assert question.answer == row.take
        assert set(question.options) == {row.take, *row.instead}


@pytest.mark.parametrize("seed", SEEDS)
def test_one_run_each_lies_closer_than_the_seeds_of_a_method(seed):
    question = made(makers_on_choice.one_seed, seed)
    high, low = (float(n) for n in re.findall(r"\d+\.\d\d", question.text))
    assert 0.015 < high - low < 0.065
    assert question.answer == "one run each cannot tell"


@pytest.mark.parametrize("seed", SEEDS)
def test_one_layer_of_torch_alone_computes_the_norm_that_is_asked_for(seed):
    question = made(makers_on_choice.in_pytorch, seed)
    norm, groups = norm_in(question.text.removeprefix("How do you write "))
    channels = int(re.search(r"for (\d+) channels", question.text)[1])
    x = random_batch(4, channels)
    expected = torch_norm(norm, x.shape, groups)(x)
    right = []
    for option in question.options:
        try:
            layer = eval(option, {"nn": nn})
        except ValueError:  # as many groups as there are channels in one
            continue
        if torch.allclose(layer.double()(x), expected):
            right.append(option)
    assert right == [question.answer]
