"""What the table of ``small_ones`` says: a sentence for each of the three."""

from __future__ import annotations

import math
import statistics

from core.experiments.experiment import Scalar
from core.experiments.said import in_two
from core.experiments.small_ones_trained import GROUPS, L2, STEPS, TIMES
from core.experiments.table import Table

STANDARDIZED = (
    "At batches of two and the higher learning rate, standardized weights take the error of GN (4) from {plain:.1f} to "
    "{ws:.1f} %."
)
NOT_STANDARDIZED = (
    "At batches of two and the higher learning rate, standardized weights take the error of GN (4) from {plain:.1f} to "
    "{ws:.1f} %: no clear gain."
)
UNSTRETCHED = "A step can no longer stretch a filter whose weights are standardized."
AT_THE_LOWER_RATE = "At the lower learning rate standardized weights take the error from {plain:.1f} to {ws:.1f} %."
GROWN = "Without L2 the squared weights before BN grow from {first:.1f} to {last:.1f}."
NOT_GROWN = "Without L2 the squared weights before BN sum to {first:.1f} at first and to {last:.1f} in the end."
WHY_GROWN = (
    "Before BN only the direction of the weights counts, so the gradient is at right angles to them and every step "
    "makes them longer; with L2 their squares end at {held:.1f}."
)
FLAT = "The number of groups hardly matters: with 1 to 16 groups the mean error is {low:.1f} to {high:.1f} %."
NOT_FLAT = "The number of groups shows: with 1 to 16 groups the mean error is {low:.1f} to {high:.1f} %."
SPREAD = "Seeds of one number of groups differ by up to {spread:.1f} points."
ONE_SEED = "With 1 to 16 groups the error is between {low:.1f} and {high:.1f} %; one seed cannot tell that from chance."


def grew(table: Table) -> dict[int, float]:
    """How often the sum of squares without L2 doubled over the training; below 0 where it fell."""
    first, last = (table.by_seed("squares", l2=0.0, step=step) for step in (0, STEPS))
    return {seed: math.log2(last[seed] / first[seed]) for seed in last}


def seen(told_apart: float, table: Table) -> str:
    """A sentence for each of the three, and what explains them.

    told_apart: points of error from which on standardized weights are said to help.
    """
    gn = {
        (times, ws): table.mean("error", norm="gn", batch=2, times=times, standardized=ws)
        for times in TIMES
        for ws in (False, True)
    }
    slow, fast = TIMES
    gained = gn[fast, False] - gn[fast, True] > told_apart
    first, last, held = (table.mean("squares", l2=l2, step=step) for l2, step in ((0.0, 0), (0.0, STEPS), (L2, STEPS)))
    grown = last > max(first, held)
    groups, spread = _of_groups(table)
    return in_two(
        (
            (STANDARDIZED if gained else NOT_STANDARDIZED).format(plain=gn[fast, False], ws=gn[fast, True]),
            (GROWN if grown else NOT_GROWN).format(first=first, last=last),
            groups,
        ),
        (
            AT_THE_LOWER_RATE.format(plain=gn[slow, False], ws=gn[slow, True]),
            UNSTRETCHED if gained else "",
            WHY_GROWN.format(held=held) if grown else "",
            spread,
        ),
    )


def _of_groups(table: Table) -> tuple[str, str]:
    """What the number of groups does, and how much seeds of one number differ; empty of one seed."""
    errors = [list(table.by_seed("error", batch=4, groups=groups).values()) for groups in GROUPS]
    means = [statistics.fmean(values) for values in errors]
    spread = max(max(values) - min(values) for values in errors)
    if len(table.seeds) == 1:
        return ONE_SEED.format(low=min(means), high=max(means)), ""
    several = FLAT if max(means) - min(means) < spread else NOT_FLAT
    return several.format(low=min(means), high=max(means)), SPREAD.format(spread=spread)


OPTIONS = ("It falls by more than a point.", "It stays within a point.", "It rises by more than a point.")


def right(table: Table) -> str:
    """What standardized weights do to the error of GN at two images a batch and the higher learning rate."""
    where: dict[str, Scalar] = {"norm": "gn", "batch": 2, "times": TIMES[-1]}
    plain, standardized = ({**where, "standardized": value} for value in (False, True))
    gain = statistics.fmean(table.difference("error", plain, standardized).values())
    return OPTIONS[0] if gain > 1 else OPTIONS[1] if gain >= -1 else OPTIONS[2]
