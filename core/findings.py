"""What the records say, in sentences: each with its evidence, and "not distinguishable" where it is so.

Two methods are compared seed by seed: equal seeds start from equal weights and see equal batches, so the
difference of a pair has less spread than its two sides. A difference counts as distinguishable where the paired
t test, corrected after Holm within its family, has p < 0.05 and the bootstrap over seeds and images leaves out
zero as well. Networks that have one seed in common are compared by McNemar's test, which speaks about these two
networks and not about their methods.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.config import RunConfig, preset, summary
from core.intervals import Interval, PairedTest, bootstrap, holm, mcnemar, paired_test, t_interval, wilson
from core.methods import Method, method_id, roughness
from core.sparsity import sparsity

SIGNIFICANCE = 0.05
FAMILY = ("BN + L1", "GN (4)", "LN")
"""The assignment's variants: their three pairs are the family of tests that was declared before any run."""

PUBLISHED = {"GN (4)": 99.52, "LN": 99.46, "BN + L1": 99.48}
"""Test accuracy in percent of published solutions of the same exercise, one seed each, 20 epochs."""

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

    test: of the final test accuracies, points, first minus second.  p: corrected within its family.
    images: bootstrap over seeds and images; None where a record lacks its predictions.
    """

    first: Method
    second: Method
    seeds: tuple[int, ...]
    test: PairedTest
    p: float
    images: Interval | None

    @property
    def distinguishable(self) -> bool:
        """Whether both the corrected test and the bootstrap say so."""
        return self.p < SIGNIFICANCE and self.images is not None and self.images.excludes_zero


def _right(method: Method, seed: int) -> tuple[NDArray[np.bool_], str] | None:
    for record in method.records:
        if record.config.seed == seed and record.predictions is not None:
            return record.predictions.true == record.predictions.predicted, record.predictions.fingerprint
    return None


def paired(first: Method, second: Method) -> tuple[tuple[int, ...], NDArray[np.int8] | None]:
    """The seeds that both methods have, and right minus wrong of each test image: (seeds, M).

    None instead of the array where a run lacks its predictions, or was tested on other images.
    """
    seeds = tuple(sorted(set(first.seeds) & set(second.seeds)))
    rows, prints = [], set()
    for seed in seeds:
        sides = _right(first, seed), _right(second, seed)
        if sides[0] is None or sides[1] is None:
            return seeds, None
        prints |= {sides[0][1], sides[1][1]}
        if len(prints) > 1:
            return seeds, None
        rows.append(sides[0][0].astype(np.int8) - sides[1][0].astype(np.int8))
    return seeds, np.stack(rows) if rows else None


def comparable(first: Method, second: Method) -> bool:
    """Whether a paired test says something: finished runs, equal data and length, two seeds in common."""
    return (
        first.config.dataset == second.config.dataset
        and first.config.validation == second.config.validation
        and first.config.epochs == second.config.epochs
        and all(record.status == "complete" for record in (*first.records, *second.records))
        and len(set(first.seeds) & set(second.seeds)) >= 2
    )


def compare(pairs: Sequence[tuple[Method, Method]]) -> list[Comparison]:
    """One family of tests: each pair on its common seeds, p values corrected after Holm together."""
    raw = []
    for first, second in pairs:
        seeds, differences = paired(first, second)
        finals = [[r.epochs[-1].test_accuracy for r in m.records if r.config.seed in seeds] for m in (first, second)]
        images = None if differences is None else bootstrap(differences)
        raw.append((first, second, seeds, paired_test(*finals), images))
    corrected = holm([test.p for _, _, _, test, _ in raw])
    return [
        Comparison(first, second, seeds, test, p, images)
        for (first, second, seeds, test, images), p in zip(raw, corrected, strict=True)
    ]


def _signed(value: float, digits: int = 2) -> str:
    text = f"{abs(value):.{digits}f}"
    sign = "" if float(text) == 0 else "+" if value > 0 else "-"
    return sign + text


def _range(interval: Interval, digits: int = 2) -> str:
    return f"{_signed(interval.low, digits)} to {_signed(interval.high, digits)}"


def _probability(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def _seeds(seeds: Sequence[int]) -> str:
    return f"{len(seeds)} seeds ({', '.join(map(str, seeds))})"


def accuracy_interval(method: Method) -> Interval | None:
    """Final test accuracy in percent with its 95 % interval: t over the seeds, or Wilson's for a single run.

    They answer different questions: other seeds on these test images, and other test images for this network.
    None for a single run without its predictions.
    """
    if len(method.records) > 1:
        return t_interval(method.accuracies)
    predictions = method.records[0].predictions
    if predictions is None:
        return None
    return wilson(int((predictions.true == predictions.predicted).sum()), len(predictions.true))


def table_row(method: Method) -> dict[str, str | int | float | None]:
    """One row of the table of results: means over the seeds.

    Roughness is that of ``core.methods.roughness``, the share near zero that of ``core.sparsity``.
    """
    interval = accuracy_interval(method)
    last = [record.epochs[-1] for record in method.records]
    weights = [sparsity(record.weights) for record in method.records if record.weights is not None]
    return {
        "Method": method.label,
        "Seeds": len(method.records),
        "Test accuracy (%)": statistics.mean(method.accuracies),
        "95 % from": interval.low if interval else None,
        "95 % to": interval.high if interval else None,
        "Test loss": statistics.mean(row.test_loss for row in last),
        "Gap, training minus test (points)": statistics.mean(row.train_accuracy - row.test_accuracy for row in last),
        "Roughness, epochs 1 to 5 (nats)": statistics.mean(roughness(record.epochs) for record in method.records),
        "Near zero (%)": statistics.mean(s.share for s in weights) if weights else None,
        "Seconds": statistics.mean(sum(row.seconds for row in record.epochs) for record in method.records),
        "Parameters": method.records[0].parameters,
        "Settings": summary(method.config, seeds=method.seeds),
        "Status": method.records[0].status,
    }


def accuracy_finding(comparison: Comparison, family: int) -> Finding:
    """The comparison in words; ``family``: how many tests were corrected together."""
    first, second, test = comparison.first, comparison.second, comparison.test
    difference = test.difference
    if comparison.distinguishable:
        better, worse = (first, second) if difference.value > 0 else (second, first)
        answer = f"{better.label} ends {abs(difference.value):.2f} points above {worse.label}."
        verdict: Verdict = "distinguishable"
    else:
        answer = f"Not distinguishable: {_signed(difference.value)} points between the means of {test.pairs} seeds."
        verdict = "not distinguishable"
    corrected = f" after Holm for {family} tests" if family > 1 else ""
    evidence = (
        f"Final test accuracy, {first.label} minus {second.label}, {_seeds(comparison.seeds)}: "
        f"95 % t interval {_range(difference)} points, {_probability(comparison.p)}{corrected}"
    )
    if comparison.images is not None:
        evidence += f"; bootstrap over seeds and images {_range(comparison.images)}"
    return Finding(f"{first.label} or {second.label}?", answer, verdict, f"{evidence}.")


def network_finding(first: Method, second: Method) -> Finding | None:
    """McNemar's test of two single runs; None where they were not tested on the same images."""
    sides = [_right(method, method.seeds[0]) for method in (first, second)]
    if sides[0] is None or sides[1] is None or sides[0][1] != sides[1][1]:
        return None
    result = mcnemar(sides[0][0], sides[1][0])
    gap = result.only_first - result.only_second
    if result.p < SIGNIFICANCE:
        better, worse = (first, second) if gap > 0 else (second, first)
        answer = f"This network of {better.label} gets {abs(gap)} images more right than that of {worse.label}."
        verdict: Verdict = "distinguishable"
    else:
        answer = f"Not distinguishable: {abs(gap)} of {len(sides[0][0]):,} images between the two networks."
        verdict = "not distinguishable"
    evidence = (
        f"McNemar's exact test on the same {len(sides[0][0]):,} images: {result.only_first} that only {first.label} "
        f"gets right, {result.only_second} that only {second.label} does, {_probability(result.p)}. One seed each: "
        "this is about two networks, not about two methods."
    )
    return Finding(f"{first.label} or {second.label}, these two networks?", answer, verdict, evidence)


