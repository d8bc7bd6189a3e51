"""What the study says: the questions that were declared before it ran, answered from its records."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import combinations

from core.comparison.findings import (
    SIGNIFICANCE,
    Comparison,
    Finding,
    Verdict,
    accuracy_finding,
    comparable,
    compare,
    equal_terms,
    holm_text,
    interval_text,
    probability_text,
    seeds_text,
)
from core.comparison.intervals import holm, paired_test
from core.comparison.methods import Method, MethodOf, R, WholeMethod, method_id, roughness
from core.comparison.sparsity import NORMAL_SHARE, THRESHOLD, convolutions, sparsity
from core.config import PresetName, RunConfig, preset
from core.records.record import Run

FAMILY = ("BN + L1", "GN (4)", "LN")
"""The assignment's variants: their three pairs are the family of tests that was declared before any run."""

PUBLISHED = {"GN (4)": 99.52, "LN": 99.46, "BN + L1": 99.48}
"""Test accuracy in percent of published solutions of the same exercise, one seed each."""
PUBLISHED_EPOCHS = 20


def _of(methods: Sequence[MethodOf[R]], config: RunConfig) -> MethodOf[R] | None:
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


def declared_family(methods: Sequence[MethodOf[R]]) -> list[MethodOf[R]]:
    """The assignment's three methods among ``methods``, trained on equal terms; empty where one is missing."""
    family = _present("assignment", methods)
    equal = len(family) == len(FAMILY) and all(equal_terms(*pair) for pair in combinations(family, 2))
    return family if equal else []


def _present(name: PresetName, methods: Sequence[MethodOf[R]]) -> list[MethodOf[R]]:
    shared = _shared(methods)
    found = [_of(methods, config) for config in preset(name, **shared)] if shared else []
    return [method for method in found if method is not None]


def study_methods(methods: Sequence[MethodOf[R]]) -> list[MethodOf[R]]:
    """Those of ``methods`` that ``study_findings`` speaks of: of no other are the records needed."""
    family, session6 = declared_family(methods), _present("session6", methods)
    if not family:
        return []
    bn, gn, _ = family
    alike = _of(methods, replace(gn.config, l1=bn.config.l1))
    spoken_of = [*family, *session6, *(plain for _, plain in _without_l1([*family, *session6], methods)), alike]
    return [method for method in methods if any(method is other for other in spoken_of)]


def _without_l1(bases: Sequence[MethodOf[R]], methods: Sequence[MethodOf[R]]) -> list[tuple[MethodOf[R], MethodOf[R]]]:
    """Each of ``bases`` that has L1 and no L2, with the method that differs from it in this alone."""
    return [
        (base, plain)
        for base in bases
        if base.config.l1 and not base.config.l2 and (plain := _of(methods, replace(base.config, l1=0.0)))
    ]


def study_findings(methods: Sequence[WholeMethod]) -> list[Finding]:
    """What the study says, of the questions declared before it ran; empty without the assignment's methods."""
    family, session6 = declared_family(methods), _present("session6", methods)
    if not family:
        return []
    pairs = compare(_comparable(combinations(family, 2)))
    found = [accuracy_finding(comparison) for comparison in pairs]
    sure = any(comparison.distinguishable for comparison in pairs)
    found += [*_first_epochs(family, methods), *_published(family, sure=sure)]
    for comparison in compare(_comparable(_without_l1([*family, *session6], methods))):
        found += _penalty(comparison)
    return found + [accuracy_finding(c) for c in compare(_comparable(combinations(session6, 2)))]


def _comparable(pairs: Iterable[tuple[WholeMethod, WholeMethod]]) -> list[tuple[WholeMethod, WholeMethod]]:
    return [pair for pair in pairs if comparable(*pair)]


def _first_epochs(family: Sequence[Method], methods: Sequence[Method]) -> list[Finding]:
    """Whether BN's test loss starts higher and fluctuates more in its first five epochs, and whether that is BN."""
    bn, gn, ln = family
    declared = [(bn, gn), (bn, ln)]
    plain = _of(methods, replace(bn.config, l1=0.0))
    alike = [(bn, _of(methods, replace(gn.config, l1=bn.config.l1))), (plain, gn), (plain, ln)]
    equal = [(one, other) for one, other in alike if one and other and equal_terms(one, other)]

    def rises(record: Run) -> float:
        return roughness(record.epochs)

    what = "the sum of all rises of the test loss in the first five epochs"
    found = [
        _loss_finding(
            f"Does the test loss of {bn.label} start higher?",
            "the test loss after the first epoch",
            lambda record: record.epochs[0].test_loss,
            "starts higher",
            declared,
        ),
        _loss_finding(f"Do the first epochs of {bn.label} fluctuate more?", what, rises, "fluctuates more", declared),
    ]
    if equal:
        asked = "Is it the norm that fluctuates more, with equal penalties on both sides?"
        late = " This question was not declared in advance."
        found.append(_loss_finding(asked, what, rises, "fluctuates more", equal, late))
    return found


