"""The statistics of the batch at hand, as when ``model.eval()`` is forgotten: of which images the batch is made.

Random batches of many sizes, and batches of 64 of which one class has a share.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from core.catalogue import CLASSES
from core.experiments.experiment import Context, Row
from core.experiments.statistics import answers, batch_norms, error, in_batches_of
from core.experiments.study_networks import StudyNetwork, judged, standardized
from core.model import NormNet

SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
BATCH = 64
"""Images of a batch of which one class has a share."""
SHARES = (10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
"""Percent of a batch that are of one class."""
DRAWN = 16
"""Batches for each class and share."""
TOGETHER = 512
"""Images in one pass, about."""
OF_ALL = "all"
"""Stands for all classes together, where a row is of one class."""


def of_the_class(share: float) -> int:
    """Images of the class in a batch of 64 of which it has ``share`` percent."""
    return round(BATCH * share / 100)


def companies(labels: Tensor, label: int, share: float, batches: int, generator: torch.Generator) -> Tensor:
    """(batches, 64) positions of images: first those of the class ``label``, then others; none twice in a batch.

    labels: (N,). Raises ``ValueError`` where there are too few images of either kind.
    """
    own, others = (labels == label).nonzero().flatten(), (labels != label).nonzero().flatten()
    count = of_the_class(share)
    if len(own) < count or len(others) < BATCH - count:
        raise ValueError(f"{len(own)} images of class {label} and {len(others)} others are too few for {share} %")
    rows = []
    for _ in range(batches):
        first = own[torch.randperm(len(own), generator=generator)[:count]]
        rest = others[torch.randperm(len(others), generator=generator)[: BATCH - count]]
        rows.append(torch.cat([first, rest]))
    return torch.stack(rows)


def random_batches_error(
    model: NormNet,
    x: Tensor,
    labels: Tensor,
    size: int,
    generator: torch.Generator,
    tell: Callable[[float], None] = lambda share: None,
) -> float:
    """Wrong answers in percent, each image in one random batch of ``size`` whose statistics BN takes.

    The last batch holds what is left. tell: takes the share that is done.
    """
    network, wrong, done = in_batches_of(model, size), 0, 0
    for part in torch.randperm(len(x), generator=generator).split(_together(size)):
        wrong += int((answers(network, x[part], len(part)) != labels[part]).sum())
        done += len(part)
        tell(done / len(x))
    return 100 * wrong / len(x)


def _together(size: int) -> int:
    """Images in one pass: whole batches."""
    return max(size, TOGETHER // size * size)


def wrong_in_company(model: NormNet, x: Tensor, labels: Tensor, drawn: Tensor) -> Tensor:
    """(batches, 64) whether the answer to each image is wrong, in batches whose statistics BN takes.

    drawn: (batches, 64) positions in ``x``, (N, 1, 28, 28), and in ``labels``, (N,).
    """
    flat = drawn.flatten()
    found = answers(in_batches_of(model, BATCH), x[flat], _together(BATCH))
    return (found != labels[flat]).view_as(drawn)


def measure_companies(settings: StudyNetwork, context: Context) -> list[Row]:
    """The error of one network in inference mode and, where its statistics cross images, in batches of all kinds.

    Rows: ``network``, ``varied``, ``amount`` and ``error`` in percent. varied: "inference"; "size", by the images of a
    random batch; "its images" and "the others", by the share of one class in percent: the error on the images of that
    class and on those of the others, with ``class``: its digit, or "all" for the mean over all images of all ten.
    """
    model = settings.network()
    images = judged(settings, context)
    x, labels = standardized(images.images), images.labels
    generator = torch.Generator().manual_seed(settings.seed)
    own: dict[str, str | int] = {"seed": settings.seed, "network": settings.label}
    rows: list[Row] = [{**own, "varied": "inference", "amount": 0, "error": round(error(model, x, labels), 4)}]
    if not batch_norms(model):
        context.tell(1)
        return rows
    steps = len(SIZES) + len(SHARES)

    def telling(done: int) -> Callable[[float], None]:
        return lambda share: context.tell((done + share) / steps)

    for i, size in enumerate(SIZES):
        wrong = random_batches_error(model, x, labels, size, generator, telling(i))
        rows.append({**own, "varied": "size", "amount": size, "error": round(wrong, 4)})
    for i, share in enumerate(SHARES):
        by_class = []
        for label in range(CLASSES):
            drawn = companies(labels, label, share, DRAWN, generator)
            by_class.append(wrong_in_company(model, x, labels, drawn).float())
            telling(len(SIZES) + i)((label + 1) / CLASSES)
        for name, wrong_ones in ((OF_ALL, torch.cat(by_class)), *((str(c), w) for c, w in enumerate(by_class))):
            rows += _shares(wrong_ones, share, {**own, "class": name})
    return rows


def _shares(wrong: Tensor, share: float, own: dict[str, str | int]) -> list[Row]:
    count = of_the_class(share)
    parts = {"its images": wrong[:, :count], "the others": wrong[:, count:]}
    return [
        {**own, "varied": varied, "amount": share, "error": round(100 * float(part.mean()), 4)}
        for varied, part in parts.items()
        if part.numel()
    ]


def refusal(channels: int) -> str:
    """What torch says of a batch of one image with one number a channel, in training mode."""
    try:
        F.batch_norm(torch.zeros(1, channels, 1, 1), None, None, training=True)
    except ValueError as error:
        return str(error)
    return ""
