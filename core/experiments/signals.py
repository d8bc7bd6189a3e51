"""How large activations and gradients are, layer by layer, in a network that has learned nothing yet."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.experiments.network import build
from core.experiments.settings import LabConfig
from core.model import LayerTap, NormNet


@dataclass(frozen=True)
class Signals:
    """What one batch gives in a network at its start, from the first convolution to the last.

    activations: standard deviation of all numbers behind norm and ReLU.
    gradients: sqrt(sum of g^2) over the weights of the convolution, g the gradient of the mean cross-entropy.
    """

    activations: tuple[float, ...]
    gradients: tuple[float, ...]


def signals(config: LabConfig, x: Tensor, labels: Tensor) -> Signals:
    """x: (N, 1, 28, 28), labels: (N,). The network is a new one in training mode: BN takes the batch's statistics.

    Its last, linear layer gets torch's own initial weights, uniform within 1 / sqrt(fan in), drawn by the seed: the
    project's are 0, and let no gradient through before they have learned something.
    Sums are in float64: a square of what forty layers leave would be 0 in float32.
    """
    model = build(config).train()
    nn.init.kaiming_uniform_(model.head.weight, a=math.sqrt(5), generator=torch.Generator().manual_seed(config.seed))
    with torch.enable_grad(), LayerTap(model) as tap:
        F.cross_entropy(model(x), labels).backward()
    return Signals(
        activations=_sizes(tap),
        gradients=tuple(_norm(conv.weight) for conv in cast("Iterable[nn.Conv2d]", model.convs)),
    )


def activation_sizes(model: NormNet, x: Tensor) -> tuple[float, ...]:
    """The standard deviation of all numbers behind norm and ReLU, layer by layer, in the mode that ``model`` is in.

    x: (N, 1, 28, 28). In training mode the pass moves BN's running estimates.
    """
    with torch.no_grad(), LayerTap(model) as tap:
        model(x)
    return _sizes(tap)


def _sizes(tap: LayerTap) -> tuple[float, ...]:
    return tuple(float(tap.after[i].relu().double().std(correction=0)) for i in sorted(tap.after))


def _norm(weight: Tensor) -> float:
    assert weight.grad is not None  # every convolution lies between the images and the loss
    return float(weight.grad.double().norm())
