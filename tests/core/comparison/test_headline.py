"""Findings summed up: who is ahead, how many pairs can be told apart, and what survives."""

from __future__ import annotations

import pytest

from core.comparison.findings import Finding, selection_findings
from core.comparison.headline import headline, what_survives
from core.comparison.intervals import t_interval
from core.comparison.methods import as_methods, single_runs
from tests.core.comparison.test_findings import run, seeds_of


def test_the_headline_names_the_best_with_its_interval():
    pair = as_methods(seeds_of([10, 14, 9, 12, 11], "ln") + seeds_of([12, 10, 11, 13, 9], "bn", first=5))
    text = headline(pair, selection_findings(pair))
    best = t_interval([100 - c / 20 for c in (12, 10, 11, 13, 9)])
    assert text == (
        f"Highest mean final test accuracy of 5 seeds: **BN** with **99.45 %** (95 % interval {best.low:.2f} to "
        f"{best.high:.2f}). The difference of the pair is not distinguishable from zero."
    )


def test_the_headline_counts_what_is_tested():
    four = as_methods([r for k, norm in enumerate(("ln", "bn", "in", "none")) for r in seeds_of([10, 14], norm, 5 * k)])
    found = selection_findings(four, most=2)
    assert headline(four, found).endswith(
        " None of the 2 pairwise differences can be distinguished from zero. That does not show that the methods are "
        "equal. 4 more pairs are not tested."
    )
    assert " The one pairwise difference that is tested cannot be" in headline(four, found[:1])


def test_the_headline_names_a_run_that_stopped():
    stopped = run(range(10)).changed(status="interrupted")
    stopped = single_runs([stopped.changed(epochs=stopped.epochs[:2])])
    assert headline(stopped, []).endswith(" It stopped after 2 of 3 epochs.")


def test_what_survives_in_a_line():
    def finding(verdict, answer):
        return Finding("?", answer, verdict, "")

    none = [finding("not distinguishable", "A is like B.")] * 4 + [finding("described", "So it was.")]
    assert what_survives(none) == "Of 4 questions that were tested, **none** has an answer that survives."
    one = [*none, finding("distinguishable", "A is above C.")]
    assert what_survives(one) == "Of 5 questions that were tested, **1** has an answer that survives: A is above C."
    two = [*one, finding("distinguishable", "B is above C.")]
    assert what_survives(two).endswith("**2** have answers that survive: A is above C. B is above C.")


@pytest.mark.parametrize(
    ("verdicts", "methods", "words"),
    [
        ("s", 2, "The difference of the pair is distinguishable from zero."),
        (
            "s",
            3,
            "The one pairwise difference that is tested can be distinguished from zero. 2 more pairs are not tested.",
        ),
        ("sn", 3, "1 of 2 pairwise differences can be distinguished from zero. 1 more pair is not tested."),
        ("ssn", 3, "2 of 3 pairwise differences can be distinguished from zero."),
        (
            "nnn",
            3,
            "None of the 3 pairwise differences can be distinguished from zero. That does not show that the methods "
            "are equal.",
        ),
    ],
)
def test_how_many_pairs_can_be_told_apart(verdicts, methods, words):
    chosen = as_methods([r for norm in ("ln", "bn", "in")[:methods] for r in seeds_of([10, 14], norm)])
    verdict_of = {"s": "distinguishable", "n": "not distinguishable"}
    found = [Finding("?", "", verdict_of[letter], "") for letter in verdicts]
    assert headline(chosen, found).split("). ")[1] == words
