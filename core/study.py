"""The study whose records come with the app: every method on several seeds, all with one recipe.

A *method* is a configuration without its seed. One seed says little (with 10,000 test images one standard
error at 99.4 % is 0.08 points), so each method of the two exercises gets five and each bare norm three.
"""

from __future__ import annotations

from typing import Any

from core.config import RunConfig, preset

SEEDS = range(5)
"""For BN + L1, GN (4), LN, and for GN + L1, LN + L2, BN + L1 + L2."""

PLAIN_SEEDS = range(3)
"""For BN, IN and no norm, each without a penalty."""


def races(**shared: Any) -> list[tuple[RunConfig, ...]]:
    """The races of the study in order, three variants each; ``shared`` are RunConfig fields that all take.

    The seeds of a preset follow each other, the presets of the exercises come first.
    """
    return [
        *(preset("assignment", seed=seed, **shared) for seed in SEEDS),
        *(preset("session6", seed=seed, **shared) for seed in SEEDS),
        *(
            tuple(config for config in preset("all", seed=seed, **shared) if config.norm in ("bn", "in", "none"))
            for seed in PLAIN_SEEDS
        ),
    ]
