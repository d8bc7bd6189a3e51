"""Who is ahead in a race."""

from __future__ import annotations

from core.jobs.snapshots import RaceSnapshot


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
