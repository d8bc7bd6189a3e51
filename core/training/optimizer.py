"""How the weights of a run move: one step a batch, along one schedule."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.optim.sgd import sgd

from core.config import RunConfig
from core.training import penalties
from core.training.vector import as_vector, mask

MOMENTUM = 0.9
MAX_GRADIENT_NORM = 1.0
"""Gradients are scaled down to this L2 norm: without it GN and LN can lose their first epoch at lr 0.1."""
RISING = 0.3
"""Share of the steps in which the learning rate rises."""
FIRST, LAST = 1 / 25, 1 / 250_000
"""The first and the last learning rate, as parts of the highest."""


def learning_rate(step: int, steps: int, highest: float) -> float:
    """Of the ``step``-th of so many steps, from 0: OneCycle (arXiv 1708.07120), half a cosine up, half a one down.

    The numbers of torch's ``OneCycleLR`` for one step more than ``steps``, so that the last step still moves. That
    class and those of torch's optimizers bring torch's compiler and sympy into memory, 70 MB of a small server's.
    """
    top = RISING * (steps + 1) - 1
    if step <= top:
        return _half_cosine(FIRST * highest, highest, step / top)
    return _half_cosine(highest, LAST * highest, (step - top) / (steps - top))


def _half_cosine(start: float, end: float, part: float) -> float:
    return end + (start - end) / 2 * (math.cos(math.pi * part) + 1)


class Optimizer:
    """The recipe of one run: Nesterov momentum, OneCycle, gradients clipped, and the penalties that are named.

    It acts on all parameters as one vector: a step is a handful of operations, however many tensors there are.
    """

    def __init__(self, model: nn.Module, config: RunConfig, steps: int) -> None:
        self._config = config
        self._penalized = mask(model, [weight for _, weight in penalties.penalized(model)])
        self._vector = as_vector(model)
        self._velocity = torch.zeros_like(self._vector)
        self._steps, self._done = steps, 0

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
        with torch.no_grad():
            sgd(
                [self._vector],
                [gradient],
                [self._velocity],
                fused=True,
                weight_decay=0,
                momentum=MOMENTUM,
                lr=learning_rate(self._done, self._steps, self._config.lr),
                dampening=0,
                nesterov=True,
                maximize=False,
            )
        self._done += 1

    def _add_penalties(self, gradient: Tensor) -> None:
        # the gradients in closed form: through autograd they would take as long as a convolution
        values = self._vector.detach()
        if self._config.l1:
            gradient.addcmul_(values.sign(), self._penalized, value=self._config.l1)
        if self._config.l2:
            gradient.addcmul_(values, self._penalized, value=2 * self._config.l2)
