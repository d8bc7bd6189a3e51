"""The question on the study: of records whose accuracies are known, and of those that ship, tested again by scipy."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from core.comparison.methods import as_methods
from core.comparison.study_findings import FAMILY, declared_family, study_findings
from core.comparison.verdicts import Finding
from core.lesson.study_question import EQUAL, NOT_TOLD_APART, SURE_AND_SMALL, StudyPair, of_the_study, study_pairs
from tests.core.comparison.test_findings import seeds_of
from tests.shipped_study import shipped_family, shipped_pairs

WRONG = {"bn": [50, 52, 51, 50, 53], "gn": [10, 11, 12, 10, 11], "ln": [11, 10, 12, 11, 10]}
"""Of 2,000 images: BN is far behind, and the other two are not."""


@pytest.fixture(scope="module")
def pairs() -> tuple[StudyPair, ...]:
    of = {"bn": {"l1": 1e-4}, "gn": {"groups": 4}, "ln": {}}
    methods = as_methods([run for norm, counts in WRONG.items() for run in seeds_of(counts, norm, **of[norm])])
    return study_pairs(declared_family(methods), study_findings(methods))


def test_a_pair_has_what_its_records_say(pairs):
    assert [(pair.first, pair.second, pair.better) for pair in pairs] == [
        ("BN + L1", "GN (4)", "GN (4)"),
        ("BN + L1", "LN", "LN"),
        ("GN (4)", "LN", None),
    ]
    assert {(pair.dataset, pair.seeds) for pair in pairs} == {("MNIST", 5)}
    # 51.2 and 10.8 of 2,000 images wrong on average
    assert pairs[0].why.startswith("GN (4) ends 2.02 points above BN + L1. ")
    assert "agree" in pairs[0].why.lower()
    assert SURE_AND_SMALL not in pairs[0].why  # the difference is too large for that


def test_the_question_names_both_and_its_answer_is_the_better_one_or_neither(pairs):
    for pair in pairs:
        question = of_the_study([pair], np.random.default_rng(1))
        assert question.text == (
            f"The study in step 7 trained {pair.first} and {pair.second} on MNIST with 5 seeds each. Which of the two "
            "does its significance test, at the 5 % level, find better?"
        )
        assert sorted(question.options) == sorted([pair.first, pair.second, NOT_TOLD_APART, EQUAL])
        assert question.answer == (pair.better or NOT_TOLD_APART)
        assert question.why == pair.why
    asked = {of_the_study(pairs, np.random.default_rng(seed)).text for seed in range(30)}
    assert len(asked) == len(pairs)


def test_what_is_sure_on_these_images_alone_is_not_asked(pairs):
    methods = as_methods([run for norm, counts in WRONG.items() for run in seeds_of(counts, norm)])
    first, second = methods[:2]
    finding = Finding(f"{first.label} or {second.label}?", "", "distinguishable on these images", "")
    assert study_pairs([first, second], [finding]) == ()
    assert study_pairs([], []) == study_pairs(methods, []) == ()


def test_the_shipped_study_is_asked_as_scipy_tests_it():
    family, pairs = shipped_family(), shipped_pairs()
    assert [(pair.first, pair.second) for pair in pairs] == list(combinations(FAMILY, 2))
    accuracies = {
        method.label: [record.epochs[-1].test_accuracy for record in sorted(method.records, key=_seed)]
        for method in family
    }
    tests = [stats.ttest_rel(accuracies[pair.first], accuracies[pair.second]) for pair in pairs]
    # the study asks for other images as well, which here are never less sure than other seeds
    _, ps, *_ = multipletests([test.pvalue for test in tests], method="holm")
    for pair, test, p in zip(pairs, tests, ps, strict=True):
        ahead = pair.first if test.statistic > 0 else pair.second
        assert pair.better == (ahead if p < 0.05 else None)
        assert pair.seeds == len(accuracies[pair.first])
        assert (SURE_AND_SMALL in pair.why) == (pair.better is not None)


def _seed(record) -> int:
    return record.config.seed
