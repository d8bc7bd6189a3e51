"""What the records say, in sentences: each with its evidence, and "not distinguishable" where it is so.

Two methods are compared seed by seed. Equal seeds start from equal weights and see equal batches by design, and a
paired test is valid whatever the correlation of its two sides; it need not be positive, and then pairing makes the
difference no more precise. A difference counts as distinguishable where p, over other seeds and other test images (see
``crossed``) and corrected after Holm within its family, is below 0.05. The paired t test over seeds alone, on these
test images, is part of that: it has the lower p of the two, and where it is sure by itself the verdict says so. Single
runs are compared by McNemar's test, which speaks about these two networks and not about their methods; several pairs
of them are corrected after Holm, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np

from core.comparison import sentences
from core.comparison.crossed import Crossed, crossed
from core.comparison.intervals import (
    Interval,
    McNemar,
    PairedTest,
    detectable,
    holm,
    mcnemar,
    paired_test,
    t_interval,
    wilson,
)
from core.comparison.methods import Method, WholeMethod
from core.comparison.pairs import comparable, comparable_networks, equal_terms, outcome, paired
from core.comparison.verdicts import Finding, Pair, Verdict
from core.config import terms
from core.labels import listed

SIGNIFICANCE = 0.05
MARGIN = 0.15
"""Points of accuracy: methods whose means on MNIST's test set differ by less agree for any practical purpose.

