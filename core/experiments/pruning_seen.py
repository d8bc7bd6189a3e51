"""What the table of ``pruning`` says: how many weights can be removed, and what L1 and L2 have to do with it."""

from __future__ import annotations

import math
import statistics

from core.comparison.sparsity import THRESHOLD
from core.experiments.by_seed import minus
from core.experiments.pruned import SHARES
from core.experiments.pruning_networks import BN, BN_L1, LN, LN_L2
from core.experiments.said import in_two
from core.experiments.table import Table

TOLERATED = 0.5
"""Points of error more than with all weights, up to which a share counts as removable."""
ROUNDING = 1e-9
"""Errors are decimal fractions in a binary table: one that is just tolerated shall be."""

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
    "Part of that is the stored statistics, which belong to the whole network: with re-estimated ones BN is wrong on "
    "{renewed:.1f} %."
)
L2_DOES_NOT = (
    "L2 pulls less at a smaller weight, so it brings none to 0: {l2:.0f} % of the weights of LN + L2 can be removed "
    "and {ln:.0f} % of those of LN."
)
L2_DOES = "Of LN + L2 {l2:.0f} % of the weights can be removed, and {ln:.0f} % of those of LN."
OPTIONS = ("less than a quarter", "a quarter to a half", "a half to three quarters", "more than three quarters")


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
    return minus(removable(table, more), removable(table, less))


def seen(margin: float, table: Table) -> str:
    """What was seen and why.  margin: points of share, below which a gain counts as none."""
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
    gained = share[BN_L1] - share[BN] > margin
    conclusion, more = [REMOVABLE], [AT_THAT_SHARE]
    if not gained:
        conclusion.append(NO_GAIN)
    elif values["near_l1"] > values["near"]:
        more.insert(0, WHY)
    if values["error"] - values["renewed"] > 1:
        more.append(STATISTICS)
    more.append(L2_DOES if share[LN_L2] - share[LN] > margin else L2_DOES_NOT)
    return in_two(*([template.format(**values) for template in templates] for templates in (conclusion, more)))


def right(table: Table) -> str:
    """The option that holds for BN + L1."""
    share = statistics.fmean(removable(table, BN_L1).values())
    return OPTIONS[sum(share > end for end in (25, 50, 75))]
