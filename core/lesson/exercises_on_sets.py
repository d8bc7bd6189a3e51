"""Exercises on who shares: the statistics of a set under three norms, how many sets there are, who depends on whom.

Each is a function of a random generator; what its solution says is computed by ``core.normalization``.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from core.catalogue import BASIC_SET_NORMS, NORMS, SetNorm
from core.four_images.source import Cell
from core.labels import listed
from core.lesson.exercise import Exercise, batch_rows, channel_header
from core.lesson.writing import Block, Formula, Fraction, Grid, Items, Root, Squared, Text, Tokens, row, shown
from core.normalization import (
    Array,
    Shape,
    normalize,
    product_in_words,
    product_of_numbers,
    set_count,
    set_name,
    statistics,
)

IMAGES = CHANNELS = 4
GROUPS = 2
NORMS_ASKED: tuple[SetNorm, ...] = ("bn", "ln", "gn")
LEAST_VARIANCE = 1.0
"""Of every set that is asked for: numbers that are nearly alike teach nothing."""
SEEN = 0.05
"""The least change of a normalized value that counts as one that can be seen."""


def _named(norm: SetNorm) -> str:
    title = NORMS[norm].title
    return f"{title}, G = {GROUPS}" if norm == "gn" else title


def _batch(rng: np.random.Generator) -> Array:
    """Whole numbers (4, 4, 1, 1) with no set of too little variance."""
    while True:
        x = rng.integers(0, 10, (IMAGES, CHANNELS, 1, 1)).astype(np.float64)
        if all(statistics(x, norm, GROUPS).var.min() >= LEAST_VARIANCE for norm in NORMS_ASKED):
            return x


def three_sets(rng: np.random.Generator) -> Exercise:
    """Mean, variance and x-hat of one cell under three norms."""
    x, cell = _asked(rng)
    image, channel, *_ = cell
    answer: dict[str, tuple[float, float, float]] = {}
    solution: list[Block] = []
    for norm in NORMS_ASKED:
        stats = statistics(x, norm, GROUPS)
        s = int(stats.index[cell])
        mean, var = float(stats.mean[s]), float(stats.var[s])
        x_hat = float(normalize(x, stats)[cell])
        answer[norm] = (mean, var, x_hat)
        where = set_name(norm, s, x.shape, GROUPS)
        solution.append(Text(f"**{_named(norm)}.** The set is {where}: {stats.cells} numbers."))
        solution += _way(x[stats.index == s], mean, var, float(x[cell]), x_hat)
    return Exercise(
        title="Three norms, one number",
        text=(
            Text("Four images (rows) after a convolution with four channels (columns), one number each:"),
            Grid(channel_header(CHANNELS), batch_rows(x)),
        ),
        task=(
            Text(
                f"Take the number of image {image + 1} in channel {channel + 1}. For BatchNorm in training mode, for "
                f"LayerNorm over (C, H, W) and for GroupNorm with G = {GROUPS}: which numbers share a mean with it, "
                "what are the mean μ and the biased variance σ² of this set, and what does the number become, "
                "x̂ = (x − μ) / √(σ² + ε)? (By hand, leave out ε = 1e-5: it changes no digit that you write.)"
            ),
            Grid(["", "set", "μ", "σ²", "x̂"], [[_named(norm), "", "", "", ""] for norm in NORMS_ASKED]),
        ),
        solution=tuple(solution),
        given={"x": x, "image": image, "channel": channel},
        answer=answer,
        check=THREE_SETS,
        lines=6,
    )


def _asked(rng: np.random.Generator) -> tuple[Array, Cell]:
    """A batch, and a cell of it that each of the norms makes another number of."""
    while True:
        x = _batch(rng)
        image, channel = (int(i) for i in rng.integers(0, IMAGES, 2))
        cell = (image, channel, 0, 0)
        made = sorted(float(normalize(x, statistics(x, norm, GROUPS))[cell]) for norm in NORMS_ASKED)
        if min(high - low for low, high in pairwise(made)) > SEEN:
            return x, cell


def _way(numbers: Array, mean: float, var: float, x: float, x_hat: float) -> list[Block]:
    m = str(len(numbers))
    terms = " + ".join(f"{number:g}" for number in numbers)
    squares = row(*_between([Squared(Tokens(f"( {n:g} − {shown(mean)} )")) for n in numbers]))
    return [
        Formula(row("μ =", Fraction(Tokens(terms), Tokens(m)), f"= {shown(mean)}")),
        Formula(row(Squared(Tokens("σ")), "=", Fraction(squares, Tokens(m)), f"= {shown(var)}")),
        Formula(
            row(
                "x̂ =",
                Fraction(Tokens(f"{x:g} − {shown(mean)}"), Root(Tokens(f"{shown(var)} + ε"))),
                f"≈ {shown(x_hat)}",
            )
        ),
    ]


def _between(pieces: list[Squared]) -> list[Squared | str]:
    return [part for piece in pieces for part in ("+", piece)][1:]


THREE_SETS = """
layers = {"bn": nn.BatchNorm2d(4), "ln": nn.GroupNorm(1, 4), "gn": nn.GroupNorm(2, 4)}
first = channel // 2 * 2  # of the group's two channels
sets = {"bn": x[:, channel], "ln": x[image], "gn": x[image, first : first + 2]}
for name, layer in layers.items():
    mean, variance, x_hat = answer[name]
    assert abs(sets[name].mean().item() - mean) < 1e-9
    assert abs(sets[name].var(unbiased=False).item() - variance) < 1e-9
    assert abs(layer.double()(x)[image, channel, 0, 0].item() - x_hat) < 1e-9
