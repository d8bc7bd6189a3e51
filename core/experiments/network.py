"""The project's network with the lab's departures, each made by the exchange of a layer: its forward pass is one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.catalogue import DATASETS, NORMS
from core.experiments.settings import LEAST_DEPTH, LabConfig
from core.model import NormNet, make_norm
from core.normalization import EPS


class PooledNorm(nn.Module):
    """The maximum over each plane, and then the norm: BN's sets have as many numbers as the batch has images."""

    def __init__(self, norm: nn.Module) -> None:
        super().__init__()
        self.norm = norm

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, 1, 1)."""
        return self.norm(F.max_pool2d(x, list(x.shape[2:])))


class GhostBatchNorm(nn.BatchNorm2d):
    """BN whose statistics in training are those of sub-batches of ``ghost`` images (arXiv 1705.08741).

    In inference it is BN. What is left of a batch that ``ghost`` does not divide is a sub-batch, too.
    """

    def __init__(self, channels: int, ghost: int) -> None:
        super().__init__(channels)
        self.ghost = ghost

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        if not self.training:
            return super().forward(x)
        return torch.cat([super(GhostBatchNorm, self).forward(part) for part in x.split(self.ghost)])


class StandardizedConv(nn.Conv2d):
    """A convolution by w' = (w - mean) / sqrt(fan_in * var + eps), each filter for itself (arXiv 1903.10520)."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C', H', W')."""
        fan_in = self.weight[0].numel()
        var, mean = torch.var_mean(self.weight, dim=(1, 2, 3), correction=0, keepdim=True)
        weight = (self.weight - mean) * torch.rsqrt(fan_in * var + EPS)
        return F.conv2d(x, weight, self.bias, self.stride, self.padding)


def build(config: LabConfig) -> NormNet:
    """The untrained network of a training of the lab. With the defaults it is that of the race."""
    border = DATASETS[config.dataset].border
    model = NormNet(config.norm, config.groups, config.width, config.seed, border=border)
    _deepen(model, config)
    if config.standardized:
        model.convs = nn.ModuleList(_standardized(conv) for conv in _convs(model))
    # the draws fill a tensor in its order in memory, and the race's network draws before it is turned to channels-last
    _initialize(model.to(memory_format=torch.contiguous_format), config)  # type: ignore[call-overload]  # as below
    if config.ghost:
        model.norms = nn.ModuleList(GhostBatchNorm(conv.out_channels, config.ghost) for conv in _convs(model))
    if config.pooled:
        model.norms[-1] = PooledNorm(model.norms[-1])
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs know no such keyword


def _convs(model: NormNet) -> Iterable[nn.Conv2d]:
    return cast("Iterable[nn.Conv2d]", model.convs)


def _deepen(model: NormNet, config: LabConfig) -> None:
    channels, bias = 2 * config.width, not NORMS[config.norm].shifts
    for _ in range(config.depth - LEAST_DEPTH):
        model.convs.append(nn.Conv2d(channels, channels, 3, padding=1, bias=bias))
        model.norms.append(make_norm(config.norm, channels, config.groups))


def _standardized(conv: nn.Conv2d) -> StandardizedConv:
    size, padding = cast("tuple[int, int]", conv.kernel_size), cast("tuple[int, int]", conv.padding)
    return StandardizedConv(conv.in_channels, conv.out_channels, size, padding=padding, bias=conv.bias is not None)


def _initialize(model: NormNet, config: LabConfig) -> None:
    """As the race's network has it: one stream, in the order of the layers; with ``he`` from wider ranges."""
    generator = torch.Generator().manual_seed(config.seed)
    # gain^2 = 2 / (1 + a^2): 1/3 for torch's own sqrt(5), and 2, which is made for ReLU, for 0
    slope = 0.0 if config.initialization == "he" else math.sqrt(5)
    for conv in _convs(model):
        nn.init.kaiming_uniform_(conv.weight, a=slope, generator=generator)
        if conv.bias is not None:
            nn.init.zeros_(conv.bias)
