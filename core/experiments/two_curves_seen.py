"""What the table of ``two_curves`` says: how much of the rises is bookkeeping, and how BN compares with GN and LN."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from core.experiments.by_seed import mean, minus, of_all
from core.experiments.experiment import Check
from core.experiments.said import in_two
from core.experiments.table import Table
from core.experiments.two_curves_shown import KINDS, summed
from core.experiments.two_curves_trained import MOMENTUM, OTHER_MOMENTA
from core.labels import listed

TWO_SUMS = (
    "Over {steps} steps BN's test loss rises by {running:.2f} nats in all with running statistics, and by "
    "{precise:.2f} with precise ones of the very same weights."
)
BOOKKEEPING = "So {share:.0f} % of the rises are not the weights' doing."
WHY = "The running averages still describe the network of earlier steps."
NO_BOOKKEEPING = "Here the running statistics do not make the loss rise by {margin:g} nat more in every seed."
SOONER = "The sooner the average forgets, the smaller the rises: {sums}."
MOMENTA = "With other momenta of the average it rises by {sums}."
ONE_MOMENTUM = "{rises:.2f} nats at momentum {momentum:g}"
OTHERS = "GN and LN keep no averages; their test losses rise by {gn:.2f} and {ln:.2f} nats."
STUDY = (
    "With running statistics BN is the most restless of the three, with precise ones the calmest. That fits the "
    "study, which tests with running statistics: BN + L1 fluctuates more there in its first epochs than GN and LN."
)


def more_than_precise(table: Table) -> dict[int, float]:
    """Rises with running statistics minus those with precise ones, nats by seed."""
    return minus(summed(table, **KINDS["running"]), summed(table, **KINDS["precise"]))


def more_than_others(table: Table) -> dict[int, float]:
    """Rises of BN with running statistics minus those of GN or LN, whichever has more, nats by seed."""
    return minus(summed(table, **KINDS["running"]), of_all(max, _others(table)))


def less_than_others(table: Table) -> dict[int, float]:
    """Rises of GN or LN, whichever has fewer, minus those of BN with precise statistics, nats by seed."""
    return minus(of_all(min, _others(table)), summed(table, **KINDS["precise"]))


def _others(table: Table) -> list[dict[int, float]]:
    return [summed(table, **KINDS[norm]) for norm in ("gn", "ln")]


def seen(checks: Sequence[Check], table: Table) -> str:
    """How much of the rises is bookkeeping, and how BN then compares with GN and LN.

    checks: of the three differences above.
    """
    rises = {kind: mean(summed(table, **where)) for kind, where in KINDS.items()}
    steps = max(int(step) for step in table.distinct("step"))
    conclusion = [TWO_SUMS.format(running=rises["running"], steps=steps, precise=rises["precise"])]
    more = []
    bookkeeping, restless, calm = (check.answer(table) == "reproduced" for check in checks)
    if bookkeeping:
        conclusion.append(BOOKKEEPING.format(share=100 * (1 - rises["precise"] / rises["running"])))
        more += [WHY, _momenta(table)]
    else:
        conclusion.append(NO_BOOKKEEPING.format(margin=checks[0].margin))
    more.append(OTHERS.format(gn=rises["gn"], ln=rises["ln"]))
    if bookkeeping and restless and calm:
        more.append(STUDY)
    return in_two(conclusion, more)


def _momenta(table: Table) -> str:
    momenta = (MOMENTUM, *OTHER_MOMENTA)
    found = {m: mean(summed(table, **{**KINDS["running"], "momentum": m})) for m in momenta}
    sooner = [m for m in momenta if m >= MOMENTUM]
    falls = all(found[more] < found[less] for less, more in pairwise(sooner))
    shown = sooner[1:] if falls else OTHER_MOMENTA
    sums = listed([ONE_MOMENTUM.format(rises=found[m], momentum=m) for m in shown])
    return (SOONER if falls else MOMENTA).format(sums=sums)


NO_RISE, LITTLE, HALF, NEARLY_ALL = (
    "Yes, nearly always: a loss that rises means a worse network",
    "Mostly: about a quarter of the rises are not the weights' doing",
    "About half of the time",
    "Hardly ever: more than three quarters of the rises are not the weights' doing",
)


def right(table: Table) -> str:
    """The option that fits the share of the rises that precise statistics do not show, mean over seeds."""
    running, precise = (mean(summed(table, **KINDS[kind])) for kind in ("running", "precise"))
    share = 1 - precise / running if running else 0.0
    if share < 0.125:
        return NO_RISE
    return LITTLE if share < 0.375 else HALF if share < 0.75 else NEARLY_ALL
