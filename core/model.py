"""The network: one file, its normalization chosen by name.

conv 3x3  1 -> 16   norm, ReLU        28 x 28
max pool  2x2                          14 x 14
conv 3x3 16 -> 16   norm, ReLU
conv 3x3 16 -> 16   norm, ReLU
max pool  2x2                           7 x 7
conv 3x3 16 -> 32   norm, ReLU
conv 3x3 32 -> 32   norm, ReLU
max over the image, linear 32 -> 10
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.config import ConfigError, NormName, RunConfig
from core.normalization import effective_groups

CLASSES = 10
BLOCKS_BEFORE_POOL = (0, 2)
"""The 2x2 poolings follow these convolutions, counted from 0."""


def make_norm(name: NormName, channels: int, groups: int = 1) -> nn.Module:
    """The layer for (N, C, H, W) tensors of ``channels`` channels, with gamma and beta per channel.

    ``ln`` normalizes over (C, H, W) of each image and is therefore GroupNorm with one group: torch's
    ``nn.LayerNorm([C, H, W])`` takes the same statistics, but has gamma and beta per element. Raises
    ``ConfigError`` for an unknown name, or groups that do not divide the channels.
    """
    if name == "bn":
        return nn.BatchNorm2d(channels)
    if name in ("ln", "gn"):
        return nn.GroupNorm(effective_groups(name, channels, groups), channels)
    if name == "in":
        return nn.InstanceNorm2d(channels, affine=True)
    if name == "none":
        return nn.Identity()
    raise ConfigError(f"norm={name!r} is unknown; use one of bn, ln, gn, in, none")


class NormNet(nn.Module):
    """Five convolutions, each followed by the chosen norm and ReLU; see the module's table.

    forward: (N, 1, 28, 28) float -> (N, 10) logits. Convolutions have a bias only where no norm follows,
    since beta does the same. The same seed gives every norm the same convolution and linear weights.
    """

    def __init__(self, norm: NormName, groups: int = 1, width: int = 16, seed: int = 0) -> None:
        super().__init__()
        channels = [1, width, width, width, 2 * width, 2 * width]
        self.convs = nn.ModuleList(
            nn.Conv2d(fan_in, fan_out, 3, padding=1, bias=norm == "none") for fan_in, fan_out in pairwise(channels)
        )
        self.norms = nn.ModuleList(make_norm(norm, c, groups) for c in channels[1:])
        self.head = nn.Linear(channels[-1], CLASSES)
        self._initialize(torch.Generator().manual_seed(seed))
        self.to(memory_format=torch.channels_last)

    def _initialize(self, generator: torch.Generator) -> None:
        # weights in one order, biases without a draw: no norm changes what the next layer gets
        for conv in self.convs:
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
        for i, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
            x = F.relu(norm(conv(x)))  # (N, 16 or 32, H, W)
            if i in BLOCKS_BEFORE_POOL:
                x = F.max_pool2d(x, 2)  # (N, C, H/2, W/2)
        x = x.amax(dim=(2, 3))  # (N, 2 * width)
        return self.head(x)  # (N, 10)


def get_model(config: RunConfig) -> NormNet:
    """The untrained network of a run."""
    return NormNet(config.norm, config.groups, config.width, config.seed)


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
