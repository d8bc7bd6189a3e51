"""The network: one file, its normalization chosen by name.

crop                the blank border of the data set, where it has one
conv 3x3  1 -> 16   unpadded; max pool 2x2, norm, ReLU
conv 3x3 16 -> 16   norm, ReLU
conv 3x3 16 -> 16   max pool 2x2, norm, ReLU
conv 3x3 16 -> 32   norm, ReLU
conv 3x3 32 -> 32   norm, ReLU
max over the image, linear 32 -> 10

``Geometry`` holds what differs from one recipe to another, ``layer_shapes`` tells the sizes:

>>> [side for _, side, _ in layer_shapes(RunConfig(norm="bn", dataset="mnist"))]
[11, 11, 5, 5, 5]

The poolings stand before the norm, where they leave it a quarter of the numbers. ReLU grows with its
argument, as a norm does wherever gamma is positive, so there only the statistics tell the two orders apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.catalogue import CLASSES, DATASETS, NORMS, SIDE, NormName
from core.config import RECIPE, ConfigError, Precision, RunConfig
from core.normalization import EPS, effective_groups

POOL_AFTER = (0, 2)
"""2x2 poolings follow these convolutions, counted from 0."""


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """What of a network's shape belongs to its recipe.

    crops: whether the data set's blank border is cut off.
    padding: of the first convolution; the others leave the size as it is.
    """

    crops: bool
    padding: int


GEOMETRIES = {1: Geometry(crops=False, padding=1), RECIPE: Geometry(crops=True, padding=0)}
"""By recipe: networks of the former ones can still be looked into."""


class ContiguousGroupNorm(nn.GroupNorm):
    """``nn.GroupNorm`` on the (N, C, H, W) order in memory, between convolutions in channels-last order.

    With several groups torch's kernel is several times slower in the channels-last order that the
    convolutions prefer; the two copies cost less. The values are the same.
    """

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        planes = x.contiguous()
        if planes.requires_grad and planes is not x:
            # or the pooling before it would copy its own, four times larger gradient
            planes.register_hook(lambda gradient: gradient.contiguous(memory_format=torch.channels_last))
        return super().forward(planes).contiguous(memory_format=torch.channels_last)


class PositionLayerNorm(nn.LayerNorm):
    """``nn.LayerNorm(C)`` at each position of an (N, C, H, W) tensor, as transformers and ConvNeXt have it."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ImageRMSNorm(nn.Module):
    """RMSNorm over (C, H, W) of each image (arXiv 1910.07467): x / sqrt(mean(x^2) + eps) * gamma, one gamma a channel.

    torch's ``nn.RMSNorm([C, H, W])`` takes the same root mean square, but has a gamma for every element.
    """

    def __init__(self, channels: int, eps: float = EPS) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        return F.rms_norm(x, x.shape[1:], eps=self.eps) * self.weight[:, None, None]


def make_norm(name: NormName, channels: int, groups: int = 1) -> nn.Module:
    """The layer for (N, C, H, W) tensors of ``channels`` channels, with gamma (and beta, where it shifts) per channel.

    ``ln`` normalizes over (C, H, W) of each image and is therefore GroupNorm with one group: torch's
    ``nn.LayerNorm([C, H, W])`` takes the same statistics, but has gamma and beta per element. ``in`` is
    GroupNorm with as many groups as channels: the numbers of ``nn.InstanceNorm2d(C, affine=True)``, sooner.
    Raises ``ConfigError`` for an unknown name, or groups that do not divide the channels.
    """
    if name == "bn":
        return nn.BatchNorm2d(channels)
    if name == "ln":
        return nn.GroupNorm(1, channels)
    if name in ("gn", "in"):
        return ContiguousGroupNorm(effective_groups(name, channels, groups), channels)
    if name == "ln-position":
        return PositionLayerNorm(channels)
    if name == "rms":
        return ImageRMSNorm(channels)
    if name == "none":
        return nn.Identity()
    raise ConfigError(f"norm={name!r} is unknown; use one of {', '.join(NORMS)}")


