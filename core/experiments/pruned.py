"""Networks without their smallest weights, each a copy: the one that is given keeps its own, whatever happens.

Small is meant as in ``core.comparison.sparsity``: beside the rms of the weight's own filter, since a norm behind a
convolution makes the network nearly blind to the size of its filters. The linear matrix is judged alike, so that the
weights in question are those that a penalty covers.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from core.catalogue import DATASETS, DatasetName, NormName
from core.comparison.sparsity import relative, sparsity
from core.config import DEFAULT_GROUPS, RunConfig
from core.data.datasets import Dataset
from core.experiments.data import network_input, part
from core.experiments.experiment import Context, Row, Scalar
from core.experiments.settings import LabConfig
from core.experiments.statistics import answers, reestimated
from core.experiments.trained import shipped_network
from core.model import NormNet
from core.training import penalties

SHARES = (0, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 82, 84, 86, 90)
"""Percent of the weights that are removed."""
RENEWED = 2000
"""Training images from which BN's statistics are re-estimated: none of them is judged."""
RENEWED_LABEL = "{method}, re-estimated"
PIECE = 2000
"""Test images between two looks at whether to go on."""


@dataclass(frozen=True, eq=False)
class Pruned:
    """A network whose smallest weights are 0.

    model: the copy.  weights: those in question.  removed: how many of them were set to 0.
    threshold: the largest |w| / rms(filter) that was removed; 0 where none was.
    """

    model: NormNet
    weights: int
    removed: int
    threshold: float


def pruned(model: NormNet, share: float) -> Pruned:
    """A copy without ``share`` percent of the weights, those of the smallest |w| / rms(filter).

    The share is exact to the weight: what is equal is removed in the order of the layers.
    Biases, gamma and beta are no weights here, and stay.
    ``ValueError`` unless 0 <= share <= 100.
    """
    if not 0 <= share <= 100:
        raise ValueError(f"share={share} is out of range; use 0 to 100 percent")
    model = copy.deepcopy(model).eval()
    tensors = [weight for _, weight in penalties.penalized(model)]
    sizes = np.concatenate([np.abs(relative(weight.detach().numpy())).ravel() for weight in tensors])
    removed = round(share / 100 * sizes.size)
    order = np.argsort(sizes, kind="stable")
    keep = np.ones(sizes.size, dtype=bool)
    keep[order[:removed]] = False
    with torch.no_grad():
        for weight, kept in zip(tensors, np.split(keep, np.cumsum([w.numel() for w in tensors])[:-1]), strict=True):
            weight.masked_fill_(torch.from_numpy(~kept).view(weight.shape), 0.0)
    threshold = float(sizes[order[removed - 1]]) if removed else 0.0
    return Pruned(model=model, weights=sizes.size, removed=removed, threshold=threshold)


@dataclass(frozen=True, kw_only=True)
class Network:
    """One network of the study, and on what it is judged.

    norm, l1, l2, seed: which, as in ``RunConfig``.  renewed: training images from which BN's statistics are
    re-estimated besides, 0 for none.  dataset, tests, validation: as in ``LabConfig``.
    """

    norm: NormName
    l1: float = 0.0
    l2: float = 0.0
    renewed: int = 0
    dataset: DatasetName = "mnist"
    tests: int = 10_000
    validation: bool = False
    seed: int = 0

    @property
    def method(self) -> str:
        """As the study calls it: "BN + L1"."""
        return RunConfig(norm=self.norm, groups=DEFAULT_GROUPS, l1=self.l1, l2=self.l2).label


def study_input(images: Tensor, data: Dataset) -> Tensor:
    """``network_input`` by mean and standard deviation of MNIST, which the study's networks were trained with."""
    mnist = DATASETS["mnist"]
    return network_input(images, replace(data, mean=mnist.mean, std=mnist.std))


def measure(settings: Network, context: Context) -> list[Row]:
    """The error in percent at each share; for BN also with re-estimated statistics, if asked for.

    threshold: of |w| / rms(filter), up to which weights were removed.  near_zero: percent of all weights below 0.05 of
    it, in the row where none is removed.
    """
    terms = LabConfig(
        norm=settings.norm, dataset=settings.dataset, tests=settings.tests, validation=settings.validation
    )
    data = part(context.data(settings.dataset), terms)
    x, labels = study_input(data.test_images, data), data.test_labels
    own = study_input(data.train_images[: settings.renewed], data)
    network = shipped_network(settings.norm, settings.seed, l1=settings.l1, l2=settings.l2)
    near_zero = sparsity({name: tensor.numpy() for name, tensor in network.state_dict().items()}).share
    rows: list[Row] = []
    for done, share in enumerate(SHARES):
        small = pruned(network, share)
        for renewed in (False, True) if settings.renewed else (False,):
            model = reestimated(small.model, own) if renewed else small.model
            row: dict[str, Scalar] = {
                "seed": settings.seed,
                "method": settings.method,
                "renewed": renewed,
                "share": share,
                "threshold": float(f"{small.threshold:.4g}"),
                "error": round(_error(model, x, labels, context, done / len(SHARES)), 4),
            }
            rows.append(row if share or renewed else {**row, "near_zero": round(near_zero, 2)})
    return rows


def _error(model: NormNet, x: Tensor, labels: Tensor, context: Context, done: float) -> float:
    wrong = 0
    for images, wanted in zip(x.split(PIECE), labels.split(PIECE), strict=True):
        context.tell(done)
        wrong += int((answers(model, images) != wanted).sum())
    return 100 * wrong / len(labels)
