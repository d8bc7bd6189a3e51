"""Whether methods differ in more than their norm, and which methods would differ in nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.comparison.methods import Method
from core.config import RunConfig
from core.labels import listed

WITHOUT_IT = "Only {penalized} has a penalty. {alone}"
ONE_HAS_A_PENALTY = "Only {penalized} has a penalty: a difference from it is not the norm's alone."
SEVERAL_HAVE_A_PENALTY = "Only {penalized} have a penalty: a difference from them is not the norm's alone."
PENALTIES_DIFFER = "These methods differ in their penalties, too: a difference between them is not the norm's alone."


def penalties_differ(methods: Sequence[Method], alone: str = "") -> str:
    """A sentence where methods of several norms have different penalties, else nothing.

    alone: what is known of them without penalties, if anything: where one of them has a penalty, that follows.
    """
    penalties = {(method.config.l1, method.config.l2) for method in methods}
    if len(penalties) < 2 or len({method.config.norm for method in methods}) < 2:
        return ""
    penalized = [method.label for method in methods if method.config.l1 or method.config.l2]
    if len(penalized) == len(methods):
        return PENALTIES_DIFFER
    one = WITHOUT_IT if alone else ONE_HAS_A_PENALTY
    template = one if len(penalized) == 1 else SEVERAL_HAVE_A_PENALTY
    return template.format(penalized=listed(penalized), alone=alone)


def alone(family: Sequence[Method], methods: Sequence[Method]) -> list[Method]:
    """Those of ``family`` without their penalties, as ``methods`` has them; ``family`` itself where it lacks one."""
    plain = plain_of(family, methods)
    return plain if len(plain) == len(family) else list(family)


def plain_of(family: Sequence[Method], methods: Sequence[Method]) -> list[Method]:
    """Those of ``family`` without their penalties, as far as ``methods`` has them."""
    return [method for config in without_penalties(family) for method in methods if method.config == config]


def without_penalties(methods: Sequence[Method]) -> list[RunConfig]:
    """The configurations of these methods without a penalty, each once."""
    return list(dict.fromkeys(replace(method.config, l1=0.0, l2=0.0) for method in methods))
