"""The study's questions, answered from records whose answers are known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scipy import stats

from core.comparison import sentences, study_findings
from core.comparison.findings import selection_findings
from core.comparison.methods import Method, as_methods
from core.config import preset
from tests.core.comparison.test_findings import run, seeds_of


@pytest.fixture
def study() -> list[Method]:
    """The study at small scale: BN + L1 starts higher and bumps, GN + L1 costs 40 images, the others are noise."""
    assignment = {config.label: config for config in preset("assignment", epochs=5)}
    smooth, rough = (0.5, 0.4, 0.3, 0.2, 0.1), (0.9, 0.2, 0.4, 0.2, 0.1)
    noise = {"BN + L1": [12, 10, 11, 13, 9], "GN (4)": [10, 14, 9, 12, 11], "LN": [11, 11, 13, 9, 13]}
    records = []
    for seed in range(5):
        jitter = 1 + 0.01 * seed
        for place, (label, config) in enumerate(assignment.items()):
            losses = [jitter * loss for loss in (rough if label == "BN + L1" else smooth)]
            start = 5 * place
            records.append(
                run(range(start, start + noise[label][seed]), config.norm, seed, losses=losses, l1=config.l1)
            )
        records.append(run(range(50 + seed), "gn", seed, losses=smooth, l1=1e-4, scale=0.1))
    return as_methods(records)


def test_the_study_answers_its_questions(study):
    found = {finding.question: finding for finding in study_findings.study_findings(study)}
    agreement = found["Do BN + L1, GN (4) and LN agree within 0.15 points?"]
    assert agreement.verdict == "not shown equivalent"
    assert "(Holm-adjusted for 3 tests). The margin was set before" in agreement.evidence
    for pair in ("BN + L1 or GN (4)?", "BN + L1 or LN?", "GN (4) or LN?"):
        assert found[pair].verdict == "not distinguishable"
        assert "Holm-adjusted for 3 tests" in found[pair].evidence
    start = found["Does the test loss of BN + L1 start higher, as published solutions say?"]
    assert start.answer == "Yes: BN + L1 starts higher than GN (4) and LN."
    assert "BN + L1 0.9180, GN (4) 0.5100 nats (5 seeds)" in start.evidence
    adjusted = "(Holm-adjusted for 2 tests; the intervals and the sign-flip p are not adjusted)"
    assert f"p < 0.001, exact sign-flip p = 0.0625, the least that 5 pairs allow {adjusted}" in start.evidence
    assert start.evidence.endswith(
        "Over seeds, on these test images. The t test takes the differences for normal, the sign-flip test only for "
        "symmetric."
    )
    rough = found["Do the first epochs of BN + L1 fluctuate more, as published solutions say?"]
    assert rough.answer == "Yes: BN + L1 fluctuates more than GN (4) and LN."
    assert "BN + L1 0.2040, GN (4) 0.0000 nats" in rough.evidence
    alike = found["Is it the norm that fluctuates more, with equal penalties on both sides?"]
    assert alike.answer == "Yes: BN + L1 fluctuates more than GN (4) + L1."
    assert alike.evidence.endswith("This question was not declared in advance.")
    cost = found["What does L1 0.0001 cost under GN (4)?"]
    assert cost.verdict == "distinguishable"
    assert cost.answer == "2.04 points (5 seeds)."
    weights = found["What does L1 do to the weights under GN (4)?"]
    assert weights.answer.startswith("It shrinks the convolutions' weights to 10 % of their size")
    assert (
        "it brings 25.0 % of them near zero, below 5 % of their filter's RMS (25.0 % without L1), does."
        in weights.answer
    )
    assert "below 5 % of the filter's own root mean square (4.0 % of normal weights are)" in weights.evidence


def test_the_study_beside_what_was_published(study, monkeypatch):
    assert not [f for f in study_findings.study_findings(study) if f.question == sentences.AS_PUBLISHED]  # other epochs
    monkeypatch.setattr(study_findings, "PUBLISHED_EPOCHS", 5)
    [finding] = [f for f in study_findings.study_findings(study) if f.question == sentences.AS_PUBLISHED]
    assert finding.answer == (
        "No: the order is another. A published solution of the exercise that this app grew from, one seed: GN (4) "
        "99.52, BN + L1 99.48, LN 99.46. Here, means: BN + L1 99.45, GN (4) 99.44, LN 99.43; no two of them differ "
        "beyond chance."
    )
    assert "span 0.06 points; the seeds of one method here span up to 0.25" in finding.evidence


@pytest.mark.parametrize(
    ("wrong", "order", "sure"),
    [
        (
            {"GN (4)": 10, "BN + L1": 11, "LN": 12},
            "Yes: the order is the same.",
            "no two of them differ beyond chance.",
        ),
        ({"GN (4)": 10, "BN + L1": 50, "LN": 90}, "Yes: the order is the same.", "at least two of them differ"),
        ({"GN (4)": 90, "BN + L1": 50, "LN": 10}, "No: the order is another.", "at least two of them differ"),
    ],
)
def test_the_order_beside_the_published_one(wrong, order, sure, monkeypatch):
    monkeypatch.setattr(study_findings, "PUBLISHED_EPOCHS", 3)
    records = []
    for config in preset("assignment", epochs=3):
        # seeds that all differ by the same are no evidence for the t test
        counts = [wrong[config.label] + (seed % 2 if config.norm == "bn" else 0) for seed in range(5)]
        records += seeds_of(counts, config.norm, l1=config.l1, groups=config.groups)
    [finding] = [f for f in study_findings.study_findings(as_methods(records)) if f.question == sentences.AS_PUBLISHED]
    assert finding.answer.startswith(order)
    assert f"; {sure}" in finding.answer
    assert finding.evidence == "The published values span 0.06 points; the seeds of one method here span up to 0.05."


def test_without_the_assignment_the_study_says_nothing():
    assert study_findings.study_findings(as_methods(seeds_of([10, 11], "ln"))) == []
    assert study_findings.study_findings([]) == []


def test_the_p_values_of_losses_are_corrected_together():
    """By themselves 0.03 and 0.04; after Holm the smaller is doubled, and the other cannot be below it."""
    spread = [-(1.6**0.5), -(0.4**0.5), 0.0, 0.4**0.5, 1.6**0.5]  # of mean 0 and standard deviation 1
    gaps = {"BN + L1": [0.0] * 5}
    for label, p in (("GN (4)", 0.03), ("LN", 0.04)):
        t = float(stats.t.isf(p / 2, df=4))
        gaps[label] = [0.01 * (t / 5**0.5 + part) for part in spread]
    records = [
        run(range(10), config.norm, seed, losses=[1 - gaps[config.label][seed], 0.4, 0.3, 0.2, 0.1], l1=config.l1)
        for config in preset("assignment", epochs=5)
        for seed in range(5)
    ]
    found = {finding.question: finding for finding in study_findings.study_findings(as_methods(records))}
    start = found["Does the test loss of BN + L1 start higher, as published solutions say?"]
    assert start.verdict == "not distinguishable"
    assert start.answer == (
        "Not shown: on average BN + L1 starts higher than GN (4) and LN, but chance may explain that."
    )
    assert start.evidence.count("p = 0.060, exact") == 2


def test_a_direction_without_a_difference_is_said(study):
    """GN's first test loss lies on both sides of BN's, a little above in the mean."""
    bn, gn, ln = study_findings.declared_family(study)
    losses = [0.9, 0.7, 1.1, 0.8, 1.2]
    moved = [
        record.changed(epochs=(replace(record.epochs[0], test_loss=loss), *record.epochs[1:]))
        for record, loss in zip(gn.records, losses, strict=True)
    ]
    found = study_findings.study_findings([bn, Method(gn.label, tuple(moved)), ln])
    [start] = [
        finding
        for finding in found
        if finding.question == "Does the test loss of BN + L1 start higher, as published solutions say?"
    ]
    assert start.answer == (
        "In part: BN + L1 starts higher than LN. On average GN (4) starts higher than BN + L1, but chance may explain "
        "that."
    )


def test_what_starts_lower_everywhere_is_a_no(study):
    bn, gn, ln = study_findings.declared_family(study)
    low = [r.changed(epochs=(replace(r.epochs[0], test_loss=0.1), *r.epochs[1:])) for r in bn.records]
    [start] = [
        f for f in study_findings.study_findings([Method(bn.label, tuple(low)), gn, ln]) if "start" in f.question
    ]
    assert start.answer == "No: GN (4) and LN start higher than BN + L1."


def test_methods_without_common_seeds_are_no_family(study):
    bn, gn, ln = study_findings.declared_family(study)
    later = [r.changed(config=replace(r.config, seed=r.config.seed + 5)) for r in ln.records]
    assert study_findings.study_findings([bn, gn, Method(ln.label, tuple(later))]) == []


def test_unequal_seeds_are_compared_on_the_common_ones(study):
    bn, gn, ln = study_findings.declared_family(study)
    found = study_findings.study_findings([bn, Method(gn.label, gn.records[:2]), ln])
    [start] = [
        f for f in found if f.question == "Does the test loss of BN + L1 start higher, as published solutions say?"
    ]
    # 0.9 and 0.5 times 1 and 1.01
    assert "BN + L1 0.9045, GN (4) 0.5025 nats (2 seeds)" in start.evidence


def test_two_penalties_are_one_family(study):
    plain = as_methods([*seeds_of([12, 14, 11, 13, 10], "bn", epochs=5, losses=(0.5, 0.4, 0.3, 0.2, 0.1))])
    found = {f.question: f for f in study_findings.study_findings([*study, *plain])}
    costs = [found[f"What does L1 0.0001 cost under {label}?"] for label in ("BN", "GN (4)")]
    adjusted = "(Holm-adjusted for 2 tests; the intervals and the sign-flip p are not adjusted)"
    assert all(adjusted in cost.evidence for cost in costs)


def test_the_family_needs_all_three_methods(study):
    assert [method.label for method in study_findings.declared_family(study)] == ["BN + L1", "GN (4)", "LN"]
    assert study_findings.declared_family(study[:2]) == []


def test_what_the_study_does_not_speak_of_is_not_needed(study):
    losses = (0.5, 0.4, 0.3, 0.2, 0.1)
    others = [record for norm in ("in", "bn") for record in seeds_of([12, 14, 11], norm, losses=losses)]
    every = [*study, *as_methods(others)]
    needed = study_findings.study_methods(every)
    assert [method.label for method in needed] == ["BN + L1", "GN (4)", "LN", "GN (4) + L1", "BN"]
    assert study_findings.study_findings(needed) == study_findings.study_findings(every)
    assert study_findings.study_methods(every[1:]) == []


def test_it_begins_with_what_is_said_of_the_three_alone(study):
    family = study_findings.declared_family(study)
    assert study_findings.study_findings(study)[:4] == selection_findings(family)
