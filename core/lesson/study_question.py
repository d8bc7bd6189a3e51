"""The question on the study's own result: which of two methods its test finds better, if either."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from core.catalogue import DATASETS
from core.comparison import sentences
from core.comparison.findings import SIGNIFICANCE
from core.comparison.methods import Method
from core.comparison.verdicts import Finding, Verdict
from core.four_images.reasons import Question, asked
from core.lesson.choice import accuracy, common_seeds
from core.lesson.drawing import Generator, pick

TEXT = (
    "The study in step 7 trained {first} and {second} on {dataset} with {seeds} seeds each. Which of the two does its "
    "significance test, at the {level:g} % level, find better?"
)
AGREEMENT: tuple[Verdict, ...] = ("equivalent", "not shown equivalent")
SURE_AND_SMALL = "The test finds that beyond chance, and yet it is small:"
NOT_TOLD_APART, EQUAL = "neither: they cannot be told apart", "neither: they are exactly equal"


@dataclass(frozen=True, kw_only=True)
class StudyPair:
    """Two methods of the study and what its test says of them.

    dataset: its title.  seeds: how many both have.  better: the one whose accuracy the test finds higher; None where it
    cannot tell them apart.  why: the study's own sentences.
    """

    first: str
    second: str
    dataset: str
    seeds: int
    better: str | None
    why: str


def study_pairs(family: Sequence[Method], found: Sequence[Finding]) -> tuple[StudyPair, ...]:
    """The pairs of ``family`` whose test ends in a yes or a no; none without a study.

    family: the study's methods, as declared.  found: its ``study_findings``.
    """
    by_question = {finding.question: finding for finding in found}
    agreement = [finding for finding in found if finding.verdict in AGREEMENT]
    pairs = []
    for first, second in combinations(family, 2):
        finding = by_question.get(sentences.TWO_METHODS.format(first=first.label, second=second.label))
        if finding is None or finding.verdict not in ("distinguishable", "not distinguishable"):
            continue  # sure on these test images alone: neither
        seeds = common_seeds([first, second])
        ahead = statistics.fmean(accuracy(first, seed) - accuracy(second, seed) for seed in seeds)
        better = (first if ahead > 0 else second).label
        pairs.append(
            StudyPair(
                first=first.label,
                second=second.label,
                dataset=DATASETS[first.config.dataset].title,
                seeds=len(seeds),
                better=better if finding.verdict == "distinguishable" else None,
                why=_why(finding, agreement),
            )
        )
    return tuple(pairs)


def _why(finding: Finding, agreement: Sequence[Finding]) -> str:
    """The study's sentences; where it is sure of a difference and of its smallness, how both can be."""
    small = finding.verdict == "distinguishable" and any(one.verdict == "equivalent" for one in agreement)
    return " ".join([finding.answer, *([SURE_AND_SMALL] if small else []), *(one.answer for one in agreement)])


def of_the_study(pairs: Sequence[StudyPair], rng: Generator) -> Question:
    """The question on one of the pairs, of which there is one at least."""
    pair = pairs[pick(rng, 0, len(pairs) - 1)]
    answer = pair.better or NOT_TOLD_APART
    return asked(
        TEXT.format(
            first=pair.first, second=pair.second, dataset=pair.dataset, seeds=pair.seeds, level=100 * SIGNIFICANCE
        ),
        answer,
        [option for option in (pair.first, pair.second, NOT_TOLD_APART, EQUAL) if option != answer],
        pair.why,
        rng,
    )
