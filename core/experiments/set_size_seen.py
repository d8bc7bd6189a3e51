"""How many numbers are in a set?: what is compared, by seed, and what is said of it."""

from __future__ import annotations

import math

from core.experiments.by_seed import mean, minus
from core.experiments.said import in_two
from core.experiments.set_size_shown import FEW, MANY, MOST, ONE, Where, bn_error, gn_error, numbers_in_set
from core.experiments.table import Table
from core.labels import listed

BROKEN = 10.0
"""Points above GN from which BN counts as broken."""
HARMED = 2.0
"""Points from which small batches count as a harm to BN in the network as it is, and large ones to GN."""

IN_PARTS: Where = {"norm": "bn", "pooled": True, "kind": "sub-batches"}
"""The rows of sub-batches where a set has one number an image."""


def above_gn(table: Table) -> dict[int, float]:
    """With a set of one number an image: BN at two images, minus GN."""
    return minus(bn_error(table, FEW, pooled=True), gn_error(table, FEW, pooled=True))


def harm(table: Table) -> dict[int, float]:
    """On the network as it is: BN at two images, minus BN at 32."""
    return minus(bn_error(table, FEW, pooled=False), bn_error(table, MANY, pooled=False))


def harm_of_parts(table: Table) -> dict[int, float]:
    """With a set of one number an image: BN in sub-batches of two, minus BN on the whole of the same batches of 32."""
    return table.difference("error", {**IN_PARTS, "images": FEW}, {**IN_PARTS, "images": MANY})


def harm_of_few_steps(table: Table, *, pooled: bool) -> dict[int, float]:
    """GN at the largest batch, minus GN at two images; the batch is nothing to its sets."""
    return minus(gn_error(table, MOST, pooled=pooled), gn_error(table, FEW, pooled=pooled))


BROKE = (
    "In the pooled network two images give a set {numbers} numbers: BN is wrong on {bn:.1f} % of the test images, "
    "GN (4) on {gn:.1f} %."
)
DID_NOT_BREAK = (
    "In the pooled network two images give a set {numbers} numbers: BN is wrong on {bn:.1f} % of the test images, "
    "GN (4) on {gn:.1f} %, and that is not {limit:g} points more."
)
WHY = "BN turns any two numbers into -1 and +1."
NO_HARM = (
    "In the network as it is they give it {numbers}: BN is wrong on {few:.1f} %, with {most} images on {many:.1f} %."
)
HARM = (
    "In the network as it is they give it {numbers}, and still BN gets worse: it is wrong on {few:.1f} %, and with "
    "{most} images on {many:.1f} %."
)
SUB_BATCHES_TOO = (
    "Sub-batches of two, out of batches of {most} with the same steps, do the same to BN in the pooled network "
    "({parts:.1f} %): the small set breaks BN, not the small batch."
)
SUB_BATCHES_ONLY = (
    "All these were batches of {most} with the same steps, and only BN's sub-batches differed: the small set breaks "
    "BN, not the small batch."
)
ALONE = (
    "With one image a batch torch refuses to train BN in the pooled network: a set would have a single number. In the "
    "network as it is a set has {numbers}, all of one image: BN is wrong on {bn:.1f} %, GN (4) on {gn:.1f} %."
)
FEWER_STEPS = (
    "At batches of {images} GN (4) and LN get worse, too, {errors}: that is the training in few, large steps, not "
    "their statistics."
)
OF_POOLED = "to {gn:.1f} and {ln:.1f} % in the pooled network"
OF_OWN = "to {gn:.1f} and {ln:.1f} % in the network as it is"


def seen(table: Table) -> str:
    """Whether BN broke with two numbers a set, whether it did as the network is, and what rules out the batch."""
    bn, gn = (mean(of(table, FEW, pooled=True)) for of in (bn_error, gn_error))
    broke = bn - gn > BROKEN
    few, many = (mean(bn_error(table, images, pooled=False)) for images in (FEW, MANY))
    conclusion = [
        (BROKE if broke else DID_NOT_BREAK).format(
            numbers=numbers_in_set(table, FEW, pooled=True), bn=bn, gn=gn, limit=BROKEN
        ),
        (HARM if few - many > HARMED else NO_HARM).format(
            numbers=numbers_in_set(table, FEW, pooled=False), few=few, many=many, most=MANY
        ),
    ]
    more = [WHY] if broke else []
    if broke and mean(harm_of_parts(table)) > BROKEN:
        parts = table.mean("error", **IN_PARTS, images=FEW)
        more.append((SUB_BATCHES_ONLY if table.quick else SUB_BATCHES_TOO).format(most=MANY, parts=parts))
    if not table.quick:
        more += [_alone(table), _few_steps(table)]
    return in_two(conclusion, more)


def _alone(table: Table) -> str:
    """What becomes of batches of one image; empty where there are none yet."""
    bn, gn = (mean(of(table, ONE, pooled=False)) for of in (bn_error, gn_error))
    if math.isnan(bn):
        return ""
    return ALONE.format(numbers=numbers_in_set(table, ONE, pooled=False), bn=bn, gn=gn)


def _few_steps(table: Table) -> str:
    """What the largest batches do to GN and LN, and in which networks; empty where they do nothing."""
    errors = []
    for pooled, template in ((True, OF_POOLED), (False, OF_OWN)):
        if mean(harm_of_few_steps(table, pooled=pooled)) > HARMED:
            gn, ln = (table.mean("error", norm=norm, pooled=pooled, images=MOST) for norm in ("gn", "ln"))
            errors.append(template.format(gn=gn, ln=ln))
    return FEWER_STEPS.format(images=MOST, errors=listed(errors)) if errors else ""


OPTIONS = (
    "In both networks.",
    "Only where each image gives one number.",
    "Only in the network as it is.",
    "In neither.",
)


def right(table: Table) -> str:
    """Whether BN at two images is more than ten points above GN, with one number an image and as the network is."""
    one, own = (
        mean(minus(bn_error(table, FEW, pooled=pooled), gn_error(table, FEW, pooled=pooled))) > BROKEN
        for pooled in (True, False)
    )
    return OPTIONS[{(True, True): 0, (True, False): 1, (False, True): 2, (False, False): 3}[one, own]]
