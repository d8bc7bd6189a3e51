"""What the records say, in sentences: each with its evidence, and "not distinguishable" where it is so.

Two methods are compared seed by seed: equal seeds start from equal weights and see equal batches, so the
difference of a pair has less spread than its two sides. A difference counts as distinguishable where the paired
t test, corrected after Holm within its family, has p < 0.05 and the bootstrap over seeds and images leaves out
zero as well. Single runs are compared by McNemar's test, which speaks about these two networks and not about their
methods; several pairs of them are corrected after Holm, too.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

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


def _right(method: WholeMethod, seed: int) -> tuple[NDArray[np.bool_], tuple[str, bytes]]:
    """Which images its run of ``seed`` gets right, and on which test set."""
    found = method.records[method.seeds.index(seed)].predictions
    return found.true == found.predicted, found.test_set


def paired(first: WholeMethod, second: WholeMethod) -> tuple[tuple[int, ...], NDArray[np.int8] | None]:
    """The seeds that both methods have, and right minus wrong of each test image: (seeds, M).

    None instead of the array where a run was tested on other images.
    """
    seeds = tuple(sorted(set(first.seeds) & set(second.seeds)))
    rows, prints = [], set()
    for seed in seeds:
        sides = _right(first, seed), _right(second, seed)
        prints |= {sides[0][1], sides[1][1]}
        if len(prints) > 1:
            return seeds, None
        rows.append(sides[0][0].astype(np.int8) - sides[1][0].astype(np.int8))
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


def _signed(value: float, digits: int = 2) -> str:
    text = f"{abs(value):.{digits}f}"
    sign = "" if float(text) == 0 else "+" if value > 0 else "-"
    return sign + text


def interval_text(interval: Interval, digits: int = 2) -> str:
    """The bounds with their signs: "-0.12 to +0.08"."""
    return f"{_signed(interval.low, digits)} to {_signed(interval.high, digits)}"


def probability_text(p: float) -> str:
    """A p value as it is printed: "p = 0.024", "p < 0.001"."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def _lead(first: Method, second: Method, difference: float) -> str:
    if f"{abs(difference):.2f}" == "0.00":
        return f"{first.label} and {second.label} are equal to the second decimal"
    better = first if difference > 0 else second
    return f"{better.label} is {abs(difference):.2f} points higher"


def seeds_text(seeds: Sequence[int]) -> str:
    """How many seeds, and which: "3 seeds (0, 1, 2)"."""
    return f"{len(seeds)} seeds ({', '.join(map(str, seeds))})"


def accuracy_interval(method: WholeMethod) -> Interval:
    """Final test accuracy in percent with its 95 % interval: t over the seeds, or Wilson's for a single run.

    They answer different questions: other seeds on these test images, and other test images for this network.
    """
    if len(method.records) > 1:
        return t_interval(method.accuracies)
    predictions = method.records[0].predictions
    return wilson(int((predictions.true == predictions.predicted).sum()), len(predictions.true))


def holm_text(family: int) -> str:
    """What a p value of a family of so many tests has behind it; nothing for one alone."""
    return f" (Holm-adjusted for {family} tests; the intervals are not adjusted)" if family > 1 else ""


def accuracy_finding(comparison: Comparison) -> Finding:
    """The comparison in words."""
    first, second, test = comparison.first, comparison.second, comparison.test
    difference = test.difference
    if comparison.distinguishable:
        better, worse = (first, second) if difference.value > 0 else (second, first)
        answer = f"{better.label} ends {abs(difference.value):.2f} points above {worse.label}."
        verdict: Verdict = "distinguishable"
    else:
        answer = f"Not distinguishable: {_lead(first, second, difference.value)} on average ({test.pairs} seeds)."
        verdict = "not distinguishable"
    evidence = (
        f"Final test accuracy, {first.label} minus {second.label}, paired by seed, {seeds_text(comparison.seeds)}: "
        f"95 % t interval {interval_text(difference)} points, {probability_text(comparison.p)}"
        f"{holm_text(comparison.family)}; 95 % bootstrap interval over seeds and images "
        f"{interval_text(comparison.images)}"
    )
    if comparison.p < SIGNIFICANCE and not comparison.images.excludes_zero:
        evidence += ", which includes zero: with other test images the difference could vanish"
    return Finding(f"{first.label} or {second.label}?", answer, verdict, f"{evidence}.")


