"""Exercises on BatchNorm's own: scale and offset, running estimates, and the batch that torch refuses.

Each is a function of a random generator; what its solution says is computed by ``core.normalization``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.catalogue import SetNorm
from core.four_images.torch_words import torch_says
from core.lesson.exercise import Exercise
from core.lesson.writing import Block, Code, Formula, Grid, Items, Squared, Text, Tokens, bracketed, row, shown
from core.normalization import EPS, Array, RunningStatistics, Shape, normalize, statistics, torch_refusal

LEAST_VARIANCE = 1.0
"""Of every set that is asked for: numbers that are nearly alike teach nothing."""


def _channel(rng: np.random.Generator, low: int, high: int, size: int) -> Array:
    """Whole numbers of one channel, not too much alike: (N, 1, 1, 1)."""
    while True:
        x = rng.integers(low, high + 1, (size, 1, 1, 1)).astype(np.float64)
        if x.var() >= LEAST_VARIANCE:
            return x


def scale_and_offset(rng: np.random.Generator) -> Exercise:
    """Gamma and beta that undo the normalization, and what others make of it."""
    x = _channel(rng, -9, 9, 6)
    stats = statistics(x, "bn")
    mean, var = float(stats.mean[0]), float(stats.var[0])
    undo = float(np.sqrt(var + EPS))
    gamma, beta = float(rng.choice([0.5, 1.5, 2.0, 3.0])), float(rng.choice([-2.0, -1.0, 1.0, 4.0]))
    y = normalize(x, stats, gamma=gamma, beta=beta)
    made = (float(y.mean()), float(y.std()))
    return Exercise(
        title="γ and β",
        text=(
            Text(
                "One channel of a batch holds the numbers "
                f"{', '.join(shown(number) for number in x.ravel())}. BatchNorm in training mode makes of each x the "
                "output y = γ x̂ + β."
            ),
        ),
        task=(
            Items(
                (
                    "Which γ and β give every number back as it was, y = x?",
                    f"Which mean and which standard deviation has y with γ = {gamma:g} and β = {shown(beta)}?",
                )
            ),
        ),
        solution=(
            Formula(row(f"μ = {shown(mean)} ,", Squared(Tokens("σ")), f"= {shown(var)}")),
            Text(f"a) γ = √(σ² + ε) = {shown(undo)} and β = μ = {shown(mean)}: scale and offset are learned again."),
            Text(
                f"b) The mean is β = {shown(made[0])} and the standard deviation γ σ / √(σ² + ε) = {shown(made[1])}: "
                "γ but for ε. What the numbers were before no longer matters for either of the two."
            ),
        ),
        given={"numbers": x.ravel(), "gamma": gamma, "beta": beta},
        answer={"undo": (undo, mean), "mean and deviation": made},
        check=SCALE_AND_OFFSET,
        lines=4,
    )


SCALE_AND_OFFSET = """
x = numbers.reshape(-1, 1, 1, 1)
layer = nn.BatchNorm2d(1).double()
with torch.no_grad():
    layer.weight[0], layer.bias[0] = answer["undo"]
    assert torch.allclose(layer(x), x)
    layer.weight[0], layer.bias[0] = gamma, beta
    y = layer(x)
mean, deviation = answer["mean and deviation"]
assert abs(y.mean().item() - mean) < 1e-9
assert abs(y.std(unbiased=False).item() - deviation) < 1e-9
"""


def running_estimates(rng: np.random.Generator) -> Exercise:
    """The running mean and variance after two batches."""
    batches = [_channel(rng, 0, 12, 4) for _ in range(2)]
    steps = [RunningStatistics.start(1)]
    for batch in batches:
        steps.append(steps[-1].update(batch))
    m, last = steps[0].momentum, steps[-1]
    biased = 1.0
    for batch in batches:
        biased = (1 - m) * biased + m * float(statistics(batch, "bn").var[0])
    return Exercise(
        title="Running estimates",
        text=(
            Text(
                "One channel of a BatchNorm layer has the running mean 0 and the running variance 1. Its momentum is "
                f"{m:g}: the weight of the new batch, as in PyTorch. In training mode it sees two batches of four "
                "images, one number each:"
            ),
            Grid(
                ["", *(f"image {i + 1}" for i in range(4))],
                [[f"batch {i}", *(f"{v:g}" for v in batch.ravel())] for i, batch in enumerate(batches, start=1)],
            ),
        ),
        task=(
            Text(
                "What are the running mean and the running variance after both batches? Which variance of a batch is "
                "used where: the biased or the unbiased one?"
            ),
        ),
        solution=(
            *_steps(batches, steps),
            Text(
                "The batch itself is normalized with its biased variance. The running estimate takes the unbiased one, "
                f"as an estimate for all images; with the biased one it would have come to {shown(biased)}."
            ),
        ),
        given={"batches": np.array([batch.ravel() for batch in batches])},
        answer={"mean": float(last.mean[0]), "variance": float(last.var[0]), "with the biased variance": biased},
        check=RUNNING_ESTIMATES,
        lines=6,
    )


def _steps(batches: Sequence[Array], steps: Sequence[RunningStatistics]) -> list[Block]:
    found: list[Block] = []
    for number, batch in enumerate(batches, start=1):
        before, after, stats = steps[number - 1], steps[number], statistics(batch, "bn")
        mean, biased, unbiased = (float(v[0]) for v in (stats.mean, stats.var, stats.unbiased_var))
        found += [
            Text(
                f"**Batch {number}** has the mean {shown(mean)}, the biased variance {shown(biased)} and the unbiased "
                f"variance {shown(unbiased)}."
            ),
            Formula(row(_update("mean", before.momentum, float(before.mean[0]), mean, float(after.mean[0])))),
            Formula(row(_update("variance", before.momentum, float(before.var[0]), unbiased, float(after.var[0])))),
        ]
    return found


def _update(name: str, momentum: float, before: float, new: float, after: float) -> str:
    return (
        f"{name} = {shown(1 - momentum)} × {bracketed(before)} + {shown(momentum)} × {bracketed(new)} = {shown(after)}"
    )


RUNNING_ESTIMATES = """
layer = nn.BatchNorm2d(1).double()
variance = 1.0
for batch in batches:
    layer(batch.reshape(-1, 1, 1, 1))
    variance = 0.9 * variance + 0.1 * batch.var(unbiased=False).item()
