"""The arithmetic of one set with its numbers written in, and torch's own result beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from core.four_images.source import Cell
from core.model import make_norm
from core.normalization import EPS, Array, SetNorm, Statistics, normalize, torch_refusal

CSV_NAME = "four_images.csv"
WRITTEN = 8
ROOM = 28
"""Terms of a sum that are written out at most, and the characters that fit a phone; what exceeds them is dots."""


def short(value: float, digits: int = 5) -> str:
    """At most ``digits`` significant digits: 3, 0.30151, 1.2e+6."""
    return f"{value:.{digits}g}".replace("e+0", "e+").replace("e-0", "e-").replace("-", "−")


def _bracketed(value: float, digits: int = 5) -> str:
    return f"({short(value, digits)})" if value < 0 else short(value, digits)


def _sum(terms: Sequence[str], count: int) -> str:
    """All ``count`` terms where there is room for them, else the first ones, dots and, if it fits, the last."""
    if count <= len(terms) and len(" + ".join(terms)) <= ROOM:
        return " + ".join(terms)
    dots = r"\dots"
    first = list(terms[:-1])
    while len(first) > 1 and len(" + ".join([*first, "...", terms[-1]])) > ROOM:
        first.pop()
    short_enough = len(" + ".join([*first, "...", terms[-1]])) <= ROOM
    return " + ".join([*first, dots, terms[-1]] if short_enough else [*first, dots])


def _lines(name: str, *sides: str) -> str:
    """Markdown with one piece of inline maths a side, so that a narrow page may break the line between them."""
    pieces = [rf"{name} = {sides[0]}", *(f"= {side}" for side in sides[1:])]
    return " ".join(rf"$\displaystyle {piece}$" for piece in pieces)


def _fraction(terms: Sequence[str], count: int) -> str:
    return rf"\frac{{{_sum(terms, count)}}}{{{count}}}"


@dataclass(frozen=True)
class Steps:
    """Four lines of Markdown with maths, formula = the numbers = the result, and the four results as texts."""

    mean: str
    variance: str
    normalized: str
    output: str
    results: tuple[str, str, str, str]


def steps(x: Array, stats: Statistics, cell: Cell, *, gamma: float = 1.0, beta: float = 0.0) -> Steps:
    """The way from ``x`` (N, C, H, W) to the output of ``cell``, for the set that it lies in."""
    s = int(stats.index[cell])
    numbers = x[stats.index == s]
    mu, var, value = float(stats.mean[s]), float(stats.var[s]), float(x[cell])
    x_hat = (value - mu) / np.sqrt(var + EPS)
    m = len(numbers)
    # only what is written is turned into text: a set of a real layer holds thousands of numbers
    shown = numbers if m <= WRITTEN else np.append(numbers[: WRITTEN - 1], numbers[-1])
    minus = f"- {_bracketed(mu)}"
    squares = [f"({short(v)} - {_bracketed(mu)})^2" for v in shown]
    difference = f"{short(value)} {minus}"
    return Steps(
        mean=_lines(r"\mu", _fraction([_bracketed(v) for v in shown], m), short(mu)),
        variance=_lines(r"\sigma^2", _fraction(squares, m), short(var)),
        normalized=_lines(
            r"\hat x",
            r"\frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}",
            rf"\frac{{{difference}}}{{\sqrt{{{short(var)} + 0.00001}}}}",
            short(x_hat),
        ),
        output=_lines(
            "y",
            r"\gamma\,\hat x + \beta",
            rf"{short(gamma)} \cdot {_bracketed(x_hat)} + {_bracketed(beta)}",
            short(gamma * x_hat + beta),
        ),
        results=(short(mu), short(var), short(x_hat), short(gamma * x_hat + beta)),
    )


def per_channel(channels: int, channel: int, gamma: float, beta: float) -> tuple[Array, Array]:
    """gamma and beta, (C,) each: the given values for ``channel``, 1 and 0 for the others."""
    gammas, betas = np.ones(channels), np.zeros(channels)
    gammas[channel], betas[channel] = gamma, beta
    return gammas, betas


def torch_output(x: Array, norm: SetNorm, groups: int, gamma: Array, beta: Array) -> Array | None:
    """What torch's layer returns for ``x`` in training mode, float64; None where torch refuses the batch."""
    if torch_refusal(norm, x.shape, groups):
        return None
    layer = make_norm(norm, x.shape[1], groups).double().train()
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(gamma))  # type: ignore[operator]
        layer.bias.copy_(torch.from_numpy(beta))  # type: ignore[operator]
        return layer(torch.from_numpy(np.ascontiguousarray(x))).numpy()


def own_output(x: Array, stats: Statistics, gamma: Array, beta: Array) -> Array:
    """The same by this project's own two steps."""
    return normalize(x, stats, gamma=gamma, beta=beta)


def torch_code(x: Array, norm: SetNorm, groups: int, cell: Cell, gamma: float, beta: float) -> str:
    """A few lines of torch that print the output of ``cell``.

    Up to 128 numbers are written out; a larger batch is read from the CSV file that the page hands out.
    """
    c = x.shape[1]
    layer = {
        "bn": f"nn.BatchNorm2d({c})",
        "ln": f"nn.GroupNorm(1, {c})  # LayerNorm over (C, H, W)",
        "gn": f"nn.GroupNorm({groups}, {c})",
        "in": f"nn.InstanceNorm2d({c}, affine=True)",
    }[norm]
    head = "import torch\nfrom torch import nn\n"
    if x.size <= 128:
        values = np.array2string(x.ravel(), separator=", ", max_line_width=58, precision=17, threshold=200)
        numbers = f"x = torch.tensor(\n{values},\ndtype=torch.float64).reshape{x.shape}"
    else:
        head = "import numpy as np\n" + head
        numbers = (
            f'table = np.loadtxt("{CSV_NAME}", delimiter=",",\n                   skiprows=1, usecols=4)\n'
            f"x = torch.from_numpy(table).reshape{x.shape}"
        )
    channel = cell[1]
    affine = ""
    if gamma != 1 or beta != 0:
        affine = (
            "with torch.no_grad():\n"
            f"    layer.weight[{channel}], layer.bias[{channel}] = {gamma:g}, {beta:g}  # gamma and beta\n"
        )
    mode = "  # a new layer is in training mode" if norm == "bn" else ""
    return (
        f"{head}\n{numbers}\n\n"
        f"layer = {layer}\nlayer.double(){mode}\n{affine}y = layer(x)\nprint(y[{', '.join(map(str, cell))}].item())"
    )
