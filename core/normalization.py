"""Batch, Layer, Group and Instance Normalization as one function of its reduction axes.

    x_hat = (x - mu) / sqrt(sigma^2 + eps),    y = gamma * x_hat + beta

mu and sigma^2 are the mean and the biased variance of a *set*: the group of cells of an (N, C, H, W)
tensor that share them. Only the sets differ between the norms, so every norm here is the same two
steps on an (N, G, C/G, H, W) view, with other axes:

    norm  paper               G    axes reduced     sets    cells in a set
    bn    arXiv:1502.03167    C    N, H, W          C       N*H*W
    ln    arXiv:1607.06450    1    C, H, W          N       C*H*W
    gn    arXiv:1803.08494    G    C/G, H, W        N*G     (C/G)*H*W
    in    arXiv:1607.08022    C    H, W             N*C     H*W

LayerNorm is the one over (C, H, W) of each image: GroupNorm with one group. InstanceNorm is GroupNorm
with C groups. Everything is float64 numpy, so that torch is a second opinion and not the same code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.catalogue import NormName
from core.config import ConfigError, check_groups

SetNorm = Literal["bn", "ln", "gn", "in"]
SET_NORMS: tuple[SetNorm, ...] = ("bn", "ln", "gn", "in")
"""The norms that have statistics: every ``NormName`` but ``none``."""

EPS = 1e-5
"""torch's default."""

_AXES: dict[SetNorm, tuple[int, ...]] = {"bn": (0, 2, 3, 4), "ln": (2, 3, 4), "gn": (2, 3, 4), "in": (2, 3, 4)}

Shape = tuple[int, int, int, int]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Statistics:
    """Mean and biased variance of every set of one tensor.

    mean, var: shape (S,), in the order of the set numbers that ``set_index`` gives.
    index: shape (N, C, H, W), the number of the set that each cell belongs to.
    cells: the number of cells in each set.
    """

    norm: SetNorm
    groups: int
    mean: Array
    var: Array
    index: NDArray[np.intp]
    cells: int

    @property
    def count(self) -> int:
        """The number of sets S."""
        return len(self.mean)

    @property
    def unbiased_var(self) -> Array:
        """Variance with cells - 1 in the denominator, as BN's running estimate keeps it; nan for one cell."""
        return self.var * self.cells / (self.cells - 1) if self.cells > 1 else np.full_like(self.var, np.nan)


def effective_groups(norm: NormName, channels: int, groups: int) -> int:
    """The G of the (N, G, C/G, H, W) view: 1 for ln, ``groups`` for gn, C for in and bn."""
    if norm == "gn":
        check_groups(groups, channels)
        return groups
    if norm in ("bn", "in"):
        return channels
    if norm == "ln":
        return 1
    raise ConfigError(f"norm={norm!r} has no statistics; use one of {', '.join(SET_NORMS)}")