15 of the 10,000 images, about two standard errors of one run near 99.5 %. Set before an equivalence test was computed
on any record, and not to be moved to what such a test shows."""
MARGIN_DATASET = "mnist"
"""The margin is a judgement about one test set: nothing is said of agreement on another."""

CLOSE = 0.5
"""Where MS_seed is less than so much of MS_interaction, a sure verdict is said to lean on that luck: of such pairs of
methods that do not differ, about one in six is called distinguishable at S = 5."""


@dataclass(frozen=True)
class Comparison:
    """Two methods on the seeds that both have.

    test: of the final test accuracies, points, first minus second, over seeds.  images: over seeds and test images.
    p: over seeds and images, and seeds_p: over seeds alone, each corrected within its family.
    deviation: the standard deviation of the differences over seeds, points, pooled over the pairs of the family with
    the same terms, see ``_deviation``.  family: how many tests were corrected together.
    """

    first: WholeMethod
    second: WholeMethod
    seeds: tuple[int, ...]
    test: PairedTest
    images: Crossed
    p: float
    seeds_p: float
    deviation: float
    family: int

    @property
    def verdict(self) -> Verdict:
        """Whether the difference can be told from zero, and of what that can be said."""
        if self.p < SIGNIFICANCE:
            return "distinguishable"
        return "distinguishable on these images" if self.seeds_p < SIGNIFICANCE else "not distinguishable"


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
        raw.append((first, second, seeds, paired_test(*finals), crossed(differences, scale=100)))
    seeds_p = holm([test.p for *_, test, _ in raw])
    # other seeds and other images cannot be surer than other seeds
    p = holm([max(test.p, images.p) for *_, test, images in raw])
    deviations = [_deviation([c for m, *_, c in raw if terms(m.config) == terms(first.config)]) for first, *_ in raw]
    return [
        Comparison(*found, p=both, seeds_p=alone, deviation=deviation, family=len(raw))
        for found, both, alone, deviation in zip(raw, p, seeds_p, deviations, strict=True)
    ]


def _deviation(pairs: Sequence[Crossed]) -> float:
    """What the standard deviation of a difference over seeds is expected to be, for the power of the test.

    The root mean square over the pairs, by their degrees of freedom, since a few seeds say little about their own; and
    at least what the interaction of seeds and images lets expect, however closely these seeds happen to agree.
    """
    each = np.square([pair.deviations() for pair in pairs])  # (pairs, 2): seen over seeds, and expected at the least
    return math.sqrt(np.average(each, axis=0, weights=[pair.seeds - 1 for pair in pairs]).max())


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
    if comparison.verdict == "distinguishable":
        answer = sentences.ENDS_ABOVE
    elif comparison.verdict == "distinguishable on these images":
        answer = sentences.HIGHER_ON_THESE_IMAGES
    elif f"{abs(difference):.2f}" == "0.00":
        answer = sentences.EQUAL_ON_AVERAGE
    else:
        answer = sentences.HIGHER_ON_AVERAGE
    evidence = [_tests_text(comparison)]
    if comparison.verdict == "not distinguishable":
        evidence += _power_text(comparison)
    elif comparison.images.closeness < CLOSE:
        evidence.append(sentences.CLOSER_THAN_EXPECTED.format(ratio=comparison.images.closeness))
    return Finding(
        sentences.TWO_METHODS.format(first=first, second=second),
        answer.format(
            better=better, worse=worse, first=first, second=second, points=abs(difference), pairs=comparison.test.pairs
        ),
        comparison.verdict,
        " ".join(evidence),
        Pair(better, worse, abs(difference)),
    )


def _tests_text(comparison: Comparison) -> str:
    tests = sentences.ACCURACY_TESTS.format(
        interval=sentences.interval_text(comparison.test.difference),
        seeds_p=sentences.probability_text(comparison.seeds_p),
        flip_p=sentences.flip_text(comparison.test),
        images=sentences.interval_text(comparison.images.interval),
        p=sentences.probability_text(comparison.p),
    )
    return sentences.ACCURACY_EVIDENCE.format(
        first=comparison.first.label,
        second=comparison.second.label,
        seeds=sentences.seeds_text(comparison.seeds),
        tests=sentences.of_family(tests, comparison.family),
    )


def _power_text(comparison: Comparison) -> list[str]:
    """The difference that so many seeds would find: by itself, and where Holm's correction is at its strictest.

    Nothing where neither seeds nor images differ: there is no spread to go by.
    """
    pairs, family = comparison.test.pairs, comparison.family
    if not comparison.deviation:
        return []
    template = sentences.POWER_IN_A_FAMILY if family > 1 else sentences.POWER
    alone = detectable(comparison.deviation, pairs)
    corrected = detectable(comparison.deviation, pairs, level=SIGNIFICANCE / family)
    return [template.format(pairs=pairs, points=alone, corrected=corrected, deviation=comparison.deviation)]


def has_margin(comparison: Comparison) -> bool:
    """Whether it is one of ``MARGIN_DATASET``, of which ``MARGIN`` says what agreement is."""
    return comparison.first.config.dataset == MARGIN_DATASET and not comparison.first.config.validation


def agreement_p(asked: Sequence[Comparison]) -> list[float]:
    """p of two one-sided tests against ``MARGIN`` over seeds and images, one a pair, corrected after Holm together."""
    return holm([comparison.images.equivalence_p(MARGIN) for comparison in asked])


def agreement_findings(comparisons: Sequence[Comparison]) -> list[Finding]:
    """Whether methods agree within ``MARGIN``: two one-sided tests a pair, corrected after Holm together.

    With the standard error over seeds and images, as in the verdicts: that two methods agree is said of other seeds and
    other test images, or not at all. Nothing of pairs on another data set than ``MARGIN_DATASET``.
    """
    asked = [comparison for comparison in comparisons if has_margin(comparison)]
    if not asked:
        return []
    ps = agreement_p(asked)
    pairs = [sentences.AGREEING_PAIR.format(first=c.first.label, second=c.second.label) for c in asked]
    agreeing = [pair for pair, p in zip(pairs, ps, strict=True) if p < SIGNIFICANCE]
    labels = list(dict.fromkeys(method.label for c in asked for method in (c.first, c.second)))
    if len(agreeing) == len(asked):
        answer = sentences.ALL_AGREE if len(asked) == math.comb(len(labels), 2) else sentences.ALL_TESTED_AGREE
    elif agreeing:
        answer = sentences.ONE_AGREES if len(agreeing) == 1 else sentences.SOME_AGREE
    else:
        answer = sentences.AGREEMENT_NOT_SHOWN
    evidence = [
        sentences.AGREEMENT_OF_A_PAIR.format(pair=pair, p=sentences.probability_text(p))
        for pair, p in zip(pairs, ps, strict=True)
    ]
    return [
        Finding(
            sentences.DO_THEY_AGREE.format(methods=listed(labels), margin=MARGIN),
            answer.format(
                methods=listed(labels),
                margin=MARGIN,
                agreeing=len(agreeing),
                tested=len(asked),
                pairs="; ".join(agreeing),
            ),
            "equivalent" if len(agreeing) == len(asked) else "not shown equivalent",
            sentences.AGREEMENT_EVIDENCE.format(
                margin=MARGIN, pairs=sentences.of_family("; ".join(evidence), len(asked), sentences.OF_A_FAMILY)
            ),
            agreeing=tuple(agreeing),
        )
    ]


def network_findings(pairs: Sequence[tuple[WholeMethod, WholeMethod]]) -> list[Finding]:
    """McNemar's test of pairs of single runs, corrected after Holm together.

    Pairs that are not ``comparable_networks`` are passed over.
    """
    tests = []
    for first, second in pairs:
        if comparable_networks(first, second):
            one, other = (outcome(method, method.seeds[0]) for method in (first, second))
            tests.append((first, second, len(one.correct), mcnemar(one.correct, other.correct)))
    corrected = holm([result.p for *_, result in tests])
    return [_network_finding(*test, p=p, family=len(tests)) for test, p in zip(tests, corrected, strict=True)]


def _network_finding(first: Method, second: Method, images: int, result: McNemar, *, p: float, family: int) -> Finding:
    gap = result.only_first - result.only_second
    better, worse = (first.label, second.label) if gap > 0 else (second.label, first.label)
    verdict: Verdict = "distinguishable" if p < SIGNIFICANCE else "not distinguishable"
    return Finding(
        sentences.TWO_NETWORKS.format(first=first.label, second=second.label),
        sentences.MORE_IMAGES_RIGHT.format(better=better, images=abs(gap), worse=worse)
        if verdict == "distinguishable"
        else sentences.IMAGES_NOT_SURE.format(differing=abs(gap), images=images),
        verdict,
        sentences.NETWORK_EVIDENCE.format(
            images=images,
            only_first=result.only_first,
            first=first.label,
            only_second=result.only_second,
            second=second.label,
            p=sentences.of_family(sentences.probability_text(p), family, sentences.OF_A_FAMILY),
        ),
        Pair(better, worse, 100 * abs(gap) / images),
    )


def selection_findings(chosen: Sequence[WholeMethod], most: int = 6) -> list[Finding]:
    """What can be said about the chosen methods, pair by pair, and whether they agree.

    Methods with two seeds or more in common are compared by seed and corrected together, single runs as networks: the
    first ``most`` pairs that can be tested at all.
    """
    testable = (pair for pair in combinations(chosen, 2) if comparable(*pair) or comparable_networks(*pair))
    pairs = list(islice(testable, most))
    comparisons = compare([pair for pair in pairs if comparable(*pair)])
    return [*map(accuracy_finding, comparisons), *agreement_findings(comparisons), *network_findings(pairs)]