assert abs(layer.running_mean.item() - answer["mean"]) < 1e-9
assert abs(layer.running_var.item() - answer["variance"]) < 1e-9
assert abs(variance - answer["with the biased variance"]) < 1e-9
"""


NOTHING_LEFT = (
    "a) A set of one number has this number as its mean, and the variance 0. Every normalized value would be "
    "(x − x) / √(0 + ε) = 0, whatever the input was."
)


def refused(rng: np.random.Generator) -> Exercise:
    """Why torch refuses one image of one position, and which others."""
    c, side = int(rng.choice([4, 6, 8, 10, 12])), int(rng.choice([2, 3, 5]))
    groups = c // 2
    shapes: tuple[Shape, ...] = ((1, c, 1, 1), (2, c, 1, 1), (1, c, side, side))
    layers: dict[str, tuple[SetNorm, int]] = {
        f"nn.BatchNorm2d({c})": ("bn", 1),
        f"nn.GroupNorm({c}, {c})": ("gn", c),
        f"nn.GroupNorm({groups}, {c})": ("gn", groups),
    }
    refuses = {
        name: [torch_refusal(norm, shape, g) is not None for shape in shapes] for name, (norm, g) in layers.items()
    }
    header = ["", *(f"`{shape}`" for shape in shapes)]
    return Exercise(
        title="The batch that torch refuses",
        text=(
            Text(f"`nn.BatchNorm2d({c})` in training mode gets a batch of the shape {shapes[0]}, and torch says:"),
            Code(f"ValueError: {torch_says('bn', shapes[0], 1)}"),
        ),
        task=(
            Items(
                (
                    "Why? What would every normalized value be?",
                    "Which of these shapes does each of these layers refuse in training mode?",
                    "And in inference mode?",
                )
            ),
            Grid(header, [[f"`{name}`", "", "", ""] for name in layers]),
        ),
        solution=(
            Text(NOTHING_LEFT),
            Grid(
                header,
                [[f"`{name}`", *("refuses" if no else "takes it" for no in found)] for name, found in refuses.items()],
            ),
            Text(
                f"b) BatchNorm2d refuses one number a channel. GroupNorm with G = {c} has sets of one channel, so one "
                f"position is one number; torch looks at all images together, and with two images it says nothing, "
                f"although every normalized value is 0 then, too. With G = {groups} a set has two numbers."
            ),
            Text("c) BatchNorm2d refuses none: it goes by its running estimates. GroupNorm is the same in both modes."),
        ),
        given={"shapes": shapes, "channels": c, "groups": groups},
        answer=refuses,
        check=REFUSED,
        lines=3,
    )


REFUSED = """
def refuses(layer, shape):
    try:
        layer(torch.zeros(shape))
    except ValueError:
        return True
    return False


layers = [nn.BatchNorm2d(channels), nn.GroupNorm(channels, channels), nn.GroupNorm(groups, channels)]
for layer, found in zip(layers, answer.values()):
    assert [refuses(layer, shape) for shape in shapes] == found, layer
inference = [[False] * 3, *list(answer.values())[1:]]
for layer, found in zip(layers, inference):
    assert [refuses(layer.eval(), shape) for shape in shapes] == found, layer
x = torch.randn(2, channels, 1, 1, dtype=torch.float64)
assert layers[1].double()(x).abs().max() < 1e-9  # taken, and nothing is left of it
"""
