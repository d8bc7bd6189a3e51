"""What the table of ``learning_rate`` has: how large a rate each network stands, and how low a loss it reaches."""

from __future__ import annotations

import math

from core.experiments.by_seed import of_all
from core.experiments.losses_by_rate import best_loss, losses, rates
from core.experiments.nets import BN, GN, LN, NONE_HE, Net
from core.experiments.table import Table

USABLE = 1.0
"""A learning rate is usable where the loss at the end is below this, nats. Chance is 2.30."""


def largest_usable(table: Table, net: Net) -> dict[int, float]:
    """By seed: the largest learning rate whose loss is below ``USABLE``; a seed that has none is left out."""
    usable: dict[int, float] = {}
    for rate in rates(table):
        usable |= {seed: rate for seed, loss in losses(table, net, rate).items() if loss < USABLE}
    return usable


def _doublings(table: Table, more: Net, less: Net) -> dict[int, float]:
    """log2 of the quotient of the largest usable rates; one without a usable rate counts as at the least of all.

    So the difference to it is no larger than in truth.
    """
    least = rates(table)[0]
    a, b = largest_usable(table, more), largest_usable(table, less)
    return {seed: math.log2(a.get(seed, least) / b.get(seed, least)) for seed in table.seeds}


def lower_loss(table: Table) -> dict[int, float]:
    """log2 of the quotient of the best losses, without a norm (He) over BN, by seed."""
    bn, none = best_loss(table, BN), best_loss(table, NONE_HE)
    return {seed: math.log2(none[seed] / bn[seed]) for seed in table.seeds}


def higher_rate(table: Table) -> dict[int, float]:
    """How often BN's largest usable rate doubles that without a norm (He), by seed."""
    return _doublings(table, BN, NONE_HE)


def others_higher(table: Table) -> dict[int, float]:
    """The same of LN or GN, whichever has less."""
    return of_all(min, [_doublings(table, norm, NONE_HE) for norm in (LN, GN)])


def above_others(table: Table) -> dict[int, float]:
    """How often BN's largest usable rate doubles that of LN or GN, whichever has more, by seed."""
    return of_all(min, [_doublings(table, BN, norm) for norm in (LN, GN)])


def everywhere(table: Table, net: Net) -> float | None:
    """The largest learning rate that is usable with every seed."""
    usable = [r for r in rates(table) if all(v < USABLE for v in losses(table, net, r).values())]
    return usable[-1] if usable else None
