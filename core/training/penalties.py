"""Penalties on the weights, added to the loss by name and by nothing else.

They act on convolution kernels and on the linear layer's matrix: the tensors of two and more
dimensions. Biases and a norm's gamma and beta are left free.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def penalized(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """Name and tensor of every weight that ``l1`` and ``l2`` cover."""
    return [(name, p) for name, p in model.named_parameters() if p.ndim >= 2]


def l1(weights: Sequence[Tensor]) -> Tensor:
    """sum |w| over all ``weights``: a scalar. Its gradient is sign(w), 0 at w = 0."""
    return torch.stack([w.abs().sum() for w in weights]).sum()


def l2(weights: Sequence[Tensor]) -> Tensor:
    """sum w^2 over all ``weights``: a scalar. Its gradient is 2w."""
    return torch.stack([w.square().sum() for w in weights]).sum()
