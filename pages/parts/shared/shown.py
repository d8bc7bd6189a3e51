"""What the picture of the tensor shows: the batch as it is, or what the lesson beside it does to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from core.normalization import EPS, Array, RunningStatistics, Statistics


@dataclass(frozen=True, eq=False)
class Shown:
    """A batch with the statistics that normalize it.

    x: (N, C, H, W).  old: the same before a lesson changed numbers, None where none did.
    gamma, beta: (C,).  eps: in the units of the variance.
    running: whether ``stats`` hold BN's running estimates instead of the batch's own.
    names: of the sets, where they are not those of the norm.
    tint: (N, C, H, W), another thing to show of every cell, and what it is called.
    """

    x: Array
    stats: Statistics
    old: Array | None = None
    gamma: Array = field(default_factory=lambda: np.ones(0))
    beta: Array = field(default_factory=lambda: np.zeros(0))
    eps: float = EPS
    running: bool = False
    names: tuple[str, ...] = ()
    tint: Array | None = None
    tint_name: str = ""

    def __post_init__(self) -> None:
        channels = self.x.shape[1]
        if not len(self.gamma):
            object.__setattr__(self, "gamma", np.ones(channels))
        if not len(self.beta):
            object.__setattr__(self, "beta", np.zeros(channels))


def by_running(shown: Shown, running: RunningStatistics) -> Shown:
    """The same batch normalized by BN's running estimates; ``shown`` is one of BatchNorm."""
    return replace(shown, stats=replace(shown.stats, mean=running.mean, var=running.var), running=True)
