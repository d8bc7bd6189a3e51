"""All parameters of a network as one vector: one operation on it then does what a loop over the tensors would do."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def as_vector(model: nn.Module) -> nn.Parameter:
    """The parameters of ``model`` as views of one vector, which is returned; its gradient is made of theirs alike.

    Shapes, orders in memory and values stay as they are. What changes the vector changes the network, and backward
    adds to the vector's gradient, which has to be set to zero between the steps, not to None.
    """
    parameters = list(model.parameters())
    vector = nn.Parameter(torch.empty(sum(p.numel() for p in parameters)))
    vector.grad = torch.zeros_like(vector)
    begin = 0
    for p in parameters:
        place = slice(begin, begin := begin + p.numel())
        view = _like(vector.data[place], p)
        p.data = view.copy_(p.data)
        p.grad = _like(vector.grad[place], p)
    return vector


def mask(model: nn.Module, chosen: list[nn.Parameter]) -> Tensor:
    """1 where the vector of ``model`` holds a number of the ``chosen`` parameters, else 0."""
    wanted = {id(p) for p in chosen}
    return torch.cat([torch.full((p.numel(),), float(id(p) in wanted)) for p in model.parameters()])


def _like(numbers: Tensor, p: Tensor) -> Tensor:
    if p.ndim == 4 and p.is_contiguous(memory_format=torch.channels_last):
        o, i, h, w = p.shape
        return numbers.view(o, h, w, i).permute(0, 3, 1, 2)
    return numbers.view(p.shape)