def headline(chosen: Sequence[Method], found: Sequence[Finding]) -> str:
    """The result in a sentence or two: who is ahead, by how sure an amount, and how many pairs can be told apart."""
    best = max(chosen, key=lambda method: statistics.mean(method.accuracies))
    interval = accuracy_interval(best)
    one = len(best.records) == 1
    what = "final test accuracy" if one else f"mean final test accuracy of {len(best.records)} seeds"
    span = f" (95 % interval {interval.low:.2f} to {interval.high:.2f})" if interval else ""
    text = f"Highest {what}: **{best.label}** with **{statistics.mean(best.accuracies):.2f} %**{span}."
    tested = [finding for finding in found if finding.verdict != "described"]
    if len(chosen) > 1 and tested:
        sure = sum(finding.verdict == "distinguishable" for finding in tested)
        pairs = "The one pair" if len(tested) == 1 else f"Of {len(tested)} pairs"
        if len(tested) == 1:
            text += f" {pairs} {'can' if sure else 'cannot'} be told apart."
        else:
            text += f" {pairs} {sure or 'none'} can be told apart from chance."
    elif len(chosen) > 1:
        text += " Whether that is more than chance, these runs cannot say: they have no two seeds in common."
    return text


def selection_findings(chosen: Sequence[Method], most: int = 6) -> list[Finding]:
    """What can be said about the chosen methods, pair by pair: the first ``most`` pairs, corrected together.

    Methods with two seeds or more in common are compared by seed, others as single networks.
    """
    pairs = list(combinations(chosen, 2))[:most]
    by_seed = [pair for pair in pairs if comparable(*pair)]
    found = [accuracy_finding(c, len(by_seed)) for c in compare(by_seed)]
    for first, second in pairs:
        if (first, second) not in by_seed and len(first.records) == len(second.records) == 1:
            finding = network_finding(first, second)
            found += [finding] if finding else []
    return found


