"""Who is ahead in a race, and by more than chance explains.

Two networks that are equally good differ on some images all the same: of those that exactly one of them gets wrong each
has half. There are at most e1 + e2 of them, the errors of both, so chance alone makes their numbers of errors differ by
about sqrt(e1 + e2) (McNemar 1947).
"""

from __future__ import annotations

import math

from core.catalogue import DATASETS
from core.jobs.snapshots import RaceSnapshot, VariantSnapshot

CHANCE = 3.0
"""Three standard deviations, since the first and the last of several are looked at: of five, ten pairs."""


def places(race: RaceSnapshot) -> list[int | None]:
    """The place of each variant, 1 for the first: one more than how many have a higher test accuracy.

    By the last epoch that all of them have finished, since one with more epochs would be ahead by those alone. A
    variant without an epoch has no place, and the others are placed without it.
    """
    counted = [len(variant.rows) for variant in race.variants if variant.rows]
    if not counted:
        return [None] * len(race.variants)
    epoch = min(counted) - 1
    right = [variant.rows[epoch].test_accuracy if variant.rows else None for variant in race.variants]
    known = [value for value in right if value is not None]
    return [None if value is None else 1 + sum(other > value for other in known) for value in right]


def errors(variant: VariantSnapshot, row: int = -1) -> int:
    """How many test images a variant has wrong after an epoch, the last one unless ``row`` says another."""
    total = DATASETS[variant.config.dataset].test_images
    return total - round(total * variant.rows[row].test_accuracy / 100)


def apart(fewer: int, more: int) -> bool:
    """Whether two numbers of errors differ by more than ``CHANCE`` times what chance alone makes of it."""
    return more - fewer > CHANCE * math.sqrt(fewer + more)
