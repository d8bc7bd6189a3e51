"""Images that are not those of the training any more: dim, pale or noisy ones, and how a trained network does on them.

    x' = clip(contrast * x + brightness + noise * z, 0, 1),    z from a standard normal distribution

x is 0 for paper and 1 for ink.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from core.experiments.experiment import Context, Row
from core.experiments.statistics import batch_norms, error, reestimated
from core.experiments.study_networks import Judged, StudyNetwork, judged, standardized
from core.model import NormNet

CONTRASTS = (1.0, 0.7, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.05)
BRIGHTNESSES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
NOISES = (0.1, 0.2, 0.3, 0.4, 0.5)
COUNTS = (1, 2, 4, 8, 16, 64, 500)
"""Dim images that new statistics are taken from."""
DIM = 0.2
"""The contrast at which what is not a curve is measured."""
REESTIMATED = "{label}, re-estimated"


@dataclass(frozen=True, kw_only=True)
class Shift:
    """How images are changed.

    contrast: factor of the ink.  brightness: ink that is added everywhere.  noise: standard deviation.
    inverted: whether ink and paper are exchanged in the end.
    """

    contrast: float = 1.0
    brightness: float = 0.0
    noise: float = 0.0
    inverted: bool = False


def normal(x: Tensor, seed: int) -> Tensor:
    """Standard normal numbers of the shape of ``x``, drawn by ``seed``."""
    return torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))


def shifted(x: Tensor, shift: Shift, z: Tensor) -> Tensor:
    """(N, 1, 28, 28) on the scale 0..1 -> the same, changed; z: standard normal numbers of the same shape."""
    changed = shift.contrast * x + shift.brightness
    if shift.noise:
        changed = changed + shift.noise * z
    changed = changed.clamp_(0, 1)
    return 1 - changed if shift.inverted else changed


@dataclass(frozen=True)
class Shiftable:
    """Images with their noise, which is the same at every strength.

    z, z_others: standard normal numbers, of the shapes of the judged images and of the others.
    """

    judged: Judged
    z: Tensor
    z_others: Tensor

    @classmethod
    def of(cls, judged: Judged, seed: int) -> Shiftable:
        """``judged`` with the noise that ``seed`` draws."""
        return cls(judged, normal(judged.images, seed), normal(judged.others, seed + 1))

    def tests(self, shift: Shift) -> Tensor:
        """(N, 1, 28, 28): the judged images as a network gets them."""
        return standardized(shifted(self.judged.images, shift, self.z))

    def others(self, shift: Shift, count: int) -> Tensor:
        """(count, 1, 28, 28): the first of the others as a network gets them."""
        return standardized(shifted(self.judged.others[:count], shift, self.z_others[:count]))


Changes = tuple[tuple[str, float, Shift], ...]
CHANGES: Changes = (
    *(("contrast", amount, Shift(contrast=amount)) for amount in CONTRASTS),
    *(("brightness", amount, Shift(brightness=amount)) for amount in BRIGHTNESSES),
    *(("noise", amount, Shift(noise=amount)) for amount in NOISES),
    ("inverted", 1.0, Shift(inverted=True)),
)
"""What is varied, how much, and the images that this makes."""


def measure_shifts(settings: StudyNetwork, context: Context) -> list[Row]:
    """The error of one network under all changes; of one with running statistics, also with re-estimated ones.

    Rows: ``network``, ``varied``, ``amount`` and ``error`` in percent. Of re-estimated statistics in addition:
    ``varied`` "images", by the number of dim images they are taken from; "clean half" and "dim half", where half of
    those images are dim: the error on clean and on dim images.
    """
    model = settings.network()
    images = Shiftable.of(judged(settings, context), settings.seed)
    labels, count = images.judged.labels, len(images.judged.others)
    again = bool(batch_norms(model))
    rows: list[Row] = []
    number = len(CHANGES) * (2 if again else 1) + (len(COUNTS) + 2) * again

    def add(network: NormNet, name: str, varied: str, amount: float, x: Tensor) -> None:
        wrong = round(error(network, x, labels), 4)
        rows.append({"seed": settings.seed, "network": name, "varied": varied, "amount": amount, "error": wrong})
        context.tell(len(rows) / number)

    for varied, amount, shift in CHANGES:
        x = images.tests(shift)
        add(model, settings.label, varied, amount, x)
        if again:
            new = reestimated(model, images.others(shift, count))
            add(new, REESTIMATED.format(label=settings.label), varied, amount, x)
    if again:
        _add_statistics(model, images, lambda *row: add(row[0], REESTIMATED.format(label=settings.label), *row[1:]))
    return rows


def _add_statistics(model: NormNet, images: Shiftable, add: Callable[[NormNet, str, float, Tensor], None]) -> None:
    dim, clean, half = Shift(contrast=DIM), Shift(), len(images.judged.others) // 2
    x = images.tests(dim)
    for count in COUNTS:
        add(reestimated(model, images.others(dim, count)), "images", count, x)
    both = torch.cat([images.others(clean, 2 * half)[:half], images.others(dim, 2 * half)[half:]])
    mixed = reestimated(model, both)
    add(mixed, "clean half", DIM, images.tests(clean))
    add(mixed, "dim half", DIM, x)
