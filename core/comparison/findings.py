"""What the records say, in sentences: each with its evidence, and "not distinguishable" where it is so.

Two methods are compared seed by seed: equal seeds start from equal weights and see equal batches, so the
difference of a pair has less spread than its two sides. A difference counts as distinguishable where the paired
t test, corrected after Holm within its family, has p < 0.05 and the bootstrap over seeds and images leaves out
zero as well. Single runs are compared by McNemar's test, which speaks about these two networks and not about their
methods; several pairs of them are corrected after Holm, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.comparison import sentences
from core.comparison.intervals import (
    Interval,
    McNemar,
    PairedTest,
    bootstrap,
    holm,
    mcnemar,
    paired_test,
    t_interval,
    wilson,
)
from core.comparison.methods import Method, WholeMethod

SIGNIFICANCE = 0.05
Verdict = Literal["distinguishable", "not distinguishable", "described"]


@dataclass(frozen=True)
class Finding:
    """One answer: what was asked, one sentence, whether the difference survives, and what it rests on."""

    question: str
    answer: str
    verdict: Verdict
    evidence: str


@dataclass(frozen=True)
class Comparison:
    """Two methods on the seeds that both have.

    test: of the final test accuracies, points, first minus second.  images: bootstrap over seeds and images.
    p: corrected within its family.  family: how many tests were corrected together.
    """

    first: WholeMethod
    second: WholeMethod
    seeds: tuple[int, ...]
    test: PairedTest
    images: Interval
    p: float
    family: int

    @property
    def distinguishable(self) -> bool:
        """Whether both the corrected test and the bootstrap say so."""
        return self.p < SIGNIFICANCE and self.images.excludes_zero


@dataclass(frozen=True)
class _Outcome:
    """Which images a run gets right: (M,), and of which test set."""

    correct: NDArray[np.bool_]
    test_set: tuple[str, bytes]


def _outcome(method: WholeMethod, seed: int) -> _Outcome:
    found = method.records[method.seeds.index(seed)].predictions
    return _Outcome(found.true == found.predicted, found.test_set)


def paired(first: WholeMethod, second: WholeMethod) -> tuple[tuple[int, ...], NDArray[np.int8] | None]:
    """The seeds that both methods have, and right minus wrong of each test image: (seeds, M).

    None instead of the array where a run was tested on other images.
    """
    seeds = tuple(sorted(set(first.seeds) & set(second.seeds)))
    rows, test_sets = [], set()
    for seed in seeds:
        one, other = _outcome(first, seed), _outcome(second, seed)
        test_sets |= {one.test_set, other.test_set}
        if len(test_sets) > 1:
            return seeds, None
        rows.append(one.correct.astype(np.int8) - other.correct.astype(np.int8))
    return seeds, np.stack(rows) if rows else None


def equal_terms(first: Method, second: Method) -> bool:
    """Whether two methods were trained on equal terms: finished runs, equal data and length, two common seeds."""
    return (
        first.config.dataset == second.config.dataset
        and first.config.validation == second.config.validation
        and first.config.epochs == second.config.epochs
        and all(record.status == "complete" for record in (*first.records, *second.records))
        and len(set(first.seeds) & set(second.seeds)) >= 2
    )


def comparable(first: WholeMethod, second: WholeMethod) -> bool:
    """Whether their accuracies can be tested: ``equal_terms``, and predictions of the same test images."""
    return equal_terms(first, second) and paired(first, second)[1] is not None


def compare(pairs: Sequence[tuple[WholeMethod, WholeMethod]]) -> list[Comparison]:
    """One family of tests: each pair on its common seeds, p values corrected after Holm together.

    Raises ``ValueError`` for a pair that is not ``comparable``.
    """
    raw = []
    for first, second in pairs:
        seeds, differences = paired(first, second)
        if differences is None or not equal_terms(first, second):
            raise ValueError(f"{first.label} and {second.label} were not trained and tested on equal terms")
        finals = [[r.epochs[-1].test_accuracy for r in m.records if r.config.seed in seeds] for m in (first, second)]
        raw.append((first, second, seeds, paired_test(*finals), bootstrap(differences)))
    corrected = holm([test.p for _, _, _, test, _ in raw])
    return [Comparison(*found, p=p, family=len(raw)) for found, p in zip(raw, corrected, strict=True)]


def accuracy_interval(method: WholeMethod) -> Interval:
    """Final test accuracy in percent with its 95 % interval: t over the seeds, or Wilson's for a single run.

    They answer different questions: other seeds on these test images, and other test images for this network.
    """
    if len(method.records) > 1:
        return t_interval(method.accuracies)
    predictions = method.records[0].predictions
    return wilson(int((predictions.true == predictions.predicted).sum()), len(predictions.true))


def accuracy_finding(comparison: Comparison) -> Finding:
    """The comparison in words."""
    first, second = comparison.first.label, comparison.second.label
    difference = comparison.test.difference.value
    better, worse = (first, second) if difference > 0 else (second, first)
    verdict: Verdict = "distinguishable" if comparison.distinguishable else "not distinguishable"
    if comparison.distinguishable:
        answer = sentences.ENDS_ABOVE
    elif f"{abs(difference):.2f}" == "0.00":
        answer = sentences.EQUAL_ON_AVERAGE
    else:
        answer = sentences.HIGHER_ON_AVERAGE
    these_images = comparison.p < SIGNIFICANCE and not comparison.images.excludes_zero
    evidence = sentences.ACCURACY_EVIDENCE_OF_THESE_IMAGES if these_images else sentences.ACCURACY_EVIDENCE
    return Finding(
        sentences.TWO_METHODS.format(first=first, second=second),
        answer.format(
            better=better,
            worse=worse,
            first=first,
            second=second,
            points=abs(difference),
            pairs=comparison.test.pairs,
        ),
        verdict,
        evidence.format(
            first=first,
            second=second,
            seeds=sentences.seeds_text(comparison.seeds),
            interval=sentences.interval_text(comparison.test.difference),
            p=sentences.of_family(sentences.probability_text(comparison.p), comparison.family),
            images=sentences.interval_text(comparison.images),
        ),
    )


def network_findings(pairs: Sequence[tuple[WholeMethod, WholeMethod]]) -> list[Finding]:
    """McNemar's test of pairs of single runs, corrected after Holm together.

    Pairs that were not tested on the same images are passed over.
    """
    tests = []
    for first, second in pairs:
        one, other = (_outcome(method, method.seeds[0]) for method in (first, second))
        if one.test_set == other.test_set:
            tests.append((first, second, len(one.correct), mcnemar(one.correct, other.correct)))
    corrected = holm([result.p for *_, result in tests])
    return [_network_finding(*test, p=p, family=len(tests)) for test, p in zip(tests, corrected, strict=True)]


def _network_finding(first: Method, second: Method, images: int, result: McNemar, *, p: float, family: int) -> Finding:
    gap = result.only_first - result.only_second
    better, worse = (first.label, second.label) if gap > 0 else (second.label, first.label)
    verdict: Verdict = "distinguishable" if p < SIGNIFICANCE else "not distinguishable"
    evidence = [
        sentences.NETWORK_EVIDENCE.format(
            images=images,
            only_first=result.only_first,
            first=first.label,
            only_second=result.only_second,
            second=second.label,
            p=sentences.of_family(sentences.probability_text(p), family, sentences.OF_A_FAMILY),
        )
    ]
    if first.epochs != second.epochs:
        evidence.append(
            sentences.OTHER_EPOCHS.format(
                first=first.label, first_epochs=first.epochs, second=second.label, second_epochs=second.epochs
            )
        )
    return Finding(
        sentences.TWO_NETWORKS.format(first=first.label, second=second.label),
        sentences.MORE_IMAGES_RIGHT.format(better=better, images=abs(gap), worse=worse)
        if verdict == "distinguishable"
        else sentences.IMAGES_NOT_SURE.format(differing=abs(gap), images=images),
        verdict,
        " ".join(evidence),
    )


def selection_findings(chosen: Sequence[WholeMethod], most: int = 6) -> list[Finding]:
    """What can be said about the chosen methods, pair by pair: the first ``most`` pairs.

    Methods with two seeds or more in common are compared by seed and corrected together, single runs as networks.
    """
    pairs = list(combinations(chosen, 2))[:most]
    by_seed = [pair for pair in pairs if comparable(*pair)]
    single = [pair for pair in pairs if len(pair[0].records) == len(pair[1].records) == 1]
    return [*(accuracy_finding(c) for c in compare(by_seed)), *network_findings(single)]
