"""The arithmetic of one set with its numbers written in, and torch's own result beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from core.catalogue import NORMS, SetNorm
from core.four_images.source import Cell
from core.model import make_norm
from core.normalization import EPS, Array, Statistics, normalize, torch_refusal

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
class Step:
    """One step of the way: what it is called, Markdown with formula = the numbers = the result, and the result."""

    name: str
    line: str
    result: str


def steps(
    x: Array, stats: Statistics, cell: Cell, *, gamma: float = 1.0, beta: float = 0.0, eps: float = EPS
) -> tuple[Step, ...]:
    """The way from ``x`` (N, C, H, W) to the output of ``cell``, for the set that it lies in.

    Mean, variance, normalized value and output; a norm that subtracts no mean has three steps, the mean square first.
    """
    s = int(stats.index[cell])
    numbers = x[stats.index == s]
    mu, var = float(stats.mean[s]), float(stats.var[s])
    x_hat = float((x[cell] - mu) / np.sqrt(var + eps))
    # only what is written is turned into text: a set of a real layer holds thousands of numbers
    shown = numbers if len(numbers) <= WRITTEN else np.append(numbers[: WRITTEN - 1], numbers[-1])
    of_the_set = _centred if NORMS[stats.norm].centred else _uncentred
    return (
        *of_the_set(shown, len(numbers), mu, var, float(x[cell]), x_hat, eps),
        _output(x_hat, gamma, beta if NORMS[stats.norm].shifts else None),
    )


def _step(name: str, symbol: str, *sides: str, result: float) -> Step:
    return Step(name, _lines(symbol, *sides, short(result)), short(result))


def _root(var: float, eps: float) -> str:
    return rf"\sqrt{{{short(var)} + {_decimal(eps)}}}"


def _decimal(eps: float) -> str:
    return f"{eps:.8f}".rstrip("0").rstrip(".")


def _centred(
    shown: Array, count: int, mu: float, var: float, value: float, x_hat: float, eps: float
) -> tuple[Step, ...]:
    difference = f"{short(value)} - {_bracketed(mu)}"
    squares = [f"({short(v)} - {_bracketed(mu)})^2" for v in shown]
    formula = r"\frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}"
    return (
        _step("Mean μ", r"\mu", _fraction([_bracketed(v) for v in shown], count), result=mu),
        _step("Variance σ²", r"\sigma^2", _fraction(squares, count), result=var),
        _step("Normalized x̂", r"\hat x", formula, rf"\frac{{{difference}}}{{{_root(var, eps)}}}", result=x_hat),
    )


def _uncentred(
    shown: Array, count: int, mu: float, var: float, value: float, x_hat: float, eps: float
) -> tuple[Step, ...]:
    squares = [f"{_bracketed(v)}^2" for v in shown]
    formula = r"\frac{x}{\sqrt{\overline{x^2} + \varepsilon}}"
    return (
        _step("Mean square", r"\overline{x^2}", _fraction(squares, count), result=var),
        _step("Normalized x̂", r"\hat x", formula, rf"\frac{{{short(value)}}}{{{_root(var, eps)}}}", result=x_hat),
    )


def _output(x_hat: float, gamma: float, beta: float | None) -> Step:
    """The last step; beta is None for a norm that has none."""
    scaled = rf"{short(gamma)} \cdot {_bracketed(x_hat)}"
    if beta is None:
        return _step("Output y", "y", r"\gamma\,\hat x", scaled, result=gamma * x_hat)
    shifted = f"{scaled} + {_bracketed(beta)}"
    return _step("Output y", "y", r"\gamma\,\hat x + \beta", shifted, result=gamma * x_hat + beta)


def per_channel(channels: int, channel: int, gamma: float, beta: float) -> tuple[Array, Array]:
    """gamma and beta, (C,) each: the given values for ``channel``, 1 and 0 for the others."""
    gammas, betas = np.ones(channels), np.zeros(channels)
    gammas[channel], betas[channel] = gamma, beta
    return gammas, betas


def torch_output(x: Array, norm: SetNorm, groups: int, gamma: Array, beta: Array, eps: float = EPS) -> Array | None:
    """What torch's layer returns for ``x`` in training mode, float64; None where torch refuses the batch."""
    if torch_refusal(norm, x.shape, groups):
        return None
    layer = make_norm(norm, x.shape[1], groups).double().train()
    vars(layer)["eps"] = eps  # all of torch's norms read it at every call
    with torch.no_grad():
        for name, values in (("weight", gamma), ("bias", beta)):
            if name in layer.state_dict():  # not every norm has a beta
                layer.get_parameter(name).copy_(torch.from_numpy(values))
        return layer(torch.from_numpy(np.ascontiguousarray(x))).numpy()


def own_output(x: Array, stats: Statistics, gamma: Array, beta: Array, eps: float = EPS) -> Array:
    """The same by this project's own two steps."""
    return normalize(x, stats, gamma=gamma, beta=beta, eps=eps)


def torch_code(x: Array, norm: SetNorm, groups: int, cell: Cell, gamma: float, beta: float, eps: float = EPS) -> str:
    """A few lines of torch that print the output of ``cell``.

    Up to 128 numbers are written out; a larger batch is read from the CSV file that the page hands out.
    """
    row = NORMS[norm]
    _, c, h, w = x.shape
    layer = row.torch_layer.format(c=c, h=h, w=w, g=groups)
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
    if row.shifts and (gamma != 1 or beta != 0):
        affine = (
            "with torch.no_grad():\n"
            f"    layer.weight[{channel}], layer.bias[{channel}] = {gamma:g}, {beta:g}  # gamma and beta\n"
        )
    elif gamma != 1:
        affine = f"with torch.no_grad():\n    layer.weight[{channel}] = {gamma:g}  # gamma\n"
    own_eps = "" if eps == EPS else f"layer.eps = {eps:g}\n"
    mode = "  # a new layer is in training mode" if row.running else ""
    return (
        f"{head}\n{numbers}\n\n"
        f"layer = {layer}\nlayer.double(){mode}\n{own_eps}{affine}y = {row.torch_call}\n"
        f"print(y[{', '.join(map(str, cell))}].item())"
    )
