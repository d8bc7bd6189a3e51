"""Batches: every image once, augmentation by hand and against torch."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from core.data.batches import augment, standardize, to_float, training_batches


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_floats_and_standardization(digits):
    x = to_float(digits.train_images[:5])
    assert x.shape == (5, 1, 28, 28)
    assert x.dtype == torch.float32
    torch.testing.assert_close(x[:, 0], digits.train_images[:5] / 255)
    every = standardize(to_float(digits.train_images), digits)
    assert float(every.mean()) == pytest.approx(0, abs=1e-5)
    assert float(every.std(unbiased=False)) == pytest.approx(1, abs=1e-5)


def test_batches_cover_every_image_once(digits):
    batches = list(training_batches(digits, 100, generator(), augmented=False))
    assert [len(x) for x, _ in batches] == [100] * 14 + [38]
    x = torch.cat([x for x, _ in batches])
    back = (x[:, 0] * digits.std + digits.mean).mul(255).round().to(torch.uint8)
    assert sorted(image.numpy().tobytes() for image in back) == sorted(
        image.numpy().tobytes() for image in digits.train_images
    )
    labels = torch.cat([y for _, y in batches])
    assert torch.equal(labels.bincount(), digits.train_labels.bincount())
    assert not torch.equal(labels, digits.train_labels)
    # each image keeps its label
    pairs = {image.numpy().tobytes(): int(y) for image, y in zip(digits.train_images, digits.train_labels, strict=True)}
    assert all(pairs[image.numpy().tobytes()] == int(y) for image, y in zip(back, labels, strict=True))


@pytest.mark.parametrize("augmented", [True, False])
def test_equal_generators_give_equal_epochs_and_the_next_epoch_differs(digits, augmented):
    def epoch(g):
        return [(x.clone(), y.clone()) for x, y in training_batches(digits, 500, g, augmented=augmented)]

    first, again = generator(5), generator(5)
    one, two = epoch(first), epoch(again)
    for (x, y), (x2, y2) in zip(one, two, strict=True):
        assert torch.equal(x, x2)
        assert torch.equal(y, y2)
    assert not torch.equal(one[0][1], epoch(first)[0][1])
    assert not torch.equal(one[0][1], epoch(generator(6))[0][1])


@pytest.mark.parametrize("augmented", [True, False])
def test_the_generator_alone_decides_the_order(digits, augmented):
    for seed in (0, 1):
        labels = torch.cat([y for _, y in training_batches(digits, 1438, generator(seed), augmented=augmented)])
        order = torch.randperm(1438, generator=generator(seed))
        assert torch.equal(labels, digits.train_labels[order])


def test_the_generator_decides_the_augmentation_after_the_order(digits):
    drawn = generator(3)
    order = torch.randperm(1438, generator=drawn)
    expected = standardize(augment(to_float(digits.train_images[order]), drawn), digits)
    ((x, _),) = training_batches(digits, 1438, generator(3), augmented=True)
    assert torch.equal(x, expected)


def test_augmentation_with_nothing_drawn_is_the_identity(digits, monkeypatch):
    # the middle of the range draws angle 0, shift 0 and factors of 1
    monkeypatch.setattr(torch, "rand", lambda *shape, generator: torch.full(shape, 0.5))
    x = to_float(digits.train_images[:16])
    torch.testing.assert_close(augment(x.clone(), generator()), x, rtol=0, atol=1e-5)


DRAWN = ("angle", "right", "down", "brightness", "contrast", "wide", "high", "shear")


def draws(monkeypatch, **values):
    """Let ``augment`` draw these numbers from -1 to 1, and 0 for all others."""
    column = (torch.tensor([values.get(name, 0.0) for name in DRAWN])[:, None] + 1) / 2
    monkeypatch.setattr(torch, "rand", lambda n, b, generator: column.expand(n, b).clone())


def test_a_full_shift_is_two_pixels(monkeypatch):
    x = torch.zeros(1, 1, 28, 28)
    x[0, 0, 10, 12] = 1
    draws(monkeypatch, right=1, down=-1)
    moved = augment(x.clone(), generator())
    row, column = divmod(int(moved[0, 0].argmax()), 28)
    # the grid says where each pixel comes from: + 2 columns moves the ink left, - 2 rows moves it down
    assert (row, column) == (12, 10)
    assert float(moved[0, 0, 12, 10]) == pytest.approx(1, abs=1e-4)


def test_a_full_turn_is_fifteen_degrees(monkeypatch):
    x = torch.zeros(1, 1, 28, 28)
    x[0, 0, 3:5, 13:15] = 1  # 10 pixels above the middle
    draws(monkeypatch, angle=1)
    turned = augment(x.clone(), generator())[0, 0]
    rows, columns = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    down = float((turned * rows).sum() / turned.sum()) - 13.5
    right = float((turned * columns).sum() / turned.sum()) - 13.5
    angle = torch.rad2deg(torch.atan2(torch.tensor(abs(right)), torch.tensor(-down)))
    assert float(angle) == pytest.approx(15, abs=0.5)


def spread(image):
    """Standard deviations of the ink along x and along y, and its covariance over the variance along y."""
    rows, columns = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    ink = image / image.sum()
    x, y = columns - float((ink * columns).sum()), rows - float((ink * rows).sum())
    xx, yy, xy = (float((ink * product).sum()) for product in (x * x, y * y, x * y))
    return xx**0.5, yy**0.5, xy / yy


def test_width_height_and_shear(monkeypatch):
    """The grid says where each pixel comes from: what reads ten percent further has its ink ten percent narrower."""
    rows, columns = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    x = torch.exp(-((rows - 13.5) ** 2 + (columns - 13.5) ** 2) / 18)[None, None]  # a round blot, 3 pixels wide
    wide, high, slant = spread(x[0, 0])
    assert slant == pytest.approx(0, abs=1e-6)
    draws(monkeypatch, wide=1)
    assert spread(augment(x.clone(), generator())[0, 0]) == pytest.approx((wide / 1.1, high, 0), abs=0.03)
    draws(monkeypatch, high=-1)
    assert spread(augment(x.clone(), generator())[0, 0]) == pytest.approx((wide, high / 0.9, 0), abs=0.05)
    draws(monkeypatch, shear=1)
    assert spread(augment(x.clone(), generator())[0, 0])[2] == pytest.approx(-0.1, abs=0.01)


def test_the_grid_is_torchs(monkeypatch):
    """All at once, against torch's own grid of the product of the matrices."""
    seen = []
    real = F.grid_sample
    monkeypatch.setattr(F, "grid_sample", lambda x, grid, **named: seen.append(grid) or real(x, grid, **named))
    x = torch.rand(2, 1, 28, 28, generator=generator())
    draws(monkeypatch, angle=0.4, right=0.3, down=-0.7, wide=0.5, high=-0.8, shear=0.9)
    augment(x, generator())
    angle = math.radians(0.4 * 15)
    turn = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    linear = turn @ torch.tensor([[1.05, 0.09], [0.0, 0.92]])
    shift = torch.tensor([[0.3], [-0.7]]) * 2 * 2 / 28
    theta = torch.cat([linear, shift], dim=1).expand(2, 2, 3)
    torch.testing.assert_close(seen[0], F.affine_grid(theta, [2, 1, 28, 28], align_corners=False), atol=1e-6, rtol=0)


