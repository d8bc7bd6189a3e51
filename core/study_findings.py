"""What the study says: the questions that were declared before it ran, answered from its records."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from core.config import RunConfig, preset
from core.findings import (
    SIGNIFICANCE,
    Finding,
    Verdict,
    accuracy_finding,
    compare,
    interval_text,
    probability_text,
    seeds_text,
)
from core.intervals import holm, paired_test
from core.methods import Method, method_id, roughness
from core.sparsity import sparsity

FAMILY = ("BN + L1", "GN (4)", "LN")
"""The assignment's variants: their three pairs are the family of tests that was declared before any run."""

PUBLISHED = {"GN (4)": 99.52, "LN": 99.46, "BN + L1": 99.48}
"""Test accuracy in percent of published solutions of the same exercise, one seed each, 20 epochs."""


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
            means = [statistics.mean(of(r) for r in m.records) for m in (bn, other)]
            if not sure:
                order = "equal to" if means[0] == means[1] else "higher than" if means[0] > means[1] else "lower than"
                parts.append(f"the mean of {bn.label} is {order} that of {other.label}, not distinguishably")
            evidence.append(
                f"{bn.label} {means[0]:.4f}, {other.label} {means[1]:.4f} nats, 95 % t interval of the difference "
                f"{interval_text(test.difference, 4)}, {probability_text(p)}"
            )
        evidence[-1] += f" (p Holm-adjusted for {len(others)} tests, the intervals are not)"
        verdict: Verdict = "distinguishable" if any(clear) else "not distinguishable"
        answer = "; ".join(parts)
        answer = f"{answer[0].upper()}{answer[1:]}."
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
        f"filter's own root mean square (4.0 % of normal weights are). Means over {seeds_text(comparison.seeds)}."
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
