"""Which variant of a race has learned fastest: who has most test images right after the first epoch.

The first epoch is where they differ most; later all come close to the same accuracy. Who is not ``apart`` from the
first by more than chance explains shares the first place.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.jobs.snapshots import VariantSnapshot
from core.jobs.standing import apart, errors
from core.labels import listed

FASTEST = (
    "**{ahead}** learned fastest: after the first epoch it had {right:.2f} % right, **{next}** as the next "
    "{next_right:.2f} %, **{last}** as the last {last_right:.2f} %."
)
FASTER = "**{ahead}** learned faster: after the first epoch it had {right:.2f} % right, **{last}** {last_right:.2f} %."
FIRST_TOGETHER = (
    "**{ahead}** learned fastest, hardly apart: after the first epoch they had {lowest:.2f} to {right:.2f} % right, "
    "**{last}** as the last {last_right:.2f} %."
)
NOBODY = (
    "Nobody learned clearly faster: after the first epoch **{first}** had {right:.2f} % right, **{last}** "
    "{last_right:.2f} %."
)


def fastest(variants: Sequence[VariantSnapshot]) -> str:
    """Who has learned fastest, in a sentence; of at least two variants that have finished an epoch."""
    order = sorted(variants, key=_errors)
    first, second, last = order[0], order[1], order[-1]
    ahead = [variant for variant in order if not apart(_errors(first), _errors(variant))]
    if len(ahead) == len(order):
        template = NOBODY
    elif len(ahead) > 1:
        template = FIRST_TOGETHER
    else:
        template = FASTER if second is last else FASTEST
    return template.format(
        ahead=listed([variant.label for variant in ahead]),
        first=first.label,
        next=second.label,
        last=last.label,
        right=_right(first),
        lowest=_right(ahead[-1]),
        next_right=_right(second),
        last_right=_right(last),
    )


def _errors(variant: VariantSnapshot) -> int:
    return errors(variant, 0)


def _right(variant: VariantSnapshot) -> float:
    return variant.rows[0].test_accuracy