def _loss_finding(
    question: str,
    what: str,
    of: Callable[[Run], float],
    verb: str,
    pairs: Sequence[tuple[Method, Method]],
    note: str = "",
) -> Finding:
    """Paired t tests of a number that each run's test losses give, nats: one family, the pairs in turn."""
    sides = []
    for pair in pairs:
        seeds = set(pair[0].seeds) & set(pair[1].seeds)
        sides.append([[of(r) for r in method.records if r.config.seed in seeds] for method in pair])
    tests = [paired_test(*side) for side in sides]
    ps = holm([test.p for test in tests])
    sure, unsure, evidence = [], [], []
    for (first, second), side, test, p in zip(pairs, sides, tests, ps, strict=True):
        means = [statistics.mean(values) for values in side]
        if p < SIGNIFICANCE:
            more, less = (first, second) if test.difference.value > 0 else (second, first)
            sure.append(f"{more.label} {verb} than {less.label}")
        else:
            order = "equal to" if means[0] == means[1] else "higher than" if means[0] > means[1] else "lower than"
            unsure.append(f"{first.label} is {order} {second.label}")
        evidence.append(
            f"{first.label} {means[0]:.4f}, {second.label} {means[1]:.4f} nats ({test.pairs} seeds), 95 % t interval "
            f"of the difference {interval_text(test.difference, 4)}, {probability_text(p)}"
        )
    verdict: Verdict = "distinguishable" if min(ps) < SIGNIFICANCE else "not distinguishable"
    parts = [f"{'; '.join(sure)}."] if sure else []
    parts += [f"Not distinguishable: {', '.join(unsure)} on average."] if unsure else []
    return Finding(
        question,
        " ".join(parts),
        verdict,
        f"{what[0].upper()}{what[1:]}, paired by seed: {'; '.join(evidence)}{holm_text(len(tests))}. "
        f"Over seeds, on these test images.{note}",
    )


def _penalty(comparison: Comparison) -> list[Finding]:
    """What L1 costs in accuracy under a norm, and what it does to the weights."""
    penalized, plain = comparison.first, comparison.second
    cost = accuracy_finding(comparison)
    cost = replace(cost, question=f"What does L1 {penalized.config.l1:g} cost under {plain.label}?")
    runs = [
        [sparsity(convolutions(r.weights)) for r in m.records if r.config.seed in comparison.seeds]
        for m in (penalized, plain)
    ]
    share, size = ([statistics.mean(getattr(s, name) for s in side) for side in runs] for name in ("share", "rms"))
    answer = (
        f"It brings the convolutions' weights to {100 * size[0] / size[1]:.0f} % of their size, which the norm behind "
        f"them mostly undoes; relative to their filter {share[0]:.1f} % of them are near zero, {share[1]:.1f} % "
        "without it."
    )
    evidence = (
        f"Root mean square {size[0]:.4f} against {size[1]:.4f}; near zero: below {100 * THRESHOLD:g} % of the filter's "
        f"own root mean square ({100 * NORMAL_SHARE:.1f} % of normal weights are). Means over "
        f"{seeds_text(comparison.seeds)}."
    )
    return [cost, Finding(f"What does L1 do to the weights under {plain.label}?", answer, "described", evidence)]


def _published(family: Sequence[Method], *, sure: bool) -> list[Finding]:
    """The ranking of the published solutions beside that of the means here; nothing for another exercise."""
    config = family[0].config
    if (config.dataset, config.epochs, config.validation) != ("mnist", PUBLISHED_EPOCHS, False):
        return []
    labels = [label for label, _ in sorted(PUBLISHED.items(), key=lambda item: -item[1])]
    by_label = dict(zip(FAMILY, family, strict=True))
    here = sorted(FAMILY, key=lambda label: -statistics.mean(by_label[label].accuracies))
    same = "the same order" if here == labels else "another order"
    answer = (
        f"Published, one seed each: {', '.join(f'{label} {PUBLISHED[label]:.2f}' for label in labels)}. Here, means: "
        f"{', '.join(f'{label} {statistics.mean(by_label[label].accuracies):.2f}' for label in here)}: {same}, "
        f"{'with a difference that survives' if sure else 'and no difference that survives'}."
    )
    spread = max(max(m.accuracies) - min(m.accuracies) for m in family)
    gap = max(PUBLISHED.values()) - min(PUBLISHED.values())
    evidence = f"The published values span {gap:.2f} points; the seeds of one method here span up to {spread:.2f}"
    evidence += ", so one seed cannot order them." if spread >= gap else "."
    return [Finding("Does this agree with what was published?", answer, "described", evidence)]
