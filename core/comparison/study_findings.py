"""What the study says: the questions that were declared before it ran, answered from its records."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from core.comparison import sentences
from core.comparison.findings import SIGNIFICANCE, Comparison, accuracy_finding, agreement_findings, compare
from core.comparison.intervals import holm, paired_test
from core.comparison.methods import Method, MethodOf, R, WholeMethod, method_id, roughness
from core.comparison.pairs import comparable, equal_terms
from core.comparison.sparsity import NORMAL_SHARE, THRESHOLD, convolutions, sparsity
from core.comparison.verdicts import Finding
from core.config import OF_THE_METHOD, PresetName, RunConfig, preset, terms
from core.labels import listed
from core.records.record import Run

FAMILY = ("BN + L1", "GN (4)", "LN")
"""The assignment's variants: their three pairs are the family of tests that was declared before any run."""

PUBLISHED = {"GN (4)": 99.52, "LN": 99.46, "BN + L1": 99.48}
"""Test accuracy in percent from a published solution of the exercise, one seed."""
PUBLISHED_EPOCHS = 20


def _of(methods: Sequence[MethodOf[R]], config: RunConfig) -> MethodOf[R] | None:
    wanted = method_id(config)
    return next((m for m in methods if method_id(m.config) == wanted and len(m.records) >= 2), None)


def _shared(methods: Sequence[Method]) -> dict[str, object] | None:
    """What the methods of the study have in common: the terms of the BN + L1 with the most seeds.

    One of the current recipe goes before all of former ones.
    """
    bases = [m for m in methods if _is_of(preset("assignment")[0], m.config) and len(m.records) >= 2]
    return terms(max(bases, key=lambda m: (m.config.recipe, len(m.records))).config) if bases else None


def _is_of(method: RunConfig, config: RunConfig) -> bool:
    """Whether ``config`` has this norm and these penalties and is tested on the test set, whatever its other terms."""
    return not config.validation and all(getattr(config, name) == getattr(method, name) for name in OF_THE_METHOD)


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
    """What the study says, of the questions declared before it ran; empty without the assignment's methods.

    First the pairs of the assignment's methods and whether they agree, as ``selection_findings`` has them.
    """
    family, session6 = declared_family(methods), _present("session6", methods)
    if not family:
        return []
    pairs = compare(_comparable(combinations(family, 2)))
    found = [*map(accuracy_finding, pairs), *agreement_findings(pairs)]
    sure = any(comparison.verdict == "distinguishable" for comparison in pairs)
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
    start = _LossQuestion(
        question=sentences.STARTS_HIGHER.format(bn=bn.label),
        of=lambda record: record.epochs[0].test_loss,
        one=sentences.ONE_STARTS_HIGHER,
        several=sentences.SEVERAL_START_HIGHER,
        evidence=sentences.START_EVIDENCE,
    )
    rough = _LossQuestion(
        question=sentences.FLUCTUATES.format(bn=bn.label),
        of=lambda record: roughness(record.epochs),
        one=sentences.ONE_FLUCTUATES_MORE,
        several=sentences.SEVERAL_FLUCTUATE_MORE,
        evidence=sentences.ROUGHNESS_EVIDENCE,
    )
    the_norm = replace(rough, question=sentences.IS_IT_THE_NORM, evidence=sentences.ROUGHNESS_EVIDENCE_UNDECLARED)
    found = [_loss_finding(start, declared), _loss_finding(rough, declared)]
    return [*found, _loss_finding(the_norm, equal)] if equal else found


@dataclass(frozen=True)
class _LossQuestion:
    """A question about a number that each run's test losses give, nats.

    of: the number.  one, several: the sentence of one, or of several, whose number is higher.  evidence: the sentence
    about all pairs.
    """

    question: str
    of: Callable[[Run], float]
    one: str
    several: str
    evidence: str


def _loss_finding(asked: _LossQuestion, pairs: Sequence[tuple[Method, Method]]) -> Finding:
    """Paired t tests of the number that is asked for: one family, the pairs in turn."""
    sides = [_by_common_seed(pair, asked.of) for pair in pairs]
    tests = [paired_test(*side) for side in sides]
    ps = holm([test.p for test in tests])
    sure: list[tuple[str, str, float]] = []
    unsure: list[tuple[str, str, float]] = []
    evidence = []
    for pair, side, test, p in zip(pairs, sides, tests, ps, strict=True):
        first, second = (method.label for method in pair)
        means = [statistics.mean(values) for values in side]
        (sure if p < SIGNIFICANCE else unsure).append((first, second, means[0] - means[1]))
        evidence.append(
            sentences.LOSS_PAIR.format(
                first=first,
                first_mean=means[0],
                second=second,
                second_mean=means[1],
                seeds=test.pairs,
                interval=sentences.interval_text(test.difference, 4),
                p=sentences.probability_text(p),
                flip_p=sentences.flip_text(test),
            )
        )
    return Finding(
        asked.question,
        _loss_answer(asked, sure, unsure),
        "distinguishable" if sure else "not distinguishable",
        asked.evidence.format(pairs=sentences.of_family("; ".join(evidence), len(tests))),
    )


