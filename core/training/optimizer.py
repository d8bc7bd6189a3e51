"""How the weights of a run move: one step a batch, along one schedule."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.config import RunConfig
from core.training import penalties

MOMENTUM = 0.9
MAX_GRADIENT_NORM = 1.0
"""Gradients are scaled down to this L2 norm: without it GN and LN can lose their first epoch at lr 0.1."""


class Optimizer:
    """The recipe of one run: Nesterov momentum, OneCycle, gradients clipped, and the penalties that are named."""

    def __init__(self, model: nn.Module, config: RunConfig, steps: int) -> None:
        self._config = config
        self._parameters = list(model.parameters())
        self._weights = [weight for _, weight in penalties.penalized(model)]
        self._sgd = torch.optim.SGD(self._parameters, lr=config.lr, momentum=MOMENTUM, nesterov=True, fused=True)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._sgd, max_lr=config.lr, total_steps=steps + 1, cycle_momentum=False
        )

    def penalized(self, loss: Tensor) -> Tensor:
        """``loss`` and what l1 and l2 add to it."""
        if self._config.l1:
            loss = loss + self._config.l1 * penalties.l1(self._weights)
        if self._config.l2:
            loss = loss + self._config.l2 * penalties.l2(self._weights)
        return loss

    def step(self, loss: Tensor) -> None:
        """One step down the gradient of ``loss``."""
        self._sgd.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self._parameters, MAX_GRADIENT_NORM)
        self._sgd.step()
        self._schedule.step()
