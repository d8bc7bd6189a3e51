"""How many numbers are in a set?: the trainings, and how many numbers BN's last sets have in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import torch

from core.catalogue import SIDE, DatasetName
from core.experiments.data import network_input, part
from core.experiments.experiment import Context, Row
from core.experiments.network import build
from core.experiments.set_size_shown import BATCHES, COMPARED, MANY, ONE, PARTS, Kind, Where
from core.experiments.settings import LabConfig
from core.experiments.statistics import batch_norms, error
from core.experiments.training import LabTraining

LR = 0.0125
"""Of a batch of 32; those of other batches are in proportion."""


def trials(seeds: Sequence[int], quick: bool) -> list[LabConfig]:
    """Full: every norm at every batch size, and BN in sub-batches. Quick: BN in sub-batches, the others at 32.

    Without BN on one image a batch in the pooled network, whose last sets then have a single number: torch refuses it.
    """
    data: DatasetName = "mnist-small" if quick else "mnist"
    base = LabConfig(norm="bn", dataset=data, tests=1000 if quick else 10_000, epochs=1 if quick else 3, decay="cosine")
    found = []
    for seed in seeds:
        for pooled in (True, False):
            own = replace(base, seed=seed, pooled=pooled)
            for size in (MANY,) if quick else BATCHES:
                batch = replace(own, batch_size=size, lr=LR * size / MANY)
                refused = {"bn"} if pooled and size == ONE else set()
                found += [replace(batch, norm=norm) for norm in COMPARED if norm not in refused]
            found += [replace(own, batch_size=MANY, lr=LR, ghost=size) for size in PARTS if size < MANY]
    return found


def measure(settings: LabConfig, context: Context) -> list[Row]:
    """One training. BN on whole batches of 32 is one of either kind."""
    data = part(context.data(settings.dataset), settings)
    training = LabTraining(settings, data)
    for step in training:
        context.tell(step.number / step.of)
    row: Where = {
        "seed": settings.seed,
        "norm": settings.norm,
        "pooled": settings.pooled,
        "images": settings.ghost or settings.batch_size,
        "numbers": numbers_in_a_set(settings),
        "error": round(error(training.model, network_input(data.test_images, data), data.test_labels), 2),
    }
    kinds: list[Kind] = ["sub-batches"] if settings.ghost else ["batches"]
    if settings.norm == "bn" and settings.batch_size == MANY and not settings.ghost:
        kinds.append("sub-batches")
    return [{**row, "kind": kind} for kind in kinds]


@lru_cache(maxsize=64)
def numbers_in_a_set(settings: LabConfig) -> int:
    """Of BN behind the last convolution, in training: images that share it times positions that it has of each."""
    model = build(replace(settings, norm="bn", ghost=0)).eval()
    positions: list[int] = []
    batch_norms(model)[-1].register_forward_pre_hook(lambda _, x: positions.append(x[0].shape[2:].numel()))
    with torch.inference_mode():
        model(torch.zeros(1, 1, SIDE, SIDE))
    return (settings.ghost or settings.batch_size) * positions[0]
