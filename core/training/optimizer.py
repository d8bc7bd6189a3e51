"""How the weights of a run move: one step a batch, along one schedule."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.config import RunConfig
from core.training import penalties
from core.training.vector import as_vector, mask

MOMENTUM = 0.9
MAX_GRADIENT_NORM = 1.0
"""Gradients are scaled down to this L2 norm: without it GN and LN can lose their first epoch at lr 0.1."""


class Optimizer:
    """The recipe of one run: Nesterov momentum, OneCycle, gradients clipped, and the penalties that are named.

    It acts on all parameters as one vector: a step is a handful of operations, however many tensors there are.
    """

    def __init__(self, model: nn.Module, config: RunConfig, steps: int) -> None:
        self._config = config
        self._penalized = mask(model, [weight for _, weight in penalties.penalized(model)])
        self._vector = as_vector(model)
        self._sgd = torch.optim.SGD([self._vector], lr=config.lr, momentum=MOMENTUM, nesterov=True, fused=True)
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._sgd, max_lr=config.lr, total_steps=steps + 1, cycle_momentum=False
        )

    def penalty(self) -> float:
        """What l1 and l2 add to the loss of the weights as they are."""
        if not self._config.l1 and not self._config.l2:
            return 0.0
        weights = [self._vector.detach() * self._penalized]
        return self._config.l1 * float(penalties.l1(weights)) + self._config.l2 * float(penalties.l2(weights))

    def step(self, loss: Tensor) -> None:
        """One step down the gradient of ``loss`` and the penalties."""
        gradient = self._vector.grad
        assert gradient is not None  # it is part of the vector
        gradient.zero_()
        loss.backward()
        self._add_penalties(gradient)
        norm = torch.linalg.vector_norm(gradient)
        gradient.mul_((MAX_GRADIENT_NORM / (norm + 1e-6)).clamp_(max=1))
        self._sgd.step()
        self._schedule.step()

    def _add_penalties(self, gradient: Tensor) -> None:
        # the gradients in closed form: through autograd they would take as long as a convolution
        values = self._vector.detach()
        if self._config.l1:
            gradient.addcmul_(values.sign(), self._penalized, value=self._config.l1)
        if self._config.l2:
            gradient.addcmul_(values, self._penalized, value=2 * self._config.l2)
