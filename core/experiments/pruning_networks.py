"""The networks of ``pruning``: what of the study is pruned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.experiments.pruned import RENEWED, Network
from core.experiments.trained import study_seeds

METHODS = (
    Network(norm="bn", renewed=RENEWED),
    Network(norm="bn", l1=1e-4),
    Network(norm="bn", l1=1e-4, l2=2.5e-4),
    Network(norm="gn"),
    Network(norm="gn", l1=1e-4),
    Network(norm="ln"),
    Network(norm="ln", l2=2.5e-4),
)
BN, BN_L1, _, GN, GN_L1, LN, LN_L2 = (network.method for network in METHODS)


def trials(seeds: Sequence[int], quick: bool) -> list[Network]:
    """In the full form every network that ships, whatever its seed; in the quick one those of ``seeds``."""
    return [
        replace(of, seed=seed, dataset="mnist-small", tests=1000) if quick else replace(of, seed=seed)
        for of in METHODS
        for seed in study_seeds(of.norm, l1=of.l1, l2=of.l2)
        if not quick or seed in seeds
    ]