def _of(methods: Sequence[Method], config: RunConfig) -> Method | None:
    wanted = method_id(config)
    return next((m for m in methods if method_id(m.config) == wanted and len(m.records) >= 2), None)


def _shared(methods: Sequence[Method]) -> dict[str, object] | None:
    """What the methods of the study have in common: the settings of the BN + L1 with the most seeds."""
    bases = [m for m in methods if m.config.label == FAMILY[0] and len(m.records) >= 2]
    if not bases:
        return None
    config = max(bases, key=lambda m: len(m.records)).config
    own = ("norm", "groups", "l1", "l2", "seed")
    return {name: value for name, value in config.to_dict().items() if name not in own}


def declared_family(methods: Sequence[Method]) -> list[Method]:
    """The assignment's three methods among ``methods``, each with two seeds or more; empty where one is missing."""
    shared = _shared(methods)
    found = [_of(methods, config) for config in preset("assignment", **shared)] if shared else []
    family = [method for method in found if method is not None]
    return family if len(family) == len(FAMILY) else []


def study_findings(methods: Sequence[Method]) -> list[Finding]:
    """What the study says, of the questions declared before it ran; empty without the assignment's methods."""
    family, shared = declared_family(methods), _shared(methods)
    if not family or shared is None:
        return []
    session6 = [m for config in preset("session6", **shared) if (m := _of(methods, config))]
    found = [accuracy_finding(c, 3) for c in compare(list(combinations(family, 2)))]
    found += [*_fluctuation(family), _published(family)]
    for base in [*family, *session6]:
        if base.config.l1 and not base.config.l2 and (plain := _of(methods, replace(base.config, l1=0.0))):
            found += _penalty(base, plain)
    if len(session6) == len(FAMILY):
        found += [accuracy_finding(c, 3) for c in compare(list(combinations(session6, 2)))]
    return found


