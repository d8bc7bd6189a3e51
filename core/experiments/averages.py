"""BN's running average under any momentum, kept beside a training that it does not alter; and a test by its loss."""

from __future__ import annotations

import copy

import torch
from torch import Tensor
from torch.nn import functional as F

from core.experiments.statistics import CHUNK, batch_norms
from core.model import NormNet


class RunningAverage:
    """The running mean and variance of every BN layer of a network under a momentum of one's own.

    running = (1 - momentum) * running + momentum * batch, as torch has it, from mean 0 and variance 1.
    Training does not depend on it, so one training serves every momentum.
    """

    def __init__(self, model: NormNet, momentum: float) -> None:
        self.momentum = momentum
        channels = [layer.num_features for layer in batch_norms(model)]
        self._kept = [(torch.zeros(c), torch.ones(c)) for c in channels]

    def add(self, model: NormNet) -> None:
        """Take in the batch whose statistics the layers of ``model`` hold (they do at momentum 1)."""
        for layer, (mean, var) in zip(batch_norms(model), self._kept, strict=True):
            assert layer.running_mean is not None  # both are there while BN tracks, which a training's does
            assert layer.running_var is not None
            mean.mul_(1 - self.momentum).add_(layer.running_mean, alpha=self.momentum)
            var.mul_(1 - self.momentum).add_(layer.running_var, alpha=self.momentum)

    def applied(self, model: NormNet) -> NormNet:
        """A copy of ``model`` in inference mode with these statistics."""
        model = copy.deepcopy(model).eval()
        for layer, (mean, var) in zip(batch_norms(model), self._kept, strict=True):
            layer.running_mean, layer.running_var = mean.clone(), var.clone()
        return model


def tested(model: NormNet, x: Tensor, labels: Tensor) -> dict[str, float]:
    """Cross-entropy in nats and wrong answers in percent of a network in inference mode."""
    with torch.inference_mode():
        logits = torch.cat([model(chunk) for chunk in x.split(CHUNK)])
    loss = float(F.cross_entropy(logits, labels))
    return {
        "loss": float(f"{loss:.6g}"),
        "error": round(100 * float((logits.argmax(dim=1) != labels).float().mean()), 3),
    }
