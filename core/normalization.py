"""The norms of the catalogue as one function of their reduction axes.

    x_hat = (x - mu) / sqrt(sigma^2 + eps),    y = gamma * x_hat + beta

mu and sigma^2 are the mean and the biased variance of a *set*: the group of cells of an (N, C, H, W)
tensor that share them. Only the sets differ between the norms, so every norm here is the same two
steps on an (N, G, C/G, H, W) view, with other axes:

    norm         paper               G    axes reduced     sets     cells in a set
    bn           arXiv:1502.03167    C    N, H, W          C        N*H*W
    ln           arXiv:1607.06450    1    C, H, W          N        C*H*W
    gn           arXiv:1803.08494    G    C/G, H, W        N*G      (C/G)*H*W
    in           arXiv:1607.08022    C    H, W             N*C      H*W
    ln-position  arXiv:1607.06450    1    C                N*H*W    C
    rms          arXiv:1910.07467    1    C, H, W          N        C*H*W

LayerNorm is the one over (C, H, W) of each image: GroupNorm with one group. InstanceNorm is GroupNorm
with C groups. The LayerNorm of transformers and ConvNeXt, over C at each position, is ``ln-position``. RMSNorm
subtracts no mean: its mu is 0, and its sigma^2 the mean square. Everything is float64 numpy, so that torch is a
second opinion and not the same code.

>>> x = np.array([[0.0, 2.0], [4.0, 6.0]]).reshape(2, 2, 1, 1)  # two images of two channels
>>> statistics(x, "bn").mean.tolist()  # down the columns: one mean a channel
[2.0, 4.0]
>>> statistics(x, "ln").mean.tolist()  # along the rows: one mean an image
[1.0, 5.0]
>>> normalize(x, statistics(x, "ln"), eps=0.0).reshape(2, 2).tolist()
[[-1.0, 1.0], [-1.0, 1.0]]
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.catalogue import NORMS, SET_NORMS, VIEW, Dimension, NormName, SetNorm
from core.config import ConfigError, check_groups

EPS = 1e-5
"""torch's default."""

