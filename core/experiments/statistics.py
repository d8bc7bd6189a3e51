"""Networks with other BN statistics, each a copy: the one that is given keeps its own, whatever happens."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.model import NormNet

CHUNK = 500
"""Images in one forward pass."""


def batch_norms(model: nn.Module) -> list[nn.BatchNorm2d]:
    """The layers of ``model`` that have running statistics."""
    return [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm2d)]


def with_batch_statistics(model: NormNet) -> NormNet:
    """A copy in inference mode whose BN takes mean and variance of the batch at hand, as if ``eval()`` were forgotten.

    Of other norms it is the same network: they always take their own input's.
    """
    model = copy.deepcopy(model).eval()
    for layer in batch_norms(model):
        layer.running_mean = layer.running_var = None  # torch then takes the batch's, also in inference
    return model


def reestimated(model: NormNet, x: Tensor) -> NormNet:
    """A copy in inference mode whose BN has the mean statistics of ``x`` in chunks of 500: no label is needed.

    x: (N, 1, 28, 28). Known as precise statistics (arXiv 2105.07576): the weights stay as they are.
    """
    model = copy.deepcopy(model).eval()
    model.precision = "fp32"
    for layer in batch_norms(model):
        layer.reset_running_stats()
        layer.momentum = None  # all chunks count alike
        layer.train()
    with torch.no_grad():
        for chunk in x.split(CHUNK):
            model(chunk)
    return model.eval()


def answers(model: NormNet, x: Tensor, chunk: int = CHUNK) -> Tensor:
    """(N, 1, 28, 28) -> (N,) the most probable class, in inference mode, ``chunk`` images at a time."""
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            return torch.cat([model(part).argmax(dim=1) for part in x.split(chunk)])
    finally:
        model.train(was_training)


def error(model: NormNet, x: Tensor, labels: Tensor, chunk: int = CHUNK) -> float:
    """Wrong answers in percent; x: (N, 1, 28, 28), labels: (N,)."""
    return 100 * float((answers(model, x, chunk) != labels).float().mean())


class _InBatches(nn.Module):
    """BN whose statistics are those of ``size`` images that follow each other, as in training mode."""

    def __init__(self, norm: nn.BatchNorm2d, size: int) -> None:
        super().__init__()
        self.norm = norm
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W). torch refuses batches with one number a channel."""
        whole = len(x) // self.size * self.size
        parts = ((x[:whole], self.size), (x[whole:], len(x) - whole))
        return torch.cat([self._normalized(part, size) for part, size in parts if len(part)])

    def _normalized(self, x: Tensor, size: int) -> Tensor:
        n, c, h, w = x.shape
        count = n // size
        # the batches side by side, as if each had channels of its own: one call of torch, however many they are
        beside = x.unflatten(0, (count, size)).transpose(0, 1).reshape(size, count * c, h, w)
        weight, bias = self.norm.weight.repeat(count), self.norm.bias.repeat(count)
        y = F.batch_norm(beside, None, None, weight, bias, True, 0.0, self.norm.eps)
        return y.view(size, count, c, h, w).transpose(0, 1).reshape(n, c, h, w)


def in_batches_of(model: NormNet, size: int) -> NormNet:
    """As ``with_batch_statistics``, for many batches in one pass: of ``size`` images that follow each other in it.

    What is left of a pass that ``size`` does not divide is a batch, too.
    """
    model = copy.deepcopy(model).eval()
    model.norms = nn.ModuleList(
        _InBatches(norm, size) if isinstance(norm, nn.BatchNorm2d) else norm for norm in model.norms
    )
    return model
