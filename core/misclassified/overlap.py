"""Which test images several networks get wrong: exact intersections, and how much two of them share.

A *set* is the ascending positions, in one test set, of the images that a run gets wrong, or a method with
several seeds. Every image that is wrong anywhere lies in exactly one *combination*: the sets that hold it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.comparison.methods import as_methods
from core.labels import listed
from core.misclassified import sentences
from core.records.record import Predictions, Run

Positions = NDArray[np.int64]
Seeds = Literal["every", "any"]
NAMED = 5
"""Sets that one sentence lists: twelve would not be read."""


@dataclass(frozen=True, eq=False)
class Combination:
    """The images wrong in exactly the sets ``members`` and in no other.

    members: ascending numbers of the sets.  index: ascending positions in the test set.
    """

    members: tuple[int, ...]
    index: Positions

    @property
    def count(self) -> int:
        """How many images."""
        return len(self.index)

    def mask(self, sets: int) -> str:
        """One digit a set, 1 for a member: "101". Short, and stable as long as the sets keep their order."""
        return "".join("1" if number in self.members else "0" for number in range(sets))


def by_test_set(runs: Sequence[Predictions]) -> list[list[int]]:
    """Numbers of the runs that were tested on the same images, the largest group first, equals by appearance.

    Only the runs of one group may be compared image by image.
    """
    groups: dict[tuple[str, bytes], list[int]] = {}
    for number, found in enumerate(runs):
        groups.setdefault(found.test_set, []).append(number)
    return sorted(groups.values(), key=lambda group: -len(group))  # stable


def combinations(sets: Sequence[Positions]) -> list[Combination]:
    """All exact intersections: wrong in all first, then only in each in turn, then the others by size.

    Those two kinds are there even where they are empty: that nothing is wrong in all is an answer. Of the
    others only what holds an image, the larger first, equals in the order of their members.
    """
    if not sets:
        return []
    everything = np.unique(np.concatenate(sets))  # (U,)
    held = np.stack([np.isin(everything, wrong) for wrong in sets])  # (S, U)
    found: dict[tuple[int, ...], list[int]] = {}
    for column, position in enumerate(everything):
        found.setdefault(tuple(np.flatnonzero(held[:, column]).tolist()), []).append(int(position))
    first = [tuple(range(len(sets))), *((number,) for number in range(len(sets)))]
    rest = sorted(found.keys() - set(first), key=lambda members: (-len(found[members]), members))
    return [
        Combination(members, np.array(found.get(members, []), dtype=np.int64))
        for members in dict.fromkeys([*first, *rest])  # of a single set "all" and "only" are the same
    ]


def describe(members: Sequence[int], names: Sequence[str]) -> str:
    """A combination in words: "wrong in all 3", "wrong only in LN", "wrong in all but BN"."""
    if len(names) == 1:
        return sentences.WRONG_IN_ONE.format(name=names[0])
    if len(members) == len(names):
        return sentences.WRONG_IN_BOTH if len(names) == 2 else sentences.WRONG_IN_ALL.format(sets=len(names))
    others = [name for number, name in enumerate(names) if number not in members]
    # the shorter list says it sooner
    if len(members) > 1 and len(others) < len(members):
        return sentences.WRONG_IN_ALL_BUT.format(names=listed(others))
    return sentences.WRONG_ONLY_IN.format(names=listed([names[number] for number in members]))


def combinations_in_words(
    found: Sequence[Combination], names: Sequence[str], *, kind: Literal["runs", "methods"], images: int
) -> str:
    """How many of ``images`` test images are wrong anywhere, in all sets, and in each alone.

    found: all ``combinations`` of at least one set.  names, kind: of the sets.
    """
    wrong = sum(combination.count for combination in found)
    if len(names) == 1:
        return sentences.WRONG_IN_THE_ONE.format(wrong=wrong, images=images, name=names[0])
    shared_by_all = found[0].count
    if shared_by_all == 0:
        template = sentences.NONE_TOGETHER
    else:
        template = sentences.ONE_TOGETHER if shared_by_all == 1 else sentences.SOME_TOGETHER
    return template.format(
        wrong=wrong,
        sets=len(names),
        kind=kind,
        shared=shared_by_all,
        together=describe(found[0].members, names),
        alone=_alone([combination for combination in found if len(combination.members) == 1], names, kind),
    )


def _alone(found: Sequence[Combination], names: Sequence[str], kind: str) -> str:
    counts = [combination.count for combination in found]
    if len(found) > NAMED:
        return sentences.ALONE_IN_MANY.format(count=sum(counts), kind=kind, least=min(counts), most=max(counts))
    return listed([sentences.ALONE.format(count=c.count, name=names[c.members[0]]) for c in found])


def method_groups(records: Sequence[Run]) -> tuple[list[str], list[list[int]]]:
    """The methods of different runs (see ``comparison.methods``): names, and the numbers of each one's runs by seed."""
    number = {record.run_id: place for place, record in enumerate(records)}
    found = as_methods(records)
    return [m.label for m in found], [[number[record.run_id] for record in m.records] for m in found]


