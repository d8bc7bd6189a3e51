"""How the weights of a run move: one step a batch, along one schedule."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.config import RunConfig
from core.training import penalties
from core.training.vector import as_vector, mask

MOMENTUM = 0.9
AVERAGING = 0.998
"""Of the average of the weights that a run ends with, so much is kept at every step: it reaches over about 500."""
MAX_GRADIENT_NORM = 1.0
"""Gradients are scaled down to this L2 norm: without it GN and LN can lose their first epoch at lr 0.1."""


class Optimizer:
    """The recipe of one run: Nesterov momentum, OneCycle, gradients clipped, and the penalties that are named.

    It acts on all parameters as one vector: a step is a handful of operations, however many tensors there are. Beside
    the weights it keeps their exponential moving average, with which the run ends (Polyak averaging; in this form for
    instance in arXiv 1703.01780).
    """

    def __init__(self, model: nn.Module, config: RunConfig, steps: int) -> None:
        self._config = config
        self._penalized = mask(model, [weight for _, weight in penalties.penalized(model)])
        self._vector = as_vector(model)
        # BN's running estimates belong to the weights that they were collected with
        self._moving = [self._vector.detach(), *(b for b in model.buffers() if b.is_floating_point())]
        self._averages = [values.clone() for values in self._moving]
        self._steps = 0
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
        self._steps += 1
        # the first weights are far away: at first the average reaches over a tenth of the steps only
        kept = min(AVERAGING, (1 + self._steps) / (10 + self._steps))
        for average, values in zip(self._averages, self._moving, strict=True):
            average.lerp_(values, 1 - kept)

    def finish(self) -> None:
        """After the last step: the averages take the place of the weights and running estimates."""
        for average, values in zip(self._averages, self._moving, strict=True):
            values.copy_(average)

    def _add_penalties(self, gradient: Tensor) -> None:
        # the gradients in closed form: through autograd they would take as long as a convolution
        values = self._vector.detach()
        if self._config.l1:
            gradient.addcmul_(values.sign(), self._penalized, value=self._config.l1)
        if self._config.l2:
            gradient.addcmul_(values, self._penalized, value=2 * self._config.l2)
