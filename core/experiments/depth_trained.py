"""The units of work of ``depth``: all networks measured at their start, and trainings at twenty convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.catalogue import QUICK, DatasetName
from core.experiments.depth_start import NETS, WIDTH, at_start, first_batch
from core.experiments.experiment import Context, Row, Settings
from core.experiments.losses_by_rate import loss_row
from core.experiments.nets import Net
from core.experiments.settings import LabConfig

TRAINED = 20
"""Convolutions of the networks that are trained."""
DEEPEST = 40
DEPTHS, QUICK_DEPTHS = (5, 10, TRAINED, DEEPEST), (5, TRAINED, DEEPEST)
RATES, QUICK_RATES = (0.003, 0.01), (0.003,)
STEPS = 400


@dataclass(frozen=True, kw_only=True)
class AtStart:
    """Settings of a measure of all networks before they have learned anything.

    depth: their convolutions.  dataset: whose first images make the batch.
    """

    depth: int
    seed: int
    dataset: DatasetName


def trials(seeds: Sequence[int], quick: bool) -> list[Settings]:
    """Of each seed a start for every depth, and a training for every learning rate and network."""
    depths, rates = (QUICK_DEPTHS, QUICK_RATES) if quick else (DEPTHS, RATES)
    dataset: DatasetName = QUICK if quick else "mnist"
    measured = [AtStart(depth=depth, seed=seed, dataset=dataset) for seed in seeds for depth in depths]
    trained = [_training(net, rate, seed, dataset) for seed in seeds for rate in rates for net in NETS]
    return [*measured, *trained]


def _training(net: Net, rate: float, seed: int, dataset: DatasetName) -> LabConfig:
    return LabConfig(
        norm=net.norm,
        initialization=net.initialization,
        width=WIDTH,
        depth=TRAINED,
        dataset=dataset,
        batch_size=32,
        epochs=3,  # more than the steps need
        steps=STEPS,
        lr=rate,
        seed=seed,
    )


def measure(settings: AtStart | LabConfig, context: Context) -> list[Row]:
    """A row of every layer of every network at its start, or one of a training."""
    if isinstance(settings, AtStart):
        batch = first_batch(context.data(settings.dataset))
        return at_start(settings.depth, settings.seed, settings.dataset, batch, context.tell)
    return [loss_row(settings, NETS, context, part="training")]
