"""What the table of ``learning_rate`` says: which rates are usable with every seed, and how the others ended."""

from __future__ import annotations

from core.experiments.final_loss import CHANCE
from core.experiments.learning_rate_usable import USABLE, everywhere, higher_rate
from core.experiments.nets import BN, GN, IN, LN, NONE, NONE_HE
from core.experiments.said import in_two
from core.experiments.table import Table
from core.labels import listed

NEAR = 0.1
"""A loss within this of chance is that of a network that does not learn."""

LARGER = (
    "The largest usable learning rate is {bn:g} with BN and {none:g} without a norm (He initialization): BN allows "
    "{times:.3g} times as much."
)
WHY = (
    "A norm steadies the training: where a step makes weights ten times as large, what comes out of the norm stays, "
    "and their gradient is a tenth of what it was."
)
SAME = "The largest usable learning rate is {bn:g} both with BN and without a norm (He initialization)."
SMALLER = (
    "The largest usable learning rate is {bn:g} with BN, and {none:g} without a norm (He initialization): here BN does "
    "not stand the larger one."
)
BN_ONLY = (
    "BN can be used up to a learning rate of {bn:g}; without a norm, no rate is usable, not even from He's weights."
)
NOT_BN = "No learning rate is usable with BN."
OTHERS = "The largest usable rate is {others}."
OF_NET = "{rate:g} {net}"
UNUSABLE = "No rate is reliably usable {nets}."
FAILED = (
    "Of {failed} trainings that ended above a loss of {usable:g}, {dead} stayed near {chance:.2f}, the loss of "
    "guessing."
)
OVERFLOWED = "Numbers overflowed in {diverged} of all {number} trainings."
OPTIONS = ("Not at all", "2 to 5 times", "About 10 times", "20 times or more")


def _times(bn: float | None, none: float | None) -> str:
    if bn is None:
        return NOT_BN
    if none is None:
        return BN_ONLY.format(bn=bn)
    template = LARGER if bn > none else SMALLER if bn < none else SAME
    return template.format(bn=bn, none=none, times=bn / none)


def seen(table: Table) -> str:
    """The largest usable rates, and why BN's is larger where it is; how the other trainings ended."""
    others = {net: everywhere(table, net) for net in (LN, GN, IN, NONE)}
    usable = [OF_NET.format(rate=rate, net=net.phrase) for net, rate in others.items() if rate is not None]
    unusable = [net.phrase for net, rate in others.items() if rate is None]
    bn, none = everywhere(table, BN), everywhere(table, NONE_HE)
    more = [
        WHY if bn is not None and bn > (none or 0) else "",
        OTHERS.format(others=listed(usable)) if usable else "",
        UNUSABLE.format(nets=listed(unusable)) if unusable else "",
        *_failures(table),
    ]
    return in_two([_times(bn, none)], more)


def _failures(table: Table) -> list[str]:
    measured = [(float(row["loss"]), bool(row["diverged"])) for row in table.rows]  # type: ignore[arg-type]  # a number
    failed = sum(loss >= USABLE for loss, _ in measured)
    dead = sum(abs(loss - CHANCE) < NEAR and not diverged for loss, diverged in measured)
    overflowed = sum(diverged for _, diverged in measured)
    return [
        FAILED.format(failed=failed, usable=USABLE, dead=dead, chance=CHANCE) if failed else "",
        OVERFLOWED.format(diverged=overflowed, number=len(measured)) if overflowed else "",
    ]


def right(table: Table) -> str:
    """The option that fits the mean factor over the seeds."""
    by_seed = higher_rate(table).values()
    times = 2 ** (sum(by_seed) / len(by_seed))
    return OPTIONS[sum(times >= limit for limit in (1.5, 7, 14))]  # between what the options name
