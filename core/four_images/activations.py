"""Four real images on their way through the network: what each of its norms receives."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.catalogue import SetNorm
from core.data.batches import standardize, to_float
from core.data.datasets import Dataset
from core.four_images.source import IMAGES, SHOWN
from core.model import LayerTap, NormNet
from core.normalization import Array, RunningStatistics

Images = NDArray[np.uint8]
LayerShape = tuple[int, int, int]
"""(C, H, W) of what a norm receives."""


def layer_title(layer: int, shape: LayerShape) -> str:
    """ "3: 16 × 9 × 8": the number of a norm, counted from 1, and channels, height and width of what it receives."""
    channels, height, width = shape
    return f"{layer + 1}: {channels} × {height} × {width}"


@dataclass(frozen=True, eq=False)
class Network:
    """A network to look into; where it comes from, in words; and the groups of its own norms."""

    model: NormNet
    origin: str
    trained: bool
    groups: int = 1


@dataclass(frozen=True, eq=False)
class LayerImages:
    """Four images in front of one norm of a network.

    images: (4, 28, 28) uint8, 0 is paper.  layer: of the norm, counted from 0.  channels: C of what it receives.
    networks: from a norm and groups to the network.  data: where replacement images and further batches come from.
    """

    images: Images
    layer: int
    channels: int
    networks: Callable[[SetNorm, int], Network]
    data: Dataset

    def batch(self, norm: SetNorm, groups: int, *, replaced: int = 0, training: bool = True) -> Array:
        """What the norm of ``layer`` receives; in training mode earlier BN layers use this batch's statistics."""
        images = self.images
        if replaced:
            images = images.copy()
            # inverted: ink becomes paper, the strongest companion that is still an image of the data set
            other = self.data.test_images[(101 * replaced) % len(self.data.test_images)].numpy()
            images[IMAGES - 1] = 255 - other
        return self._before(images, norm, groups, training)

    def stream(self, norm: SetNorm, groups: int, count: int) -> Iterator[Array]:
        """The four images, then those of the training set in turn, through the network in training mode."""
        for i in range(count):
            images = self.data.train_images[self._start(i) :][:IMAGES].numpy() if i else self.images
            yield self._before(images, norm, groups, True)

    def batch_name(self, number: int) -> str:
        """Which images of the training set, by position from 0, or that these are the four images shown."""
        start = self._start(number - 1)
        return f"training images {start} to {start + IMAGES - 1}" if number > 1 else SHOWN

    def _start(self, later: int) -> int:
        return IMAGES * (later - 1) % (len(self.data.train_images) - IMAGES)

    def running(self, norm: SetNorm, groups: int) -> RunningStatistics | None:
        """The running estimates that this layer's BN learned with its network; None for other norms."""
        layer = self.networks(norm, groups).model.norms[self.layer]
        if not isinstance(layer, torch.nn.BatchNorm2d) or layer.running_mean is None or layer.running_var is None:
            return None
        batches = int(layer.num_batches_tracked) if layer.num_batches_tracked is not None else 0
        return RunningStatistics(
            layer.running_mean.double().numpy(), layer.running_var.double().numpy(), batches=batches
        )

    def _before(self, images: Images, norm: SetNorm, groups: int, training: bool) -> Array:
        return activations(self.networks(norm, groups).model, images, self.data, training=training)[self.layer]


def activations(model: NormNet, images: Images, data: Dataset, *, training: bool) -> list[Array]:
    """What each norm of ``model`` receives for ``images`` (N, 28, 28), one (N, C, H, W) float64 array a layer."""
    model = copy.deepcopy(model).train(training)  # training mode would move the running estimates of the original
    x = standardize(to_float(torch.from_numpy(np.ascontiguousarray(images))), data)  # (N, 1, 28, 28)
    with torch.no_grad(), LayerTap(model) as tap:
        model(x)
    return [tap.before[i].double().numpy() for i in range(len(model.norms))]
