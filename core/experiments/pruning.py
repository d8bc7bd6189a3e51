"""What can be thrown away? The error of the study's networks without their smallest weights."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace

import plotly.graph_objects as go

from core.comparison.sparsity import THRESHOLD
from core.experiments.experiment import Check, Experiment, Prediction, Source
from core.experiments.figures import Axis, Line, in_words, line, lines_figure
from core.experiments.pruned import RENEWED, RENEWED_LABEL, SHARES, Network, measure
from core.experiments.table import Table
from core.experiments.trained import study_seeds

TOLERATED = 0.5
"""Points of error more than with all weights, up to which a share counts as removable."""
ROUNDING = 1e-9
"""Errors are decimal fractions in a binary table: one that is just tolerated shall be."""
MARGIN = 15
"""Points of share: below, a gain counts as none."""
METHODS = (
    Network(norm="bn", renewed=RENEWED),
    Network(norm="bn", l1=1e-4),
    Network(norm="bn", l1=1e-4, l2=2.5e-4),
    Network(norm="gn"),
    Network(norm="gn", l1=1e-4),
    Network(norm="ln"),
    Network(norm="ln", l2=2.5e-4),
)
BN, BN_L1, _, GN, GN_L1, LN, LN_L2 = (network.method for network in METHODS)
X = Axis(title="Weights removed, %", span=(0, max(SHARES)))
Y = Axis(title="Test error, %", span=(0, 100))


def trials(seeds: Sequence[int], quick: bool) -> list[Network]:
    """In the full form every network that ships, whatever its seed; in the quick one those of ``seeds``."""
    return [
        replace(of, seed=seed, dataset="mnist-small", tests=1000) if quick else replace(of, seed=seed)
        for of in METHODS
        for seed in study_seeds(of.norm, l1=of.l1, l2=of.l2)
        if not quick or seed in seeds
    ]


def removable(table: Table, method: str, *, renewed: bool = False) -> dict[int, float]:
    """By seed the largest share in percent up to which the error is at most 0.5 points above that with all weights."""
    errors = {share: table.by_seed("error", method=method, renewed=renewed, share=share) for share in SHARES}
    found: dict[int, float] = {}
    for seed, full in errors[0].items():
        found[seed] = 0.0
        for share in SHARES:
            if errors[share].get(seed, math.inf) > full + TOLERATED + ROUNDING:
                break
            found[seed] = float(share)
    return found


def gain(table: Table, more: str, less: str) -> dict[int, float]:
    """By seed how much more of ``more`` is removable than of ``less``, points of share; seeds that both have."""
    a, b = removable(table, more), removable(table, less)
    return {seed: a[seed] - b[seed] for seed in a if seed in b}


def short_of_a_gain(table: Table) -> dict[int, float]:
    """By seed what LN's gain by L2 lacks of one that would count: positive where there is none."""
    return {seed: MARGIN - value for seed, value in gain(table, LN_L2, LN).items()}


def drawn(table: Table) -> list[Line]:
    """The lines of the picture, those of a norm as its twins."""
    found: list[Line] = []
    for of in METHODS:
        for renewed in (False, True):
            label = RENEWED_LABEL.format(method=of.method) if renewed else of.method
            twin = sum(other.norm == of.norm for other in found)
            each = line(table, label, of.norm, "share", "error", twin=twin, method=of.method, renewed=renewed)
            if each.x:
                found.append(each)
    return found


def picture(table: Table) -> go.Figure:
    """Error over the share that is removed."""
    return lines_figure(drawn(table), title="Test error without the smallest weights", x=X, y=Y)


SAID_AT = (0, 40, 60, 80, 90)


def words(table: Table) -> str:
    """The picture in words, at five shares."""
    few = []
    for each in drawn(table):
        kept = [(x, values) for x, values in zip(each.x, each.values, strict=True) if x in SAID_AT]
        x, values = zip(*kept, strict=True)
        few.append(Line(label=each.label, norm=each.norm, x=x, values=values))
    return in_words(few, x=X, y=Y)