def method_order(records: Sequence[Run]) -> list[int]:
    """Numbers of the runs with each method's side by side by seed, methods in order of appearance."""
    return [number for group in method_groups(records)[1] for number in group]


def method_sets(sets: Sequence[Positions], groups: Sequence[Sequence[int]], seeds: Seeds) -> list[Positions]:
    """One set a method: wrong with every one of its seeds (intersection), or with any (union)."""
    join = np.intersect1d if seeds == "every" else np.union1d
    return [reduce(join, [sets[number] for number in group]) for group in groups]


def shared(a: Positions, b: Positions) -> float:
    """The share of all errors of two runs that both make, |A and B| / |A or B|; 1 where neither errs."""
    either = len(np.union1d(a, b))
    return len(np.intersect1d(a, b)) / either if either else 1.0


@dataclass(frozen=True)
class Agreement:
    """Mean of ``shared`` over pairs of runs: of one method with two seeds, and of two methods; None without pairs."""

    within: float | None
    between: float | None
    within_pairs: int
    between_pairs: int


def agreement(sets: Sequence[Positions], groups: Sequence[Sequence[int]]) -> Agreement:
    """How much two runs share, apart for pairs within a method and pairs of two methods."""
    method = {number: place for place, group in enumerate(groups) for number in group}
    values: dict[bool, list[float]] = {True: [], False: []}
    for i, j in itertools.combinations(range(len(sets)), 2):
        values[method[i] == method[j]].append(shared(sets[i], sets[j]))
    means = {same: sum(found) / len(found) if found else None for same, found in values.items()}
    return Agreement(means[True], means[False], len(values[True]), len(values[False]))


def agreement_in_words(found: Agreement) -> str:
    """How much of what two runs get wrong is the same; nothing without a pair."""
    if found.within is not None and found.between is not None:
        return sentences.SEEDS_AND_METHODS_SHARE.format(
            within=100 * found.within,
            between=100 * found.between,
            within_pairs=found.within_pairs,
            between_pairs=found.between_pairs,
        )
    if found.between is not None:
        template = sentences.TWO_RUNS_SHARE if found.between_pairs == 1 else sentences.RUNS_SHARE
        return template.format(share=100 * found.between, pairs=found.between_pairs)
    if found.within is not None:
        template = sentences.TWO_SEEDS_SHARE if found.within_pairs == 1 else sentences.SEEDS_SHARE
        return template.format(share=100 * found.within, pairs=found.within_pairs)
    return ""


@dataclass(frozen=True)
class Said:
    """One answer to an image: the class, and the runs that gave it with their confidence, 0..1."""

    answer: int
    runs: tuple[tuple[str, float], ...]


def what_they_said(runs: Sequence[tuple[str, Predictions]], index: int) -> list[Said]:
    """The answers of all runs to one test image, the right one first, then by how many gave it, then by class."""
    answers: dict[int, list[tuple[str, float]]] = {}
    for name, predictions in runs:
        answers.setdefault(int(predictions.predicted[index]), []).append((name, float(predictions.confidence[index])))
    true = int(runs[0][1].true[index])
    ordered = sorted(answers, key=lambda answer: (answer != true, -len(answers[answer]), answer))
    return [Said(answer, tuple(answers[answer])) for answer in ordered]
