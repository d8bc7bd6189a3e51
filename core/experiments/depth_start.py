"""How large activations and gradients are in deep networks that have learned nothing: the measure."""

from __future__ import annotations

import math
from collections.abc import Callable

from torch import Tensor

from core.catalogue import DatasetName
from core.data.datasets import Dataset
from core.experiments.data import network_input
from core.experiments.experiment import Row
from core.experiments.nets import BN, GN, LN, NONE, NONE_HE, Net
from core.experiments.settings import LabConfig
from core.experiments.signals import signals
from core.experiments.table import Done, Table

NETS = (BN, GN, LN, NONE, NONE_HE)
WIDTH = 8
"""Channels of the first layers; the others have twice as many."""
BATCH = 64
"""Images of the one batch that measures."""


def first_batch(data: Dataset) -> tuple[Tensor, Tensor]:
    """The first ``BATCH`` training images as a network gets them, (N, 1, 28, 28), and their labels, (N,)."""
    return network_input(data.train_images[:BATCH], data), data.train_labels[:BATCH]


def at_start(
    depth: int,
    seed: int,
    dataset: DatasetName,
    batch: tuple[Tensor, Tensor],
    tell: Callable[[float], None] = lambda share: None,
) -> list[Row]:
    """One row for each convolution of each of ``NETS``.

    batch: as ``first_batch`` gives it, of ``dataset``.  tell: takes the share that is done, and may raise to end it.
    """
    rows: list[Row] = []
    for done, net in enumerate(NETS):
        config = LabConfig(
            norm=net.norm,
            initialization=net.initialization,
            width=WIDTH,
            depth=depth,
            dataset=dataset,
            seed=seed,
        )
        found = signals(config, *batch)
        for i, (activation, gradient) in enumerate(zip(found.activations, found.gradients, strict=True)):
            rows.append(
                {
                    "seed": seed,
                    "part": "start",
                    "net": net.name,
                    "depth": depth,
                    "layer": i + 1,
                    "activation": float(f"{activation:.6g}"),
                    "gradient": float(f"{gradient:.6g}"),
                }
            )
        tell((done + 1) / len(NETS))
    return rows


def as_table(rows: list[Row]) -> Table:
    """Rows of ``at_start`` as a table of the experiment, to be drawn and told."""
    return Table("depth", quick=True, done={"start": Done(tuple(rows), 0.0)})


def gradient_ratio(table: Table, net: Net, depth: int) -> dict[int, float]:
    """By seed: the gradient norm of the first convolution over that of the last; nan where one of them is 0."""
    first, last = (table.by_seed("gradient", net=net.name, depth=depth, layer=layer) for layer in (1, depth))
    return {
        seed: first[seed] / last[seed] if first[seed] and last[seed] else math.nan for seed in first if seed in last
    }
