"""Float batches from a data set of bytes, one at a time, augmented as a whole."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from core.catalogue import SIDE
from core.config import RunConfig
from core.data.datasets import Dataset

Batch = tuple[Tensor, Tensor]
"""(B, 1, 28, 28) float32 images and their (B,) int64 labels; whoever gets them leaves them as they are."""

ROTATION_DEGREES = 15.0
SHIFT_PIXELS = 2.0
STRETCH = 0.1
SHEAR = 0.1
BRIGHTNESS = 0.1
CONTRAST = 0.1


def to_float(images: Tensor) -> Tensor:
    """uint8 (B, 28, 28) -> float32 (B, 1, 28, 28) on the scale 0..1."""
    return images[:, None].float().div_(255)


def standardize(x: Tensor, data: Dataset) -> Tensor:
    """(x - mean) / std with the training set's mean and std; in place."""
    return x.sub_(data.mean).div_(data.std)


def augment(x: Tensor, generator: torch.Generator) -> Tensor:
    """Move every image of a batch and change its brightness and contrast at random.

    x: (B, 1, 28, 28) on the scale 0..1, and so is the result. Each image has its own angle (within
    15 degrees), shift (within 2 pixels, in both directions), width and height (within 0.1 of 1 each), shear
    (up to 0.1 pixels a row), brightness and contrast factor (within 0.1 of 1, contrast about the image's mean,
    as torchvision's ColorJitter has it). One affine grid and one bilinear sampling move the whole batch; what
    comes in from outside is paper.
    """
    b = len(x)
    draw = torch.rand(8, b, generator=generator).mul_(2).sub_(1)  # (8, B), -1..1
    angle = draw[0] * math.radians(ROTATION_DEGREES)
    shift = draw[1:3] * (2 * SHIFT_PIXELS / SIDE)  # the grid spans -1..1
    wide, high = 1 + STRETCH * draw[5:7]
    shear = SHEAR * draw[7]
    cos, sin = angle.cos(), angle.sin()
    # where each pixel comes from: stretched and sheared, then turned, then shifted
    rows = [cos * wide, cos * shear - sin * high, shift[0], sin * wide, sin * shear + cos * high, shift[1]]
    theta = torch.stack(rows, dim=1)  # (B, 6): two rows of three
    # the numbers of F.affine_grid, which multiplies image by image and takes many times as long
    grid = (theta.view(2 * b, 3) @ _pixels()).view(b, 2, SIDE, SIDE).permute(0, 2, 3, 1)  # (B, 28, 28, 2)
    x = F.grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    brightness = 1 + BRIGHTNESS * draw[3].view(b, 1, 1, 1)
    contrast = 1 + CONTRAST * draw[4].view(b, 1, 1, 1)
    x = x.mul_(brightness).clamp_(0, 1)
    grey = x.mean(dim=(1, 2, 3), keepdim=True)
    return x.sub_(grey).mul_(contrast).add_(grey).clamp_(0, 1)


@cache
def _pixels() -> Tensor:
    """(3, 28 * 28): x, y and 1 of every pixel's centre, where the image spans -1..1."""
    centres = F.affine_grid(torch.eye(2, 3)[None], [1, 1, SIDE, SIDE], align_corners=False)
    return torch.cat([centres.view(-1, 2).T, torch.ones(1, SIDE * SIDE)])


def training_batches(data: Dataset, batch_size: int, generator: torch.Generator, *, augmented: bool) -> Iterator[Batch]:
    """One epoch in a new random order: (B, 1, 28, 28) float images and (B,) labels.

    The last batch holds what is left. ``generator`` decides order and augmentation, so that equal
    generators give equal epochs.
    """
    order = torch.randperm(len(data.train_images), generator=generator)
    for index in order.split(batch_size):
        x = to_float(data.train_images[index])
        if augmented:
            x = augment(x, generator)
        yield standardize(x, data), data.train_labels[index]


def run_batches(config: RunConfig, data: Dataset) -> Iterator[Batch]:
    """All batches of a run, epoch after epoch; ``data`` is what it trains on, a validation part held out already."""
    # its own stream, so that the batches do not depend on how many numbers the weights took
    generator = torch.Generator().manual_seed(config.seed)
    for _ in range(config.epochs):
        yield from training_batches(data, config.batch_size, generator, augmented=config.augment)
