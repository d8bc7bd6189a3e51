"""torch's own layer of every norm that has statistics, for the tests that compare with it."""

from __future__ import annotations

import torch
from torch import nn


class LastLayerNorm(nn.Module):
    """``nn.LayerNorm(C)`` on a permuted (N, C, H, W) tensor."""

    def __init__(self, channels: int, eps: float) -> None:
        super().__init__()
        self.inner = nn.LayerNorm(channels, eps=eps)
        self.weight, self.bias = self.inner.weight, self.inner.bias

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def torch_norm(norm, shape, groups=1, eps=1e-5, gamma=None, beta=None) -> nn.Module:
    """The layer in float64 and training mode for (N, C, H, W) tensors; gamma and beta, (C,) each, set where it has any.

    ``ln`` and ``rms`` have them for every element here.
    """
    _, c, h, w = shape
    layer = {
        "bn": lambda: nn.BatchNorm2d(c, eps=eps),
        "gn": lambda: nn.GroupNorm(groups, c, eps=eps),
        "in": lambda: nn.InstanceNorm2d(c, eps=eps, affine=True),
        "ln": lambda: nn.LayerNorm([c, h, w], eps=eps),
        "ln-position": lambda: LastLayerNorm(c, eps),
        "rms": lambda: nn.RMSNorm([c, h, w], eps=eps),
    }[norm]().double()
    with torch.no_grad():
        for parameter, values in ((layer.weight, gamma), (getattr(layer, "bias", None), beta)):
            if parameter is not None and values is not None:
                each = torch.from_numpy(values)
                parameter.copy_(each[:, None, None].expand(c, h, w) if parameter.ndim == 3 else each)
    return layer.train()