"""


def how_many(rng: np.random.Generator) -> Exercise:
    """How many means, and over how many cells."""
    n, c, side = (int(rng.choice(options)) for options in ((4, 8, 16, 32), (8, 12, 16, 20, 24), (4, 5, 7, 8)))
    g = int(rng.choice([d for d in range(2, c) if c % d == 0]))
    shape: Shape = (n, c, side, side)
    counts = {norm: set_count(norm, shape, g) for norm in BASIC_SET_NORMS}
    cells = {norm: n * c * side * side // count for norm, count in counts.items()}
    names = {norm: NORMS[norm].title + (f", G = {g}" if norm == "gn" else "") for norm in BASIC_SET_NORMS}

    def products(norm: SetNorm) -> list[str]:
        parts = (NORMS[norm].numbering, NORMS[norm].shared)
        found = []
        for dimensions, result in zip(parts, (counts[norm], cells[norm]), strict=True):
            words = product_in_words(norm, dimensions)
            middle = f" = {product_of_numbers(norm, dimensions, shape, g)}" if "×" in words else ""
            found.append(f"{words}{middle} = {result}")
        return found

    return Exercise(
        title="How many means?",
        text=(Text(f"A batch has the shape (N, C, H, W) = {shape}. GroupNorm takes G = {g} groups."),),
        task=(
            Text("How many means does each norm compute for this batch, and over how many numbers is each one taken?"),
            Grid(["", "means", "numbers in each"], [[name, "", ""] for name in names.values()]),
        ),
        solution=(
            Grid(["", "means", "numbers in each"], [[names[norm], *products(norm)] for norm in names]),
            Text("Sets times numbers in each is the whole tensor, for every norm: each number lies in one set."),
        ),
        given={"shape": shape, "groups": g},
        answer={norm: (counts[norm], cells[norm]) for norm in BASIC_SET_NORMS},
        check=HOW_MANY,
        lines=1,
    )


HOW_MANY = """
n, c, h, w = shape
x = torch.zeros(n, groups, c // groups, h, w)  # the channels in their groups
reduced = {"bn": (0, 3, 4), "ln": (1, 2, 3, 4), "gn": (2, 3, 4), "in": (3, 4)}
for name, dimensions in reduced.items():
    means = x.mean(dim=dimensions)
    assert answer[name] == (means.numel(), x.numel() // means.numel()), name
assert nn.BatchNorm2d(c).running_mean.numel() == answer["bn"][0]
"""


def another_image(rng: np.random.Generator) -> Exercise:
    """Which cells of image 1 change when image 4 is replaced."""
    x, replaced, same = _replaced(rng)
    moved = {norm: _movement(x, replaced, norm) for norm in NORMS_ASKED}
    changed = {norm: [c + 1 for c in range(CHANNELS) if moved[norm][c] > 0] for norm in NORMS_ASKED}
    asked = int(moved["bn"].argmax())
    before, after = (float(normalize(batch, statistics(batch, "bn"))[0, asked, 0, 0]) for batch in (x, replaced))
    return Exercise(
        title="Another image 4",
        text=(
            Text("Four images, four channels, one number each. Another image takes the place of image 4:"),
            Grid(
                channel_header(CHANNELS), [*batch_rows(x), ["new image 4", *(f"{v:g}" for v in replaced[-1].ravel())]]
            ),
        ),
        task=(
            Items(
                (
                    "Which normalized values of **image 1** change under BatchNorm in training mode, under LayerNorm, "
                    f"and under GroupNorm with G = {GROUPS}?",
                    f"What is the normalized value of image 1 in channel {asked + 1} under BatchNorm before and after?",
                    "What changes about a) in inference mode?",
                )
            ),
        ),
        solution=_who_moved(changed, same, before, after),
        given={"x": x, "new": replaced[-1].ravel(), "asked": asked},
        answer={"changed channels": changed, "before and after": (before, after)},
        check=ANOTHER_IMAGE,
        lines=5,
    )


def _replaced(rng: np.random.Generator) -> tuple[Array, Array, int]:
    """A batch, the same with another last image, and the channel in which both images have the same number."""
    same = int(rng.integers(0, CHANNELS))
    while True:
        x = _batch(rng)
        replaced = x.copy()
        replaced[-1, :, 0, 0] = rng.integers(0, 20, CHANNELS)
        replaced[-1, same] = x[-1, same]
        # every channel of image 1 but that one moves so far that it can be seen
        if np.count_nonzero(_movement(x, replaced, "bn") > SEEN) == CHANNELS - 1:
            return x, replaced, same


def _movement(x: Array, replaced: Array, norm: SetNorm) -> Array:
    before, after = (normalize(batch, statistics(batch, norm, GROUPS))[0] for batch in (x, replaced))
    return np.abs(after - before).ravel()


def _who_moved(changed: Mapping[SetNorm, list[int]], same: int, before: float, after: float) -> tuple[Block, ...]:
    return (
        Text(
            f"a) Under BatchNorm those in the channels {listed([str(c) for c in changed['bn']])}. In channel "
            f"{same + 1} the new image has the same number as the old one, so that this set stays as it is. Under "
            "LayerNorm and GroupNorm none: their sets end where the image ends."
        ),
        Text(f"b) {shown(before)} before, {shown(after)} after."),
        Text("c) No normalized value of image 1 changes then: BatchNorm goes by its running estimates."),
    )


ANOTHER_IMAGE = """
replaced = x.clone()
replaced[3, :, 0, 0] = new
layers = {"bn": nn.BatchNorm2d(4), "ln": nn.GroupNorm(1, 4), "gn": nn.GroupNorm(2, 4)}
for name, layer in layers.items():
    layer.double()
    before, after = layer(x)[0, :, 0, 0], layer(replaced)[0, :, 0, 0]
    moved = ~torch.isclose(before, after, atol=1e-12)
    assert [c + 1 for c in range(4) if moved[c]] == answer["changed channels"][name]
    if name == "bn":
        assert abs(before[asked].item() - answer["before and after"][0]) < 1e-9
        assert abs(after[asked].item() - answer["before and after"][1]) < 1e-9
        layer.eval()
        assert torch.equal(layer(x)[0], layer(replaced)[0])
"""
