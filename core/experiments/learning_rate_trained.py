"""The trainings of ``learning_rate``: every network at every learning rate."""

from __future__ import annotations

from collections.abc import Sequence

from core.catalogue import QUICK
from core.experiments.experiment import Context, Row
from core.experiments.losses_by_rate import loss_row
from core.experiments.nets import BN, GN, IN, LN, NONE, NONE_HE
from core.experiments.settings import LabConfig

NETS = (BN, LN, GN, IN, NONE, NONE_HE)
RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
QUICK_RATES = (0.005, 0.02, 0.05, 0.1, 0.2, 0.5)
STEPS, QUICK_STEPS = 300, 100


def trials(seeds: Sequence[int], quick: bool) -> list[LabConfig]:
    """One training each: every network, at every learning rate."""
    steps = QUICK_STEPS if quick else STEPS
    return [
        LabConfig(
            norm=net.norm,
            initialization=net.initialization,
            dataset=QUICK if quick else "mnist",
            batch_size=64,
            epochs=5,  # more than the steps need
            steps=steps,
            lr=rate,
            seed=seed,
        )
        for seed in seeds
        for rate in (QUICK_RATES if quick else RATES)
        for net in NETS
    ]


def measure(config: LabConfig, context: Context) -> list[Row]:
    """Train, and say how it ended."""
    return [loss_row(config, NETS, context)]