def _fluctuation(family: Sequence[Method]) -> list[Finding]:
    """Whether BN's test loss starts higher, and fluctuates more in its first five epochs."""
    bn, *others = family
    found = []
    kinds = (
        (
            "the test loss after the first epoch",
            lambda r: r.epochs[0].test_loss,
            "starts higher",
            "Does BN's test loss start higher?",
        ),
        (
            "the sum of all rises of the test loss in the first five epochs",
            lambda r: roughness(r.epochs),
            "fluctuates more",
            "Do BN's first epochs fluctuate more?",
        ),
    )
    for what, of, verb, question in kinds:
        tests = []
        for other in others:
            seeds = sorted(set(bn.seeds) & set(other.seeds))
            tests.append(paired_test(*([of(r) for r in m.records if r.config.seed in seeds] for m in (bn, other))))
        ps = holm([test.p for test in tests])
        clear = [p < SIGNIFICANCE for p in ps]
        parts, evidence = [], []
        for other, test, p, sure in zip(others, tests, ps, clear, strict=True):
            if sure:
                more, less = (bn, other) if test.difference.value > 0 else (other, bn)
                parts.append(f"{more.label} {verb} than {less.label}")
            else:
                parts.append(f"{bn.label} and {other.label} are not distinguishable")
            means = [statistics.mean(of(r) for r in m.records) for m in (bn, other)]
            evidence.append(
                f"{bn.label} {means[0]:.4f}, {other.label} {means[1]:.4f} nats, difference "
                f"{_range(test.difference, 4)}, {_probability(p)}"
            )
        verdict: Verdict = "distinguishable" if any(clear) else "not distinguishable"
        answer = f"{'; '.join(parts)}."
        found.append(Finding(question, answer, verdict, f"{what[0].upper()}{what[1:]}: {'; '.join(evidence)}."))
    return found


def _penalty(penalized: Method, plain: Method) -> list[Finding]:
    """What L1 costs in accuracy under a norm, and what it does to the weights."""
    [comparison] = compare([(penalized, plain)])
    cost = accuracy_finding(comparison, 1)
    cost = replace(cost, question=f"What does L1 {penalized.config.l1:g} cost under {plain.label}?")
    runs = [
        [sparsity(r.weights) for r in m.records if r.weights is not None and r.config.seed in comparison.seeds]
        for m in (penalized, plain)
    ]
    if not all(runs):
        return [cost]
    share, size = ([statistics.mean(getattr(s, name) for s in side) for side in runs] for name in ("share", "rms"))
    answer = (
        f"It shrinks the weights to {100 * size[0] / size[1]:.0f} % of their size, which a norm mostly undoes; "
        f"relative to their filter {share[0]:.1f} % of the weights are near zero, {share[1]:.1f} % without it."
    )
    evidence = (
        f"Root mean square of the penalized weights {size[0]:.4f} against {size[1]:.4f}; near zero: below 5 % of the "
        f"filter's own root mean square (4.0 % of normal weights are). Means over {_seeds(comparison.seeds)}."
    )
    return [cost, Finding(f"What does L1 do to the weights under {plain.label}?", answer, "described", evidence)]


def _published(family: Sequence[Method]) -> Finding:
    """The ranking of the published solutions beside that of the means here."""
    labels = [label for label, _ in sorted(PUBLISHED.items(), key=lambda item: -item[1])]
    by_label = dict(zip(FAMILY, family, strict=True))
    here = sorted(FAMILY, key=lambda label: -statistics.mean(by_label[label].accuracies))
    sure = any(c.distinguishable for c in compare(list(combinations(family, 2))))
    same = "the same order" if here == labels else "another order"
    answer = (
        f"Published, one seed each: {', '.join(f'{label} {PUBLISHED[label]:.2f}' for label in labels)}. Here, means: "
        f"{', '.join(f'{label} {statistics.mean(by_label[label].accuracies):.2f}' for label in here)}: {same}, "
        f"{'with a difference that survives' if sure else 'and no difference that survives'}."
    )
    spread = max(max(m.accuracies) - min(m.accuracies) for m in family)
    gap = max(PUBLISHED.values()) - min(PUBLISHED.values())
    evidence = (
        f"The published values span {gap:.2f} points; the seeds of one method here span up to {spread:.2f}, so one "
        "seed cannot order them."
    )
    return Finding("Does this agree with what was published?", answer, "described", evidence)
