"""The exercise's setting with small numbers: four images through two layers, each with its own statistics.

    image (4, 1, 3, 3) -> conv 2x2 -> norm 1 -> ReLU -> conv 1x1 -> norm 2
                              (4, 4, 2, 2)                (4, 4, 2, 2)

Norm 2 does not receive what norm 1 received: its means and variances are those of other numbers, and they
depend on which norm stood in the first place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue import NORMS, SIDE, SetNorm
from core.config import ConfigError
from core.four_images.influence import settled
from core.four_images.source import IMAGES, SHOWN
from core.normalization import Array, normalize, statistics

PICTURES: Array = np.array(
    [
        [[0, 9, 0], [0, 8, 1], [1, 9, 0]],  # an upright stroke
        [[1, 0, 0], [9, 8, 9], [0, 1, 0]],  # a level stroke
        [[9, 1, 0], [0, 8, 2], [1, 0, 9]],  # a falling diagonal
        [[5, 6, 5], [6, 1, 7], [5, 6, 5]],  # a ring
    ],
    dtype=np.float64,
)[:, None]
"""The project's own four images, (4, 1, 3, 3)."""

KERNELS: Array = np.array([[[1, 1], [-1, -1]], [[1, -1], [1, -1]], [[1, 0], [0, 1]], [[0, 1], [1, 0]]], np.float64)
"""First convolution: one 2x2 kernel for each of its 4 channels (upper edge, left edge, two diagonals)."""

MIX: Array = np.array([[2, -1, 1, 0], [0, 2, -1, 1], [1, 0, 2, -1], [-1, 1, 0, 2]], np.float64)
"""Second convolution, 1x1: row o holds the weights of the 4 input channels for output channel o."""

CHANNELS = len(KERNELS)
PICTURE_SIDE, KERNEL_SIDE = PICTURES.shape[-1], KERNELS.shape[-1]
PLANE_SIDE = PICTURE_SIDE - KERNEL_SIDE + 1
"""Height and width of an image, of a kernel, and of what both norms receive."""
CAPTION = (
    f"{PICTURE_SIDE} × {PICTURE_SIDE} images → convolution {KERNEL_SIDE} × {KERNEL_SIDE} → norm → ReLU → "
    "convolution 1 × 1 → norm."
)
"""The way of the four images in one line."""
LATER = 1000
"""The random pictures of the k-th batch have the seed LATER + k - 1."""


def enlarged_pictures() -> NDArray[np.uint8]:
    """The four images, as large as those of the data sets, 255 where the number is 9."""
    factor, rest = divmod(SIDE, PICTURE_SIDE)
    large = np.kron(PICTURES[:, 0] * (255 / 9), np.ones((factor, factor)))  # (4, 27, 27)
    return np.pad(large, ((0, 0), (0, rest), (0, rest))).astype(np.uint8)


@dataclass(frozen=True)
class Pass:
    """Every tensor on the way, (4, 4, 2, 2) each: what the norms receive and what they return."""

    before: tuple[Array, Array]
    after: tuple[Array, Array]


def forward(pictures: Array, norm: SetNorm, groups: int = 1) -> Pass:
    """``pictures`` (N, 1, 3, 3) through both layers, every norm by the statistics of this batch."""
    if pictures.shape[1:] != PICTURES.shape[1:]:
        raise ConfigError(f"the images have shape {pictures.shape}; use (N, 1, {PICTURE_SIDE}, {PICTURE_SIDE})")
    window = KERNELS.shape[1:]
    windows = np.lib.stride_tricks.sliding_window_view(pictures[:, 0], window, axis=(1, 2))  # (N, 2, 2, 2, 2)
    first = np.einsum("nyxab,cab->ncyx", windows, KERNELS)  # (N, 4, 2, 2)
    first_out = normalize(first, statistics(first, norm, groups))
    second = np.einsum("nchw,oc->nohw", np.maximum(first_out, 0), MIX)  # (N, 4, 2, 2)
    return Pass((first, second), (first_out, normalize(second, statistics(second, norm, groups))))


@dataclass(frozen=True)
class TwoLayers:
    """A source: what norm ``layer`` (0 or 1) of the two receives."""

    layer: int = 0
    channels: int = CHANNELS

    def batch(self, norm: SetNorm, groups: int, *, replaced: int = 0, training: bool = True) -> Array:
        """The four pictures in front of this layer's norm."""
        pictures = PICTURES.copy()
        if replaced:
            pictures[IMAGES - 1] = 3 * _draw(replaced)[0]
        if not training and NORMS[norm].running and self.layer:
            # in inference the first norm uses its running estimates, so no picture changes another
            return self._second_in_inference(pictures)
        return forward(pictures, norm, groups).before[self.layer]

    def stream(self, norm: SetNorm, groups: int, count: int) -> Iterator[Array]:
        """The four pictures in front of this layer's norm, then random ones."""
        for i in range(count):
            yield forward(_draw(LATER + i) if i else PICTURES, norm, groups).before[self.layer]

    def batch_name(self, number: int) -> str:
        """The seed of the random pictures, or that these are the four images shown."""
        return f"random pictures, seed {LATER + number - 1}" if number > 1 else SHOWN

    def _second_in_inference(self, pictures: Array) -> Array:
        x = settled(TwoLayers(0)).normalize(_first(pictures))
        return np.einsum("nchw,oc->nohw", np.maximum(x, 0), MIX)


def _first(pictures: Array) -> Array:
    return forward(pictures, "ln").before[0]  # before the first norm no norm has acted yet


def _draw(seed: int) -> Array:
    return np.random.default_rng(seed).integers(0, 10, (IMAGES, *PICTURES.shape[1:])).astype(np.float64)