Shape = tuple[int, int, int, int]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Statistics:
    """Mean and biased variance of every set of one tensor.

    mean, var: shape (S,), in the order of the set numbers that ``set_index`` gives. Of a norm that subtracts no
        mean: 0 and the mean square.
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
    """The G of the (N, G, C/G, H, W) view.

    >>> [effective_groups(norm, 6, 2) for norm in SET_NORMS]
    [6, 1, 2, 6, 1, 1]
    """
    row = NORMS[norm]
    if not row.shared:
        raise ConfigError(f"norm={norm!r} has no statistics; use one of {', '.join(SET_NORMS)}")
    if row.grouping == "chosen":
        check_groups(groups, channels)
        return groups
    return channels if row.grouping == "each" else 1


def view_sizes(norm: NormName, shape: Shape, groups: int = 1) -> dict[Dimension, int]:
    """The sizes of the (N, G, C/G, H, W) view of a tensor of ``shape``, by dimension."""
    n, c, h, w = shape
    g = effective_groups(norm, c, groups)
    return dict(zip(VIEW, (n, g, c // g, h, w), strict=True))


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
    """How many sets: C for bn, N for ln and rms, N*G for gn, N*C for in, N*H*W for ln-position.

    >>> [set_count(norm, (8, 12, 5, 5), 3) for norm in SET_NORMS]
    [12, 8, 24, 96, 200, 8]
    """
    sizes = view_sizes(norm, shape, groups)
    return prod(sizes[dimension] for dimension in NORMS[norm].numbering)


def set_index(norm: NormName, shape: Shape, groups: int = 1) -> NDArray[np.intp]:
    """(N, C, H, W) array of set numbers, in the order of the dimensions that number them.

    c for bn, n for ln and rms, n*G + g for gn, n*C + c for in, (n*H + h)*W + w for ln-position.
    """
    sizes = view_sizes(norm, shape, groups)
    kept = tuple(1 if dimension in NORMS[norm].shared else size for dimension, size in sizes.items())
    return np.broadcast_to(np.arange(prod(kept)).reshape(kept), tuple(sizes.values())).reshape(shape)


_WORDS: dict[Dimension, str] = {"N": "image", "G": "group", "H": "row", "W": "column"}


def set_name(norm: NormName, number: int, shape: Shape, groups: int = 1) -> str:
    """A set in words, counted from 1.

    >>> [set_name(norm, 5, (4, 6, 2, 2), 2) for norm in ("bn", "gn", "in", "ln-position")]
    ['channel 6', 'image 3, group 2', 'image 1, channel 6', 'image 2, row 1, column 2']
    """
    row = NORMS[norm]
    sizes = view_sizes(norm, shape, groups)
    # a dimension of one place tells no sets apart; but every set has a name
    named = [d for d in row.numbering if d not in ("H", "W") or sizes["H"] * sizes["W"] > 1]
    named = [d for d in named if d != "G" or row.grouping != "one"]
    places = np.unravel_index(number, [sizes[dimension] for dimension in named])
    words = {**_WORDS, "G": "channel"} if row.grouping == "each" else _WORDS
    return ", ".join(f"{words[dimension]} {place + 1}" for dimension, place in zip(named, places, strict=True))


def product_in_words(norm: NormName, dimensions: tuple[Dimension, ...]) -> str:
    """A product of dimensions as a reader knows them: C and not G for a norm that takes every channel by itself.

    >>> [product_in_words(norm, NORMS[norm].shared) for norm in ("bn", "ln", "gn", "ln-position")]
    ['N × H × W', 'C × H × W', '(C/G) × H × W', 'C']
    """
    return " × ".join(_symbols(norm, dimensions).values())


def _symbols(norm: NormName, dimensions: tuple[Dimension, ...]) -> dict[Dimension, str]:
    grouping = NORMS[norm].grouping
    names: dict[Dimension, str] = {dimension: dimension for dimension in VIEW}
    if grouping == "one":
        names |= {"G": "", "C/G": "C"}
    elif grouping == "each":
        names |= {"G": "C", "C/G": ""}
    elif len(dimensions) > 1:
        names["C/G"] = "(C/G)"
    return {dimension: names[dimension] for dimension in dimensions if names[dimension]}


def product_of_numbers(norm: NormName, dimensions: tuple[Dimension, ...], shape: Shape, groups: int = 1) -> str:
    """The same product with its numbers.

    >>> product_of_numbers("gn", NORMS["gn"].shared, (4, 6, 2, 2), 2)
    '3 × 2 × 2'
    """
    sizes = view_sizes(norm, shape, groups)
    return " × ".join(str(sizes[dimension]) for dimension in _symbols(norm, dimensions))


def _compute_stats(x: Array, axes: tuple[int, ...], *, centred: bool) -> tuple[Array, Array]:
    mean = x.mean(axis=axes, keepdims=True)
    if not centred:
        mean = np.zeros_like(mean)
    # two passes: E[x^2] - E[x]^2 would lose every digit at 1e6 + noise
    var = np.square(x - mean).mean(axis=axes, keepdims=True)
    return mean, var


def statistics(x: ArrayLike, norm: SetNorm, groups: int = 1) -> Statistics:
    """Mean and biased variance of every set of ``x``.

    mu_S = (1/m) sum_{i in S} x_i,   sigma^2_S = (1/m) sum_{i in S} (x_i - mu_S)^2

    x: (N, C, H, W), any numbers; computed in float64. Where the norm subtracts no mean, mu_S is 0. Raises
    ``ConfigError`` where ``x`` is not such a tensor, ``norm`` has no statistics or ``groups`` does not divide C.
    """
    batch = as_batch(x)
    row = NORMS[norm]
    sizes = view_sizes(norm, batch.shape, groups)
    view = batch.reshape(tuple(sizes.values()))  # (N, G, C/G, H, W)
    axes = tuple(VIEW.index(dimension) for dimension in row.shared)
    mean, var = _compute_stats(view, axes, centred=row.centred)
    return Statistics(
        norm=norm,
        groups=sizes["G"],
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


def torch_refusal(norm: NormName, shape: Shape, groups: int = 1) -> str | None:
    """Why torch's layer would refuse a training batch of this shape, in one sentence; None where it would not.

    A set of one cell has variance 0, so its normalized value is 0 whatever the input was: torch calls that an
    error for BN, for IN however many images there are, and for GN and LN where the batch is one image. Its
    ``nn.LayerNorm`` and ``nn.RMSNorm`` refuse nothing.
    """
    row = NORMS[norm]
    # GN and LN fold the images together before they count, so one image with one cell a set is enough to refuse
    sizes = view_sizes(norm, shape, groups)
    if not row.torch_counts or prod(sizes[dimension] for dimension in row.torch_counts) > 1:
        return None
    way_out = "Use more images or larger ones." if "N" in row.torch_counts else "Use larger images."
    return (
        f"torch's {row.torch_name} refuses this batch in training mode: a set of one cell has variance 0, "
        f"so every normalized value would be 0. {way_out}"
    )