def _loss_answer(
    asked: _LossQuestion, sure: Sequence[tuple[str, str, float]], unsure: Sequence[tuple[str, str, float]]
) -> str:
    """Yes or no, and of which methods; pairs are two labels and the first one's number minus the second one's."""
    if not sure:
        return sentences.NOT_SHOWN.format(pairs=_who_is_higher(asked, unsure))
    higher = {difference > 0 for *_, difference in sure}
    if unsure or len(higher) > 1:
        template = sentences.SOME_OF_THEM
    else:
        template = sentences.ALL_OF_THEM if higher == {True} else sentences.NONE_OF_THEM
    answers = [template.format(pairs=_who_is_higher(asked, sure))]
    if unsure:
        answers.append(sentences.THE_OTHERS_NOT_SHOWN.format(pairs=_who_is_higher(asked, unsure)))
    return " ".join(answers)


def _who_is_higher(asked: _LossQuestion, pairs: Sequence[tuple[str, str, float]]) -> str:
    """Which of each pair is higher: those above one and the same together, else each with all that it is above."""
    equal = [sentences.BOTH_ARE_EQUAL.format(first=first, second=second) for first, second, gap in pairs if not gap]
    ordered = [(first, second) if gap > 0 else (second, first) for first, second, gap in pairs if gap]
    lower = {less for _, less in ordered}
    if len(lower) == 1 and len(ordered) > 1:
        return ", and ".join(
            [asked.several.format(more=listed([more for more, _ in ordered]), less=lower.pop()), *equal]
        )
    below: dict[str, list[str]] = {}
    for more, less in ordered:
        below.setdefault(more, []).append(less)
    return ", and ".join([*(asked.one.format(more=more, less=listed(each)) for more, each in below.items()), *equal])


def _by_common_seed(pair: tuple[Method, Method], of: Callable[[Run], float]) -> list[list[float]]:
    seeds = set(pair[0].seeds) & set(pair[1].seeds)
    return [[of(record) for record in method.records if record.config.seed in seeds] for method in pair]


def _penalty(comparison: Comparison) -> list[Finding]:
    """What L1 costs in accuracy under a norm, and what it does to the weights."""
    penalized, plain = comparison.first, comparison.second
    cost = replace(
        accuracy_finding(comparison),
        question=sentences.COST_OF_L1.format(l1=penalized.config.l1, norm=plain.label),
        answer=_cost_of_l1(comparison),
    )
    runs = [
        [sparsity(convolutions(r.weights)) for r in m.records if r.config.seed in comparison.seeds]
        for m in (penalized, plain)
    ]
    share = [statistics.mean(sparsity.share for sparsity in side) for side in runs]
    size = [statistics.mean(sparsity.rms for sparsity in side) for side in runs]
    answer = sentences.L1_SHRINKS.format(
        size=100 * size[0] / size[1], near_zero=share[0], threshold=100 * THRESHOLD, near_zero_without=share[1]
    )
    evidence = sentences.L1_EVIDENCE.format(
        rms=size[0],
        rms_without=size[1],
        threshold=100 * THRESHOLD,
        normal=100 * NORMAL_SHARE,
        seeds=sentences.seeds_text(comparison.seeds),
    )
    return [cost, Finding(sentences.EFFECT_OF_L1.format(norm=plain.label), answer, "described", evidence)]


def _cost_of_l1(comparison: Comparison) -> str:
    """The points that the first of two, which has L1, ends below the second, which has none; or that it is nothing."""
    gained = comparison.test.difference.value
    if comparison.verdict == "distinguishable on these images":
        return accuracy_finding(comparison).answer
    if comparison.verdict == "distinguishable":
        template = sentences.L1_GAINS if gained > 0 else sentences.L1_COSTS
    else:
        template = sentences.L1_GAIN_NOT_SHOWN if gained > 0 else sentences.L1_COST_NOT_SHOWN
    return template.format(points=abs(gained), pairs=comparison.test.pairs)


def _published(family: Sequence[Method], *, sure: bool) -> list[Finding]:
    """The ranking of the published solution beside that of the means here; nothing for another exercise."""
    config = family[0].config
    if (config.dataset, config.epochs, config.validation) != ("mnist", PUBLISHED_EPOCHS, False):
        return []
    means = {label: statistics.mean(method.accuracies) for label, method in zip(FAMILY, family, strict=True)}
    same = _ranking(means) == _ranking(PUBLISHED)
    if same:
        answer = sentences.SAME_ORDER_SURE if sure else sentences.SAME_ORDER_NOT_SURE
    else:
        answer = sentences.OTHER_ORDER_SURE if sure else sentences.OTHER_ORDER_NOT_SURE
    here = {method.config.label: mean for method, mean in zip(family, means.values(), strict=True)}
    spread = max(max(m.accuracies) - min(m.accuracies) for m in family)
    gap = max(PUBLISHED.values()) - min(PUBLISHED.values())
    evidence = sentences.SEEDS_SPAN_AS_MUCH if spread >= gap else sentences.SEEDS_SPAN_LESS
    return [
        Finding(
            sentences.AS_PUBLISHED,
            answer.format(published=_in_ranking(PUBLISHED), here=_in_ranking(here)),
            "described",
            evidence.format(published=gap, here=spread),
        )
    ]


def _ranking(accuracies: Mapping[str, float]) -> list[str]:
    """The methods, the highest first."""
    return sorted(accuracies, key=lambda label: -accuracies[label])


def _in_ranking(accuracies: Mapping[str, float]) -> str:
    return ", ".join(
        sentences.METHOD_WITH_ACCURACY.format(method=label, accuracy=accuracies[label])
        for label in _ranking(accuracies)
    )