class NormNet(nn.Module):
    """Five convolutions, each followed by the chosen norm and ReLU; see the module's table.

    forward: (N, 1, 28, 28) float -> (N, 10) logits. Convolutions have a bias only where no norm with a
    beta follows, since beta does the same. The same seed gives every norm the same convolution and linear weights.
    precision: "bf16" trains in mixed precision, weights staying float32; inference is always float32, so
    that a record's numbers can be had on any machine.
    border: pixels on each side that are cut off, where the geometry of the recipe crops.
    """

    def __init__(
        self,
        norm: NormName,
        groups: int = 1,
        width: int = 16,
        seed: int = 0,
        precision: Precision = "fp32",
        *,
        border: int = 0,
        recipe: int = RECIPE,
    ) -> None:
        super().__init__()
        self.precision = precision
        self.geometry = GEOMETRIES[recipe]
        self.border = border if self.geometry.crops else 0
        channels = [1, width, width, width, 2 * width, 2 * width]
        bias = not NORMS[norm].shifts
        first = nn.Conv2d(1, width, 3, padding=self.geometry.padding, bias=bias)
        others = (nn.Conv2d(fan_in, fan_out, 3, padding=1, bias=bias) for fan_in, fan_out in pairwise(channels[1:]))
        self.convs = nn.ModuleList([first, *others])
        self.norms = nn.ModuleList(make_norm(norm, c, groups) for c in channels[1:])
        self.head = nn.Linear(channels[-1], CLASSES)
        self._initialize(torch.Generator().manual_seed(seed))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs know no such keyword

    def _initialize(self, generator: torch.Generator) -> None:
        # weights in one order, biases without a draw: no norm changes what the next layer gets
        for conv in cast("Iterable[nn.Conv2d]", self.convs):
            # uniform within 1/sqrt(fan_in), torch's own default: larger weights before a norm only
            # lower the effective learning rate
            nn.init.kaiming_uniform_(conv.weight, a=math.sqrt(5), generator=generator)
            if conv.bias is not None:
                nn.init.zeros_(conv.bias)
        # every class equally likely at the start: no early loss to unlearn, and no norm at a disadvantage
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, 28, 28) -> (N, 10) logits."""
        mixed = self.training and self.precision == "bf16"
        inside = slice(self.border, SIDE - self.border)
        x = x[:, :, inside, inside]
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=mixed):
            for i, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
                x = conv(x)  # (N, width or 2 * width, H, W)
                if i in POOL_AFTER:
                    x = F.max_pool2d(x, 2)  # (N, C, H/2, W/2)
                x = F.relu_(norm(x))  # in place: no norm needs its own output for the gradient
        x = F.max_pool2d(x, list(x.shape[2:])).flatten(1).float()  # (N, 2 * width)
        return self.head(x)  # (N, 10)


def get_model(config: RunConfig) -> NormNet:
    """The untrained network of a run."""
    border = DATASETS[config.dataset].border
    return NormNet(
        config.norm, config.groups, config.width, config.seed, config.precision, border=border, recipe=config.recipe
    )


@lru_cache(maxsize=32)
def layer_shapes(config: RunConfig) -> tuple[tuple[int, int, int], ...]:
    """(C, H, W) of what each norm of a run's network receives, in order."""
    model = get_model(config).eval()
    with torch.inference_mode(), LayerTap(model) as tap:
        model(torch.zeros(1, 1, SIDE, SIDE))
    shapes = (tap.before[i].shape[1:] for i in range(len(model.norms)))
    return tuple((c, h, w) for c, h, w in shapes)


def fastest_precision() -> Precision:
    """ "bf16" where the processor multiplies bfloat16 itself, else "fp32"."""
    native = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return "bf16" if native() else "fp32"


def parameter_count(model: nn.Module) -> int:
    """The number of trainable numbers."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


class LayerTap:
    """Records what goes into and comes out of each norm during a forward pass; a context manager.

        with LayerTap(model) as tap:
            model(images)
        tap.before[2]  # (N, C, H, W): what the third norm received

    before, after: one contiguous tensor a layer, detached.
    """

    def __init__(self, model: NormNet) -> None:
        self._model = model
        self._handles: list[torch.utils.hooks.RemovableHandle] = []
        self.before: dict[int, Tensor] = {}
        self.after: dict[int, Tensor] = {}

    def __enter__(self) -> LayerTap:
        for i, norm in enumerate(self._model.norms):

            def keep(_: nn.Module, inputs: tuple[Tensor, ...], output: Tensor, i: int = i) -> None:
                self.before[i] = inputs[0].detach().contiguous().clone()
                self.after[i] = output.detach().contiguous().clone()

            self._handles.append(norm.register_forward_hook(keep))
        return self

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()
