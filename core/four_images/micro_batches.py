"""Accumulated gradients: a batch that goes through the network in parts, each with statistics of its own."""

from __future__ import annotations

import numpy as np

from core.catalogue import SetNorm
from core.config import ConfigError
from core.normalization import Array, Statistics, set_name, statistics


def micro_batches(x: Array, norm: SetNorm, groups: int, parts: int = 2) -> Statistics:
    """The statistics of ``x`` (N, C, H, W) in ``parts`` equal micro-batches, one after the other.

    A set that crosses images ends where its micro-batch ends, so BN has ``parts`` times as many sets of a part of the
    cells; the sets of the other norms are the same. Raises ``ConfigError`` where ``parts`` does not divide N.
    """
    if len(x) % parts:
        raise ConfigError(f"parts={parts} does not divide {len(x)} images; use a divisor")
    found = [statistics(part, norm, groups) for part in np.split(x, parts)]
    count = found[0].count
    return Statistics(
        norm=norm,
        groups=found[0].groups,
        mean=np.concatenate([part.mean for part in found]),
        var=np.concatenate([part.var for part in found]),
        index=np.concatenate([part.index + i * count for i, part in enumerate(found)]),
        cells=found[0].cells,
    )


def micro_batch_names(x: Array, norm: SetNorm, groups: int, parts: int = 2) -> list[str]:
    """The sets of ``micro_batches`` in words."""
    n, c, h, w = x.shape
    each = n // parts
    count = micro_batches(x, norm, groups, parts).count // parts
    names = []
    for part in range(parts):
        images = f"images {part * each + 1} to {(part + 1) * each}" if each > 1 else f"image {part + 1}"
        names += [f"{images}: {set_name(norm, s, (each, c, h, w), groups)}" for s in range(count)]
    return names
