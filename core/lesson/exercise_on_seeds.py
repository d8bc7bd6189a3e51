"""The exercise on seeds: two methods, five seeds each, and what their accuracies allow one to say."""

from __future__ import annotations

import math

import numpy as np

from core.comparison.intervals import PairedTest, paired_test
from core.lesson.exercise import Exercise
from core.lesson.writing import Block, Formula, Fraction, Grid, Items, Root, Text, Tokens, row, shown
from core.normalization import Array

SEEDS = 5
TELLS_APART = (
    "d) Zero lies outside: over other seeds, and on these test images, method {better} is better. What it says is the "
    "interval, {low} to {high} points, and not the mean alone."
)
TELLS_NOTHING = (
    "d) Zero lies inside: {seeds} seeds do not tell the methods apart. That does not make them equal: the interval "
    "reaches to {most} points."
)


def what_seeds_say(rng: np.random.Generator) -> Exercise:
    """The mean difference of two methods with its interval."""
    gap = float(rng.choice([0.0, 0.03, 0.08, 0.15]))
    while True:
        level = rng.normal(99.3, 0.05, SEEDS)
        first = np.round(level + gap + rng.normal(0, 0.04, SEEDS), 2)
        second = np.round(level + rng.normal(0, 0.04, SEEDS), 2)
        differences = np.round(first - second, 2)
        if len(set(differences.tolist())) > 2:
            break
    found = paired_test(first.tolist(), second.tolist())
    deviation = float(np.std(differences, ddof=1))
    quantile = (found.difference.high - found.difference.value) * math.sqrt(SEEDS) / deviation
    header = ["", *(f"seed {i}" for i in range(SEEDS))]
    return Exercise(
        title="What five seeds say",
        text=(
            Text(
                f"Two methods were trained with {SEEDS} seeds each. These are their test accuracies in percent, on the "
                "same test images (made up for this sheet):"
            ),
            Grid(header, [["method A", *(f"{v:.2f}" for v in first)], ["method B", *(f"{v:.2f}" for v in second)]]),
        ),
        task=(
            Items(
                (
                    "What are the differences A − B by seed, and what would seed 0 alone have said?",
                    "What are their mean and their standard deviation s (with n − 1)?",
                    f"What is the 95 % interval, mean ± t s / √n with t = {quantile:.3f} for n − 1 = {SEEDS - 1}?",
                    "What may one say of the two methods?",
                )
            ),
        ),
        solution=_what_they_say(differences, found, deviation, quantile),
        given={"first": first, "second": second, "quantile": round(quantile, 9)},
        answer={
            "mean": found.difference.value,
            "deviation": deviation,
            "interval": (found.difference.low, found.difference.high),
        },
        check=WHAT_SEEDS_SAY,
        lines=5,
    )


def _what_they_say(differences: Array, found: PairedTest, deviation: float, quantile: float) -> tuple[Block, ...]:
    mean, low, high = found.difference.value, found.difference.low, found.difference.high
    alone, half = float(differences[0]), high - mean
    of_one = "that both are equal" if alone == 0 else f"that {'A' if alone > 0 else 'B'} is better"
    template = TELLS_APART if found.difference.excludes_zero else TELLS_NOTHING
    return (
        Grid(["", *(f"seed {i}" for i in range(SEEDS))], [["A − B", *map(shown, differences)]]),
        Text(f"a) The table. Seed 0 alone would have said {of_one}."),
        Text(f"b) The mean is {shown(mean)} points and s = {shown(deviation)} points."),
        Text(f"c) Half the interval is {shown(half)} points, so that it goes from {shown(low)} to {shown(high)}:"),
        Formula(
            row(
                f"{quantile:.3f} ×",
                Fraction(Tokens(shown(deviation)), Root(Tokens(str(SEEDS)))),
                f"≈ {shown(half)}",
            )
        ),
        Text(
            template.format(
                better="A" if mean > 0 else "B",
                seeds=SEEDS,
                low=shown(low),
                high=shown(high),
                most=shown(max(abs(low), abs(high)), 2),
            )
        ),
    )


WHAT_SEEDS_SAY = """
difference = (first - second).numpy()
n = len(difference)
mean, deviation = difference.mean(), difference.std(ddof=1)
half = quantile * deviation / math.sqrt(n)
assert abs(mean - answer["mean"]) < 1e-9
assert abs(deviation - answer["deviation"]) < 1e-9
assert np.allclose([mean - half, mean + half], answer["interval"], atol=1e-6)
# the quantile: 95 % of the t distribution with n - 1 degrees of freedom lie between -t and t
t = np.linspace(-quantile, quantile, 100_001)
scale = math.gamma(n / 2) / (math.sqrt((n - 1) * math.pi) * math.gamma((n - 1) / 2))
density = scale * (1 + t**2 / (n - 1)) ** (-n / 2)
assert abs(((density[1:] + density[:-1]) / 2 * np.diff(t)).sum() - 0.95) < 1e-6
"""