def network_findings(pairs: Sequence[tuple[WholeMethod, WholeMethod]]) -> list[Finding]:
    """McNemar's test of pairs of single runs, corrected after Holm together.

    Pairs that were not tested on the same images are passed over.
    """
    tests = []
    for first, second in pairs:
        sides = [_right(method, method.seeds[0]) for method in (first, second)]
        if sides[0][1] == sides[1][1]:
            tests.append((first, second, len(sides[0][0]), mcnemar(sides[0][0], sides[1][0])))
    corrected = holm([result.p for *_, result in tests])
    return [_network_finding(*test, p=p, family=len(tests)) for test, p in zip(tests, corrected, strict=True)]


def _network_finding(first: Method, second: Method, images: int, result: McNemar, *, p: float, family: int) -> Finding:
    gap = result.only_first - result.only_second
    if p < SIGNIFICANCE:
        better, worse = (first, second) if gap > 0 else (second, first)
        answer = f"This network of {better.label} gets {abs(gap)} images more right than that of {worse.label}."
        verdict: Verdict = "distinguishable"
    else:
        answer = f"Not distinguishable: {abs(gap)} of {images:,} images between the two networks."
        verdict = "not distinguishable"
    adjusted = f" (Holm-adjusted for {family} tests)" if family > 1 else ""
    evidence = (
        f"McNemar's exact test on the same {images:,} images: {result.only_first} that only {first.label} gets right, "
        f"{result.only_second} that only {second.label} does, {probability_text(p)}{adjusted}. One seed each: this is "
        "about two networks, not about two methods."
    )
    if first.epochs != second.epochs:
        evidence += f" {first.label} was trained for {first.epochs} epochs, {second.label} for {second.epochs}."
    return Finding(f"{first.label} or {second.label}, these two networks?", answer, verdict, evidence)


def headline(chosen: Sequence[WholeMethod], found: Sequence[Finding]) -> str:
    """The result in a sentence or two: who is ahead, by how sure an amount, and how many pairs can be told apart."""
    best = max(chosen, key=lambda method: statistics.mean(method.accuracies))
    interval = accuracy_interval(best)
    one = len(best.records) == 1
    what = "final test accuracy" if one else f"mean final test accuracy of {len(best.records)} seeds"
    span = f"95 % interval {interval.low:.2f} to {interval.high:.2f}"
    text = f"Highest {what}: **{best.label}** with **{statistics.mean(best.accuracies):.2f} %** ({span})."
    if best.epochs < best.config.epochs:
        text += f" It stopped after {best.epochs} of {best.config.epochs} epochs."
    pairs = len(chosen) * (len(chosen) - 1) // 2
    tested = [finding for finding in found if finding.verdict != "described"]
    sure = sum(finding.verdict == "distinguishable" for finding in tested)
    if not pairs:
        return text
    if not tested:
        return (
            f"{text} Whether that is more than chance, these runs cannot say: a test needs the same test images, and "
            "single runs or two seeds in common, trained for equally long."
        )
    if pairs == 1:
        return f"{text} The difference of the pair is {'' if sure else 'not '}distinguishable from zero."
    if len(tested) == 1:
        text += f" The one pairwise difference that is tested can{'' if sure else 'not'} be distinguished from zero."
    elif sure:
        text += f" {sure} of {len(tested)} pairwise differences can be distinguished from zero."
    else:
        text += f" None of the {len(tested)} pairwise differences can be distinguished from zero."
    if not sure:
        text += " That does not show that the methods are equal."
    if (left := pairs - len(tested)) > 0:
        text += f" {left} more pair{'s are' if left > 1 else ' is'} not tested."
    return text


def what_survives(found: Sequence[Finding]) -> str:
    """How many of the tested questions have an answer that survives, and which."""
    tested = [finding for finding in found if finding.verdict != "described"]
    sure = [finding for finding in tested if finding.verdict == "distinguishable"]
    text = f"Of {len(tested)} questions that were tested, **{len(sure) or 'none'}** "
    if not sure:
        return f"{text}has an answer that survives."
    return f"{text}{'has an answer that survives' if len(sure) == 1 else 'have answers that survive'}: " + " ".join(
        finding.answer for finding in sure
    )


def selection_findings(chosen: Sequence[WholeMethod], most: int = 6) -> list[Finding]:
    """What can be said about the chosen methods, pair by pair: the first ``most`` pairs.

    Methods with two seeds or more in common are compared by seed and corrected together, single runs as networks.
    """
    pairs = list(combinations(chosen, 2))[:most]
    by_seed = [pair for pair in pairs if comparable(*pair)]
    single = [pair for pair in pairs if len(pair[0].records) == len(pair[1].records) == 1]
    return [*(accuracy_finding(c) for c in compare(by_seed)), *network_findings(single)]
