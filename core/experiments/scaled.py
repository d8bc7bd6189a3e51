"""All weights of a convolution times a factor: what that changes with a norm behind it, and without.

For a > 0, norm(a w * x) = norm(w * x) but for epsilon, whether a set is a channel of the batch, an image or a group of
channels: mean and standard deviation grow by a, too (arXiv 1706.05350). So the answers stay, and the gradient with
respect to a w is that with respect to w over a. BN in inference divides by the stored standard deviation, which does
not grow.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.catalogue import NORMS, NormName
from core.config import DEFAULT_GROUPS
from core.experiments.statistics import with_batch_statistics
from core.model import NormNet

Mode = Literal["training", "inference", ""]
FACTORS = (0.01, 0.1, 0.5, 2.0, 10.0, 100.0)


@dataclass(frozen=True)
class Case:
    """A network of the study to be scaled.

    norm: its own, without a penalty.  mode: of BN, which takes the statistics of the batch or the stored ones.
    """

    norm: NormName
    mode: Mode = ""

    @property
    def label(self) -> str:
        """In pictures: "BN in inference"."""
        name = NORMS[self.norm].label(DEFAULT_GROUPS)
        return f"{name} in {self.mode}" if self.mode else name

    @property
    def invariant(self) -> bool:
        """Whether the theorem holds."""
        return self.norm != "none" and self.mode != "inference"


CASES = (Case("bn", "training"), Case("bn", "inference"), Case("gn"), Case("ln"), Case("in"), Case("none"))


@dataclass(frozen=True, eq=False)
class Pass:
    """One pass of a batch.  logits: (N, 10).  gradient: of the mean cross-entropy, with respect to the weights."""

    logits: Tensor
    gradient: Tensor


@dataclass(frozen=True)
class Change:
    """What the factor did.

    largest: change of a logit, its amount.  changed: answers that are others now, of ``images``.
    gradient: its norm over that before; nan where that was 0.
    """

    largest: float
    changed: int
    images: int
    gradient: float


def once(model: NormNet, mode: Mode, layer: int, factor: float, x: Tensor, labels: Tensor) -> Pass:
    """Pass ``x`` through a copy of ``model`` whose convolution ``layer``, from 0, has all its weights times ``factor``.

    x: (N, 1, 28, 28), labels: (N,).  The copy is in inference mode, and so never in mixed precision.
    """
    model = with_batch_statistics(model) if mode == "training" else copy.deepcopy(model).eval()
    model.requires_grad_(False)
    conv = model.convs[layer]
    assert isinstance(conv, nn.Conv2d)  # all of them are
    with torch.no_grad():
        conv.weight.mul_(factor)
    conv.weight.requires_grad_(True)
    with torch.enable_grad():
        logits = model(x)
        (gradient,) = torch.autograd.grad(F.cross_entropy(logits, labels), conv.weight)
    return Pass(logits=logits.detach(), gradient=gradient)


def change(before: Pass, after: Pass) -> Change:
    """From one pass to another of the same images."""
    was = float(before.gradient.norm())
    return Change(
        largest=float((after.logits - before.logits).abs().max()),
        changed=int((after.logits.argmax(dim=1) != before.logits.argmax(dim=1)).sum()),
        images=len(before.logits),
        gradient=float(after.gradient.norm()) / was if was else math.nan,
    )
