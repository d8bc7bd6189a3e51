"""An answer of a comparison: what was asked, what is said, and whether it goes beyond chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal[
    "distinguishable",
    "distinguishable on these images",
    "not distinguishable",
    "equivalent",
    "not shown equivalent",
    "described",
]


@dataclass(frozen=True)
class Pair:
    """Two labels, the one with the higher mean first, and by how many points of accuracy it is higher."""

    better: str
    worse: str
    points: float


@dataclass(frozen=True)
class Finding:
    """One answer: what was asked, one sentence, whether the difference survives, and what it rests on.

    pair: the two whose accuracies were tested against each other; None where something else was asked.
    agreeing: of the pairs that were asked whether they agree, those that are shown to, in words.
    """

    question: str
    answer: str
    verdict: Verdict
    evidence: str
    pair: Pair | None = None
    agreeing: tuple[str, ...] = ()
