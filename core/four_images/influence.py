"""Which images influence which: how far image 1 moves when the last image is replaced, and BN's running estimates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.catalogue import BASIC_SET_NORMS, NORMS, SetNorm
from core.four_images.source import Cell, Source
from core.normalization import (
    EPS,
    Array,
    RunningStatistics,
    Statistics,
    normalize,
    statistics,
)

SETTLED_BATCHES = 40
"""Batches after which momentum 0.1 has forgotten all but 1.5 % of the starting value."""


Place = tuple[int, int, int]
"""(channel, row, column) within one image."""


def place_name(place: Place, plane: tuple[int, int]) -> str:
    """A cell in words, counted from 1: "channel 3, row 1, column 2", or "channel 3" where H = W = 1."""
    channel, row, column = (i + 1 for i in place)
    return f"channel {channel}" if plane == (1, 1) else f"channel {channel}, row {row}, column {column}"


def _farthest(a: Array, b: Array) -> Place:
    """Where two (C, H, W) arrays differ most; the first such place."""
    c, y, x = np.unravel_index(int(np.abs(a - b).argmax()), a.shape)
    return int(c), int(y), int(x)


@dataclass(frozen=True)
class Movement:
    """What replacing the last image did to image 1 under one norm.

    before, after: image 1 normalized, (C, H, W), with the old and the new one beside it.
    """

    norm: SetNorm
    before: Array
    after: Array

    @property
    def largest(self) -> float:
        """The largest change of any cell of image 1."""
        return float(np.abs(self.after - self.before).max())

    @property
    def largest_at(self) -> Place:
        """The cell of image 1 that changed most."""
        return _farthest(self.after, self.before)

    @property
    def mean(self) -> float:
        """The mean absolute change over the cells of image 1."""
        return float(np.abs(self.after - self.before).mean())


def gradient(x: Array, stats: Statistics, cell: Cell, *, eps: float = EPS, running: bool = False) -> Array:
    """How the normalized value of ``cell`` answers to each cell of the batch: (N, C, H, W).

    d x_hat_i / d x_j = (delta_ij - 1/m - x_hat_i x_hat_j / m) / sqrt(sigma^2 + eps) for the m cells j of its set, and 0
    for all others. A norm that subtracts no mean has no 1/m. running: ``stats`` are estimates that do not depend on
    the batch, so that only the cell itself counts.
    """
    s = stats.index[cell]
    scale = np.sqrt(stats.var[s] + eps)
    found = np.zeros_like(x)
    if not running:
        x_hat = normalize(x, stats, eps=eps)
        own = stats.index == s
        share = 1.0 if NORMS[stats.norm].centred else 0.0
        found[own] = -(share + x_hat[cell] * x_hat[own]) / stats.cells
    found[cell] += 1
    return found / scale


@dataclass(frozen=True, eq=False)
class TrainingBatch:
    """One training batch and what it left behind.

    name: which one it is.  mean, var: of each channel, (C,), the variance unbiased: what the running estimates take.
    running: the estimates after it.
    """

    name: str
    mean: Array
    var: Array
    running: RunningStatistics


def training_batches(source: Source, batches: int, momentum: float = 0.1) -> list[TrainingBatch]:
    """The first ``batches`` training batches of ``source``, its own first, each with BN's estimates after it.

    running <- (1 - momentum) * running + momentum * batch, from mean 0 and variance 1 (arXiv:1502.03167; the momentum
    is PyTorch's). ``ConfigError`` where torch would refuse the batches.
    """
    found: list[TrainingBatch] = []
    for number, x in enumerate(source.stream("bn", 1, batches), start=1):
        before = found[-1].running if found else RunningStatistics.start(x.shape[1], momentum)
        stats = statistics(x, "bn")
        found.append(TrainingBatch(source.batch_name(number), stats.mean, stats.unbiased_var, before.update(x)))
    return found


def running_estimates(source: Source, batches: int, momentum: float = 0.1) -> list[RunningStatistics]:
    """BN's running mean and unbiased variance after 0, 1, ... ``batches`` training batches of ``source``."""
    start = RunningStatistics.start(source.channels, momentum)
    return [start, *(batch.running for batch in training_batches(source, batches, momentum))]


def learned(source: Source) -> RunningStatistics | None:
    """The running estimates that the source's own network learned in training; None where it has none."""
    own = getattr(source, "running", None)
    estimates: RunningStatistics | None = own("bn", 1) if own else None
    return None if estimates is None or estimates.batches == 0 else estimates


def settled(source: Source) -> RunningStatistics:
    """The running estimates that inference uses: the network's own where it learned any, else after 40 batches."""
    return learned(source) or running_estimates(source, SETTLED_BATCHES)[-1]


def movements(
    source: Source, groups: int, replaced: int, *, training: bool, norms: Sequence[SetNorm] = BASIC_SET_NORMS
) -> list[Movement]:
    """Image 1 under each of ``norms``, before and after the last image became replacement number ``replaced``.

    training: BN by the statistics of the batch; otherwise by its running estimates. The other norms compute
    the same in both modes.
    """
    found = []
    for norm in norms:
        old = source.batch(norm, groups, training=training)
        new = source.batch(norm, groups, replaced=replaced, training=training)
        if NORMS[norm].running and not training:
            estimates = settled(source)
            before, after = estimates.normalize(old)[0], estimates.normalize(new)[0]
        else:
            before, after = (normalize(x, statistics(x, norm, groups))[0] for x in (old, new))
        found.append(Movement(norm, before, after))
    return found


@dataclass(frozen=True)
class Alone:
    """Image 1 normalized within its batch, and alone: (C, H, W) each.

    For BN ``alone`` uses the running estimates, and ``alone_by_batch`` the statistics of a batch of one.
    """

    norm: SetNorm
    together: Array
    alone: Array
    alone_by_batch: Array

    @property
    def gap(self) -> float:
        """The largest difference between training (in the batch) and inference (alone)."""
        return float(np.abs(self.together - self.alone).max())

    @property
    def gap_at(self) -> Place:
        """The cell of image 1 with the largest difference."""
        return _farthest(self.together, self.alone)


def one_image_alone(
    source: Source, groups: int, estimates: RunningStatistics, norms: Sequence[SetNorm] = BASIC_SET_NORMS
) -> list[Alone]:
    """Image 1 in training mode among the others, and in inference by itself, for each of ``norms``."""
    found = []
    for norm in norms:
        x = source.batch(norm, groups)
        first = x[:1]
        together = normalize(x, statistics(x, norm, groups))[0]
        by_batch = normalize(first, statistics(first, norm, groups))[0]
        alone = estimates.normalize(first)[0] if NORMS[norm].running else by_batch
        found.append(Alone(norm, together, alone, by_batch))
    return found
