"""What L1 did to the weights of a run, told relative to each filter's own size.

A norm right after a convolution makes the network nearly blind to the size of its filters: for a > 0,
BN(a w * x) = BN(w * x) but for epsilon, and the gradient with respect to a w is that for w over a. Shrinking
such weights therefore mostly raises the effective learning rate, lr / |w|^2 (arXiv 1706.05350), and small
absolute values say little. BN and IN see each filter alone; a set of GN or LN spans several filters, and there
it holds for shrinking them together. Nothing follows the linear matrix: its size counts. What can be told is
the shape: which weights are small beside their own filter.

A filter is what makes one output: row o of a tensor (O, ...), its I * kh * kw weights in a convolution, its I
in the linear matrix. rms = sqrt(mean w^2) over it. A weight counts as near zero where |w| < t * rms, with
t = 0.05 unless said otherwise. Of weights drawn from a normal distribution that is erf(t / sqrt(2)), 4.0 %.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

THRESHOLD = 0.05
NORMAL_SHARE = math.erf(THRESHOLD / math.sqrt(2))
"""The share of normally distributed weights that count as near zero."""
BINS = 81
"""Odd, and as wide as the band of near zeros, so that the middle bin is that band."""


@dataclass(frozen=True)
class Layer:
    """One penalized tensor.

    name: as in the weights.  filters: O.  weights: numbers in it.  rms: sqrt(mean w^2) of all of them.
    near_zero: how many are below the threshold times the rms of their filter.
    """

    name: str
    filters: int
    weights: int
    rms: float
    near_zero: int

    @property
    def share(self) -> float:
        """Percent of the weights near zero."""
        return 100 * self.near_zero / self.weights


@dataclass(frozen=True)
class Sparsity:
    """All penalized tensors of a network, in order."""

    layers: tuple[Layer, ...]

    @property
    def weights(self) -> int:
        """Numbers that a penalty covers."""
        return sum(layer.weights for layer in self.layers)

    @property
    def share(self) -> float:
        """Percent of all penalized weights near zero."""
        return 100 * sum(layer.near_zero for layer in self.layers) / self.weights

    @property
    def rms(self) -> float:
        """sqrt(mean w^2) of all penalized weights."""
        return math.sqrt(sum(layer.weights * layer.rms**2 for layer in self.layers) / self.weights)


@dataclass(frozen=True)
class Histogram:
    """Weights over the rms of their filter: ``percent[i]`` of all lie from ``edges[i]`` to ``edges[i + 1]``.

    edges: (B + 1,) ascending.  percent: (B,).  outside: percent below the first or above the last edge.
    """

    edges: tuple[float, ...]
    percent: tuple[float, ...]
    outside: float

    @property
    def centres(self) -> tuple[float, ...]:
        """The middle of each bin: (B,)."""
        return tuple((low + high) / 2 for low, high in zip(self.edges, self.edges[1:], strict=False))


def penalized(weights: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The tensors that L1 and L2 cover, by name: those of two and more dimensions, as in ``core.training.penalties``.

    Raises ``ValueError`` where there is none, or where one holds a value that is not finite.
    """
    found = {name: weights[name] for name in sorted(weights) if weights[name].ndim >= 2}
    if not found:
        raise ValueError("no tensor of two or more dimensions: nothing here is penalized")
    for name, tensor in found.items():
        if not np.isfinite(tensor).all():
            raise ValueError(f"{name} holds values that are not finite")
    return found


def convolutions(weights: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The tensors of convolutions by name, (O, I, kh, kw): those that a norm follows."""
    return {name: tensor for name, tensor in weights.items() if tensor.ndim == 4}


def relative(tensor: NDArray[Any]) -> NDArray[np.float64]:
    """w / rms(filter): (O, ...) -> (O, K) with K weights a filter.

    Every row has mean square 1, whatever the size of its filter; a filter of zeros stays zero.
    """
    rows = tensor.reshape(len(tensor), -1).astype(np.float64)  # (O, K)
    # the largest first: squares of very small weights would vanish
    largest = np.abs(rows).max(axis=1, keepdims=True)  # (O, 1)
    rows = np.divide(rows, largest, out=np.zeros_like(rows), where=largest > 0)
    rms = np.sqrt(np.square(rows).mean(axis=1, keepdims=True))  # (O, 1)
    return np.divide(rows, rms, out=np.zeros_like(rows), where=rms > 0)


def sparsity(weights: Mapping[str, NDArray[Any]], threshold: float = THRESHOLD) -> Sparsity:
    """Count the near zeros of each penalized tensor. All weights of a filter of zeros are near zero."""
    return Sparsity(
        tuple(
            Layer(
                name=name,
                filters=len(tensor),
                weights=tensor.size,
                rms=float(np.sqrt(np.square(tensor.astype(np.float64)).mean())),
                near_zero=int((np.abs(relative(tensor)) < threshold).sum()),
            )
            for name, tensor in penalized(weights).items()
        )
    )


def histogram(weights: Mapping[str, NDArray[Any]], threshold: float = THRESHOLD, bins: int = BINS) -> Histogram:
    """How the penalized weights lie around zero, in units of the rms of their filter.

    ``bins`` is odd and each is 2 * ``threshold`` wide, so the middle one is the share near zero.
    """
    if bins < 1 or bins % 2 == 0:
        raise ValueError(f"bins={bins} has no middle one; use an odd number")
    values = np.concatenate([relative(tensor).ravel() for tensor in penalized(weights).values()])
    # whole multiples, so that the edges around zero are -threshold and threshold exactly
    edges = threshold * np.arange(-bins, bins + 1, 2)
    counts, _ = np.histogram(values, edges)
    percent = 100 * counts / values.size
    return Histogram(
        edges=tuple(edges.tolist()),
        percent=tuple(percent.tolist()),
        outside=100 * (values.size - int(counts.sum())) / values.size,
    )