REMOVABLE = (
    "At the price of half a point of error, {l1:.0f} % of the weights of BN + L1 can be removed and {plain:.0f} % of "
    "those of BN."
)
WHY = (
    "L1 pulls at a weight with the same force however small it is, so what is of little use ends near 0: "
    "{near_l1:.0f} % of the weights lie below {threshold:g} of the RMS of their filter, {near:.0f} % without a penalty."
)
NO_GAIN = "Here L1 did not make clearly more of them removable."
AT_THAT_SHARE = (
    "With {share:.0f} % removed, BN is wrong on {error:.1f} % of the images and BN + L1 on {error_l1:.1f} %."
)
STATISTICS = (
    "Part of that is due to the stored statistics, which belong to the whole network: re-estimated, they bring BN down "
    "to {renewed:.1f} %."
)
L2_DOES_NOT = (
    "L2 pulls the less the smaller a weight is, so it brings none to 0: {l2:.0f} % of the weights of LN + L2 can be "
    "removed and {ln:.0f} % of those of LN."
)
L2_DOES = "Of LN + L2 {l2:.0f} % of the weights can be removed, and {ln:.0f} % of those of LN."


def seen(table: Table) -> str:
    """What was seen and why."""
    share = {method: statistics.fmean(removable(table, method).values()) for method in (BN, BN_L1, LN, LN_L2)}
    at = min(removable(table, BN_L1).values())
    values = {
        "l1": share[BN_L1],
        "plain": share[BN],
        "near_l1": table.mean("near_zero", method=BN_L1),
        "near": table.mean("near_zero", method=BN),
        "threshold": THRESHOLD,
        "share": at,
        "error": table.mean("error", method=BN, renewed=False, share=at),
        "error_l1": table.mean("error", method=BN_L1, renewed=False, share=at),
        "renewed": table.mean("error", method=BN, renewed=True, share=at),
        "ln": share[LN],
        "l2": share[LN_L2],
    }
    gained = share[BN_L1] - share[BN] > MARGIN
    said = [REMOVABLE]
    if not gained:
        said.append(NO_GAIN)
    elif values["near_l1"] > values["near"]:
        said.append(WHY)
    said.append(AT_THAT_SHARE)
    if values["error"] - values["renewed"] > 1:
        said.append(STATISTICS)
    said.append(L2_DOES if share[LN_L2] - share[LN] > MARGIN else L2_DOES_NOT)
    return " ".join(template.format(**values) for template in said)


OPTIONS = ("less than a quarter", "a quarter to a half", "a half to three quarters", "more than three quarters")


def right(table: Table) -> str:
    """The option that holds for BN + L1."""
    share = statistics.fmean(removable(table, BN_L1).values())
    return OPTIONS[sum(share > end for end in (25, 50, 75))]


PRUNING = Experiment(
    name="pruning",
    title="What can be thrown away?",
    question="How many weights of a trained network can be set to 0, and what do L1 and L2 have to do with it?",
    claim="Most weights of a trained network can be removed, and without retraining more of them where it had learned "
    "with L1 than with L2.",
    source=Source(
        paper="Han et al., 2015",
        arxiv="1506.02626",
        place="Abstract",
        published="Of the 61 million weights of AlexNet 6.7 million were left without a loss of accuracy on ImageNet, "
        "pruned and trained again.",
    ),
    prediction=Prediction(
        question="How many of the weights of BN + L1 can be set to 0, the smallest first and without any training "
        "afterwards, before the error rises by more than half a point?",
        options=OPTIONS,
        right=right,
    ),
    trials=trials,
    measure=measure,
    picture=picture,
    words=words,
    seen=seen,
    checks=(
        Check(
            statement="With L1 more of BN's weights can be removed at half a point of error",
            margin=MARGIN,
            difference=lambda table: gain(table, BN_L1, BN),
            unit="points of share",
        ),
        Check(
            statement="With L1 more of GN's weights can be removed at half a point of error",
            margin=MARGIN,
            difference=lambda table: gain(table, GN_L1, GN),
            unit="points of share",
        ),
        Check(
            statement=f"With L2 less than {MARGIN} points of share more of LN's weights can be removed at half a point "
            f"of error (by seed: how far the gain stays below {MARGIN})",
            margin=0,
            difference=short_of_a_gain,
            unit="points of share",
        ),
    ),
    terms="Nothing is trained: these are the networks of the study, every one that has the method. The weights of "
    "convolutions and linear layer that are smallest beside the RMS of their own filter are set to 0, so many that the "
    "share is exact. Of BN there are three seeds, of the others five to eight.",
    reduced="One seed instead of three to eight, and 1,000 test images instead of 10,000: one image is 0.1 points of "
    "error.",
    live=True,
)