def as_batch(x: ArrayLike) -> Array:
    """``x`` as a float64 (N, C, H, W) array; ``ConfigError`` where it is not one, is empty or not finite."""
    try:
        batch = np.asarray(x, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ConfigError("the batch holds something that is not a number; use numbers only") from error
    if batch.ndim != 4 or batch.size == 0:
        raise ConfigError(f"the batch has shape {batch.shape}; use a non-empty (N, C, H, W)")
    if not np.isfinite(batch).all():
        raise ConfigError("the batch holds a value that is not finite; use finite numbers")
    return batch


def set_count(norm: NormName, shape: Shape, groups: int = 1) -> int:
    """How many means (and as many variances): C for bn, N for ln, N*G for gn, N*C for in."""
    g = effective_groups(norm, shape[1], groups)
    return shape[1] if norm == "bn" else shape[0] * g


def set_index(norm: NormName, shape: Shape, groups: int = 1) -> NDArray[np.intp]:
    """(N, C, H, W) array of set numbers: c for bn, n for ln, n*G + g for gn, n*C + c for in."""
    n, c = shape[:2]
    g = effective_groups(norm, c, groups)
    of_channel = np.arange(c) // (c // g)  # (C,)
    of_image = np.zeros(n, dtype=np.intp) if norm == "bn" else np.arange(n) * g
    return np.broadcast_to((of_image[:, None] + of_channel)[:, :, None, None], shape)


def set_name(norm: NormName, number: int, channels: int, groups: int = 1) -> str:
    """A set in words, counted from 1: "channel 2", "image 3", "image 3, group 1", "image 3, channel 2"."""
    g = effective_groups(norm, channels, groups)
    if norm == "bn":
        return f"channel {number + 1}"
    if norm == "ln":
        return f"image {number + 1}"
    image, part = divmod(number, g)
    return f"image {image + 1}, {'group' if norm == 'gn' else 'channel'} {part + 1}"


def _compute_stats(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    mean = x.mean(axis=axes, keepdims=True)
    # two passes: E[x^2] - E[x]^2 would lose every digit at 1e6 + noise
    var = np.square(x - mean).mean(axis=axes, keepdims=True)
    return mean, var


def statistics(x: ArrayLike, norm: NormName, groups: int = 1) -> Statistics:
    """Mean and biased variance of every set of ``x``.

    mu_S = (1/m) sum_{i in S} x_i,   sigma^2_S = (1/m) sum_{i in S} (x_i - mu_S)^2

    x: (N, C, H, W), any numbers; computed in float64. Raises ``ConfigError`` where ``x`` is not such a
    tensor, ``norm`` has no statistics or ``groups`` does not divide C.
    """
    batch = as_batch(x)
    n, c, h, w = batch.shape
    g = effective_groups(norm, c, groups)
    view = batch.reshape(n, g, c // g, h, w)  # (N, G, C/G, H, W)
    mean, var = _compute_stats(view, _AXES[norm])
    return Statistics(
        norm=norm,
        groups=g,
        mean=mean.ravel(),
        var=var.ravel(),
        index=set_index(norm, batch.shape, groups),
        cells=batch.size // mean.size,
    )


def normalize(
    x: ArrayLike,
    stats: Statistics,
    *,
    gamma: ArrayLike = 1.0,
    beta: ArrayLike = 0.0,
    eps: float = EPS,
) -> Array:
    """gamma * (x - mu) / sqrt(sigma^2 + eps) + beta, with the statistics of each cell's set.

    x: (N, C, H, W). gamma, beta: one number, or one a channel, shape (C,). eps: in the units of sigma^2.
    """
    batch = as_batch(x)
    x_hat = (batch - stats.mean[stats.index]) / np.sqrt(stats.var[stats.index] + eps)
    return x_hat * _per_channel(gamma) + _per_channel(beta)


def _per_channel(value: ArrayLike) -> Array:
    array = np.asarray(value, dtype=np.float64)
    return array[:, None, None] if array.ndim == 1 else array


@dataclass(frozen=True)
class RunningStatistics:
    """BN's running estimates, one mean and one unbiased variance a channel (arXiv:1502.03167).

    running <- (1 - momentum) * running + momentum * batch, momentum being the weight of the new batch
    as in PyTorch. Starts at mean 0, variance 1.
    """

    mean: Array
    var: Array
    momentum: float = 0.1
    batches: int = 0

    @classmethod
    def start(cls, channels: int, momentum: float = 0.1) -> RunningStatistics:
        """The estimates before the first batch."""
        return cls(np.zeros(channels), np.ones(channels), momentum)

    def update(self, x: ArrayLike) -> RunningStatistics:
        """The estimates after one more training batch ``x`` of shape (N, C, H, W)."""
        stats = statistics(x, "bn")
        reason = torch_refusal("bn", np.shape(x))
        if reason:
            raise ConfigError(reason)
        m = self.momentum
        return RunningStatistics(
            mean=(1 - m) * self.mean + m * stats.mean,
            var=(1 - m) * self.var + m * stats.unbiased_var,
            momentum=m,
            batches=self.batches + 1,
        )

    def normalize(self, x: ArrayLike, *, gamma: ArrayLike = 1.0, beta: ArrayLike = 0.0, eps: float = EPS) -> Array:
        """BN in inference: each image by the running estimates, whatever else is in the batch."""
        batch = as_batch(x)
        x_hat = (batch - self.mean[:, None, None]) / np.sqrt(self.var[:, None, None] + eps)
        return x_hat * _per_channel(gamma) + _per_channel(beta)


def torch_refusal(norm: NormName, shape: tuple[int, ...] | Any, groups: int = 1) -> str | None:
    """Why torch's layer would refuse a training batch of this shape, in one sentence; None where it would not.

    A set of one cell has variance 0, so its normalized value is 0 whatever the input was: torch calls that an
    error for BN, for IN however many images there are, and for GN and LN where the batch is one image.
    """
    n, c, h, w = shape
    # GN and LN fold the images together before they count, so one image with one cell a set is enough to refuse
    refused_cells = n * h * w if norm == "bn" else h * w
    if norm in ("gn", "ln"):
        refused_cells *= n * (c // effective_groups(norm, c, groups))
    if refused_cells > 1:
        return None
    name = {"bn": "BatchNorm2d", "in": "InstanceNorm2d"}.get(norm, "GroupNorm")
    way_out = "Use larger images." if norm == "in" else "Use more images or larger ones."
    return (
        f"torch's {name} refuses this batch in training mode: a set of one cell has variance 0, "
        f"so every normalized value would be 0. {way_out}"
    )
