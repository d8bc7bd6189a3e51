"""Which images a training of the lab gets, and in which order."""

from dataclasses import replace

import pytest
import torch

from core.data.datasets import hold_out
from core.experiments.data import batches, network_input, part
from core.experiments.settings import LabConfig

CONFIG = LabConfig(norm="ln", dataset="digits", images=200, tests=50, batch_size=16, seed=4)


def test_part_takes_the_first_images_and_keeps_the_mean(digits):
    data = part(digits, CONFIG)
    assert torch.equal(data.train_images, digits.train_images[:200])
    assert torch.equal(data.test_labels, digits.test_labels[:50])
    assert (data.mean, data.std) == (digits.mean, digits.std)


def test_validation_tests_on_training_images(digits):
    data, held = part(digits, replace(CONFIG, validation=True)), hold_out(digits)
    assert torch.equal(data.train_images, held.train_images[:200])
    assert torch.equal(data.test_images, digits.train_images[len(held.train_images) :][:50])


def test_input_is_standardized(digits):
    wanted = (digits.test_images[:3].float() / 255 - digits.mean) / digits.std
    torch.testing.assert_close(network_input(digits.test_images[:3], digits), wanted[:, None])


def test_random_order_is_one_permutation_an_epoch(digits):
    config = replace(CONFIG, epochs=2)
    data = part(digits, config)
    generator = torch.Generator().manual_seed(4)
    wanted = [index for _ in range(2) for index in torch.randperm(200, generator=generator).split(16)]
    found = list(batches(data, config))
    assert len(found) == len(wanted) == 26
    for (x, y), index in zip(found, wanted, strict=True):
        assert torch.equal(x, network_input(data.train_images[index], data))
        assert torch.equal(y, data.train_labels[index])


def test_one_class_batches_are_whole_and_of_one_class(digits):
    config = replace(CONFIG, order="one class", batch_size=4)
    data = part(digits, config)
    found = list(batches(data, config))
    assert {len(y) for _, y in found} == {4}
    assert all(len(y.unique()) == 1 for _, y in found)
    for label in range(10):
        own = int((data.train_labels == label).sum())
        assert sum(int(y[0]) == label for _, y in found) == own // 4
    assert len({tuple(x.flatten().tolist()) for batch, _ in found for x in batch}) > 4 * len(found) - 8  # none twice
    order = [int(y[0]) for _, y in found]
    assert order != sorted(order)  # the classes come mixed
    again = list(batches(data, config))
    assert all(torch.equal(a, b) for (a, _), (b, _) in zip(found, again, strict=True))


@pytest.mark.parametrize("order", ["random", "one class"])
def test_seeds_give_other_orders(digits, order):
    config = replace(CONFIG, order=order, batch_size=4)
    data = part(digits, config)
    first, second = (next(batches(data, replace(config, seed=seed)))[0] for seed in (0, 1))
    assert not torch.equal(first, second)
