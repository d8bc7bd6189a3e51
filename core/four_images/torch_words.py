"""What torch itself says of a batch that it refuses."""

from __future__ import annotations

import torch
from torch import nn

from core.catalogue import SetNorm
from core.model import make_norm
from core.normalization import Shape, torch_refusal


def torch_says(norm: SetNorm, shape: Shape, groups: int) -> str:
    """What torch's layer says where it refuses a training batch of ``shape`` (N, C, H, W); "" where it does not."""
    if torch_refusal(norm, shape, groups) is None:
        return ""
    # the networks here have InstanceNorm as GroupNorm with C groups, which does not look at the image
    layer = nn.InstanceNorm2d(shape[1]) if norm == "in" else make_norm(norm, shape[1], groups)
    try:
        layer.train()(torch.zeros(shape))
    except ValueError as error:
        return str(error)
    return ""
