"""All weights of a convolution times a factor: what that changes with a norm behind it, and without.

For a > 0, norm(a w * x) = norm(w * x) but for epsilon, whether a set is a channel of the batch, an image or a group of
channels: mean and standard deviation grow by a, too (arXiv 1706.05350). So the answers stay, and the gradient with
respect to a w is that with respect to w over a. BN in inference divides by the stored standard deviation, which does
not grow.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import plotly.graph_objects as go
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.catalogue import NORMS, NormName
from core.config import DEFAULT_GROUPS
from core.experiments.statistics import with_batch_statistics
from core.labels import listed
from core.model import NormNet
from core.normalization import EPS

Mode = Literal["training", "inference", ""]
FACTORS = (0.01, 0.1, 0.5, 2.0, 10.0, 100.0)
LEAST_SHOWN = 1e-7
"""Changes of a logit below this are drawn as this: the scale is logarithmic."""
TICKS = (-6, -3, 0, 3)


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


def amount(value: float) -> str:
    """Two digits without an exponent, or all of a whole number: 0.000059, 5.9, 1,160."""
    if value >= 10:
        return f"{value:,.0f}"
    return np.format_float_positional(float(f"{value:.2g}"), trim="-")


def figure(found: Sequence[tuple[Case, Change]]) -> go.Figure:
    """The largest change of a logit, one bar a network on a logarithmic scale, with the answers that changed."""
    drawn = go.Figure()
    drawn.add_bar(
        orientation="h",
        y=[case.label for case, _ in found],
        x=[max(one.largest, LEAST_SHOWN) for _, one in found],
        marker={
            "color": [NORMS[case.norm].color for case, _ in found],
            "pattern": {
                "shape": ["/" if case.mode == "inference" else "" for case, _ in found],
                "fillmode": "overlay",
            },
        },
        text=[f"{one.changed} of {one.images} answers" for _, one in found],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{x:.2g}<extra></extra>",
    )
    drawn.update_xaxes(
        title="largest change of a logit; beside it the answers that change",
        type="log",
        range=[math.log10(LEAST_SHOWN), 4],
        tickvals=[10.0**n for n in TICKS],
        ticktext=[f"10<sup>{n}</sup>" for n in TICKS],
        tickangle=0,
    )
    drawn.update_yaxes(autorange="reversed", automargin=True, ticksuffix=" ")
    drawn.update_layout(height=300, margin={"l": 10, "r": 110, "t": 10, "b": 10}, showlegend=False)
    return drawn


SAME_ANSWERS = (
    "**{names}**: none of {images} answers changes, and no logit moves by more than {largest}. The standard "
    "deviation by which such a norm divides is {factor:g} times as large, too: a theorem, but for ε = {eps} under "
    "the root. The gradient of these weights is {inverse:g} times what it was, to within {off} %."
)
FEW_OTHERS = (
    "**{names}**: at most {changed} of {images} answers change, and no logit moves by more than {largest}. The "
    "standard deviation by which such a norm divides is {factor:g} times as large, too: a theorem, but for ε = {eps} "
    "under the root, which counts where the numbers are small. The gradient of these weights is {inverse:g} "
    "times what it was, to within {off} %."
)
STORED = (
    "**{name}** divides by the stored standard deviation, which belongs to the weights as they were: a logit moves by "
    "{largest}, and {changed} of {images} answers change."
)
WITHOUT = "**Without a norm** a logit moves by {largest}, and {changed} of {images} answers change."


def sentences(found: Sequence[tuple[Case, Change]], factor: float) -> list[str]:
    """What the picture shows, and why: of the networks for which the theorem holds together, of each other alone."""
    same = [(case, one) for case, one in found if case.invariant]
    changed = max(one.changed for _, one in same)
    said = [
        (FEW_OTHERS if changed else SAME_ANSWERS).format(
            names=listed([case.label for case, _ in same]),
            largest=amount(max(one.largest for _, one in same)),
            changed=changed,
            images=same[0][1].images,
            factor=factor,
            inverse=1 / factor,
            eps=amount(EPS),
            off=amount(100 * max(abs(one.gradient * factor - 1) for _, one in same)),
        )
    ]
    for case, one in found:
        if not case.invariant:
            template = STORED if case.mode else WITHOUT
            said.append(
                template.format(name=case.label, largest=amount(one.largest), changed=one.changed, images=one.images)
            )
    return said


IN_WORDS = "{name}: a logit moves by up to {largest}, {changed} of {images} answers change"


def in_words(found: Sequence[tuple[Case, Change]]) -> str:
    """The picture for those who do not see it."""
    said = [
        IN_WORDS.format(name=case.label, largest=amount(one.largest), changed=one.changed, images=one.images)
        for case, one in found
    ]
    return "; ".join(said) + "."
