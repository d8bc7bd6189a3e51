"""Which methods and networks may be tested against each other, and how their runs are paired.

Only what was trained on equal terms is: a difference in accuracy is then the method's. A run that goes on is never
tested, nor one that diverged: its last finished epoch is not what training led to. Runs that were stopped are tested
as networks where both were stopped after the same epoch of the same schedule.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.comparison.methods import Method, WholeMethod
from core.config import terms


@dataclass(frozen=True)
class Outcome:
    """Which images a run gets right: (M,), and of which test set."""

    correct: NDArray[np.bool_]
    test_set: tuple[str, bytes]


def outcome(method: WholeMethod, seed: int) -> Outcome:
    """Of the run with this seed."""
    found = method.records[method.seeds.index(seed)].predictions
    return Outcome(found.true == found.predicted, found.test_set)


def paired(first: WholeMethod, second: WholeMethod) -> tuple[tuple[int, ...], NDArray[np.int8] | None]:
    """The seeds that both methods have, and right minus wrong of each test image: (seeds, M).

    None instead of the array where a run was tested on other images.
    """
    seeds = tuple(sorted(set(first.seeds) & set(second.seeds)))
    rows, test_sets = [], set()
    for seed in seeds:
        one, other = outcome(first, seed), outcome(second, seed)
        test_sets |= {one.test_set, other.test_set}
        if len(test_sets) > 1:
            return seeds, None
        rows.append(one.correct.astype(np.int8) - other.correct.astype(np.int8))
    return seeds, np.stack(rows) if rows else None


def _same_terms(first: Method, second: Method) -> bool:
    return terms(first.config) == terms(second.config)


def equal_terms(first: Method, second: Method) -> bool:
    """Whether two methods can be paired by seed: equal ``terms``, all runs complete, two common seeds or more."""
    return (
        _same_terms(first, second)
        and all(record.status == "complete" for record in (*first.records, *second.records))
        and len(set(first.seeds) & set(second.seeds)) >= 2
    )


def comparable(first: WholeMethod, second: WholeMethod) -> bool:
    """Whether their accuracies can be tested: ``equal_terms``, and predictions of the same test images."""
    return equal_terms(first, second) and paired(first, second)[1] is not None


def comparable_networks(first: WholeMethod, second: WholeMethod) -> bool:
    """Whether two single runs can be tested against each other, as networks.

    Both have come to rest after as many epochs, on equal ``terms``, and were tested on the same images.
    """
    rest = ("complete", "interrupted")
    if len(first.records) != 1 or len(second.records) != 1 or not _same_terms(first, second):
        return False
    one, other = first.records[0], second.records[0]
    return (
        one.status in rest
        and other.status in rest
        and len(one.epochs) == len(other.epochs)
        and one.predictions.test_set == other.predictions.test_set
    )