def test_brightness_and_contrast_by_hand(monkeypatch):
    x = torch.full((1, 1, 28, 28), 0.4)
    x[..., 14:] = 0.6
    draws(monkeypatch, brightness=1)
    brighter = augment(x.clone(), generator())
    assert float(brighter[0, 0, 14, 5]) == pytest.approx(0.44, abs=1e-4)
    draws(monkeypatch, contrast=1)
    stronger = augment(x.clone(), generator())
    # about the image's mean, 0.5
    assert float(stronger[0, 0, 14, 5]) == pytest.approx(0.39, abs=1e-4)
    assert float(stronger[0, 0, 14, 20]) == pytest.approx(0.61, abs=1e-4)


def test_contrast_is_about_the_mean_of_what_brightness_left(monkeypatch):
    x = torch.full((1, 1, 28, 28), 0.4)
    x[..., 14:] = 1.0
    draws(monkeypatch, brightness=1, contrast=1)
    out = augment(x.clone(), generator())
    # brighter: 0.44 and 1, which 1.1 is cut to; their mean is 0.72
    assert float(out[0, 0, 14, 5]) == pytest.approx(0.72 + 1.1 * (0.44 - 0.72), abs=1e-4)
    assert float(out[0, 0, 14, 20]) == 1


def test_what_comes_in_from_outside_is_paper(monkeypatch):
    x = torch.ones(1, 1, 28, 28)
    draws(monkeypatch, right=1, down=-1)
    moved = augment(x.clone(), generator())[0, 0]
    # two pixels to the left and down: columns come in from the right, rows from the top
    torch.testing.assert_close(moved[2:, :-2], torch.ones(26, 26), rtol=0, atol=1e-4)
    assert float(moved[:2].abs().max()) == pytest.approx(0, abs=1e-4)
    assert float(moved[:, -2:].abs().max()) == pytest.approx(0, abs=1e-4)


def test_every_image_is_changed_in_its_own_way_and_stays_in_range(digits):
    x = to_float(digits.train_images[:1]).expand(64, 1, 28, 28).contiguous()
    out = augment(x.clone(), generator(1))
    assert out.shape == x.shape
    assert float(out.min()) >= 0
    assert float(out.max()) <= 1
    assert len({image.numpy().tobytes() for image in out}) == 64
    assert torch.equal(out, augment(x.clone(), generator(1)))
    assert not torch.equal(out, augment(x.clone(), generator(2)))


def test_white_noise_stays_in_range():
    out = augment(torch.rand(32, 1, 28, 28, generator=generator()).round(), generator())
    assert 0 <= float(out.min()) <= float(out.max()) <= 1
