"""Findings summed up: who is ahead, how many pairs can be told apart, and what survives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.comparison.findings import selection_findings
from core.comparison.headline import headline, what_survives
from core.comparison.intervals import t_interval
from core.comparison.methods import as_methods, single_runs
from core.comparison.verdicts import Finding, Pair, Verdict
from tests.core.comparison.test_findings import run, seeds_of


def test_the_headline_names_the_best_with_its_interval():
    pair = as_methods(seeds_of([10, 14, 9, 12, 11], "ln") + seeds_of([12, 10, 11, 13, 9], "bn", first=5))
    text = headline(pair, selection_findings(pair))
    best = t_interval([100 - c / 20 for c in (12, 10, 11, 13, 9)])
    assert text == (
        f"Of LN and BN, **BN** has the highest mean final test accuracy: **99.45 %** over 5 seeds (95 % interval "
        f"{best.low:.2f} to {best.high:.2f}). The test cannot tell BN from LN. That does not show that the methods are "
        "equal."
    )


def test_one_method_and_one_run_are_the_highest_of_nothing():
    [method] = as_methods(seeds_of([10, 14, 9], "ln"))
    interval = t_interval([99.5, 99.3, 99.55])
    assert headline([method], []) == (
        f"Mean final test accuracy of 3 seeds: **LN** with **99.45 %** (95 % interval {interval.low:.2f} to "
        f"{interval.high:.2f})."
    )
    assert headline(single_runs([run(range(10))]), []) == (
        "Final test accuracy: **LN** with **99.50 %** (95 % interval 99.08 to 99.73)."
    )


def test_the_headline_names_the_best_of_single_runs():
    three = single_runs([run(range(10)), run(range(4), "bn"), run(range(9), "gn", groups=4)])
    assert headline(three, []).startswith(
        "Of LN, BN and GN (4), **BN** has the highest final test accuracy: **99.80 %** (95 % interval 99.49 to 99.92). "
    )


def test_nobody_is_ahead_of_an_equal():
    equal = single_runs([run(range(10)), run(range(20, 30), "bn")])
    assert headline(equal, []).startswith("LN and BN have the same final test accuracy: **99.50 %**. ")
    three = single_runs([run(range(10)), run(range(12), "in"), run(range(20, 30), "bn")])
    assert headline(three, []).startswith(
        "Of LN, IN and BN, **LN** and **BN** share the highest final test accuracy: **99.50 %**. "
    )
    # 99.5, 99.3 and 99.3, 99.5: equal means, whatever the rounding of their sums
    means = as_methods([*seeds_of([10, 14], "ln"), *seeds_of([14, 10], "bn")])
    assert headline(means, []).startswith("LN and BN have the same final test accuracy: **99.40 %**. ")


def test_many_methods_are_counted():
    many = single_runs([run(range(10 + seed), seed=seed) for seed in range(7)])
    assert headline(many, []).startswith("Of these 7, **LN, seed 0** has the highest final test accuracy: ")


def test_accuracies_on_different_images_are_not_ranked():
    pair = single_runs([run(range(10)), run(range(4), "bn", validation=True)])
    held_out = replace(pair[1].records[0].predictions, fingerprint="cd" * 32)
    other = single_runs([pair[0].records[0], replace(pair[1].records[0], predictions=held_out)])
    assert headline(other, []).startswith(
        "LN and BN (validation) were tested on different images: which accuracy is the highest does not rank them. "
    )


def test_the_headline_counts_what_is_tested():
    four = as_methods([r for k, norm in enumerate(("ln", "bn", "in", "none")) for r in seeds_of([10, 14], norm, 5 * k)])
    found = selection_findings(four, most=2)[:2]
    assert headline(four, found).endswith(
        " The tests cannot tell any two of them apart. That does not show that the methods are equal. 4 more pairs are "
        "not tested."
    )
    assert " The test cannot tell BN from LN. " in headline(four, found[:1])


def test_the_headline_names_a_run_that_stopped():
    stopped = run(range(10)).changed(status="interrupted")
    stopped = single_runs([stopped.changed(epochs=stopped.epochs[:2])])
    assert headline(stopped, []).endswith(" LN stopped after 2 of 3 epochs.")


def test_a_run_that_goes_on_is_named_and_ahead_of_nobody():
    ahead = run(range(2), "bn").changed(status="running")
    ahead = ahead.changed(epochs=ahead.epochs[:2])
    chosen = single_runs([ahead, run(range(10))])
    text = headline(chosen, selection_findings(chosen))
    assert text == (
        "Final test accuracy: **LN** with **99.50 %** (95 % interval 99.08 to 99.73). BN is still running: it is "
        "drawn, not tested."
    )
    assert headline(chosen[:1], []) == "BN is still running: it is drawn, not tested."
    three = single_runs([ahead, run(range(10)), run(range(40), "gn")])
    text = headline(three, selection_findings(three))
    assert text.startswith("Of LN and GN (4), **LN** has the highest final test accuracy: ")
    assert text.endswith(" above GN (4). BN is still running: it is drawn, not tested.")


def test_a_run_that_diverged_is_named_and_ahead_of_nobody():
    diverged = run(range(2), "bn").changed(status="diverged")
    diverged = diverged.changed(epochs=diverged.epochs[:1])
    assert headline(single_runs([diverged, run(range(10))]), []) == (
        "Final test accuracy: **LN** with **99.50 %** (95 % interval 99.08 to 99.73). BN diverged after 1 of 3 epochs: "
        "it is drawn, not tested."
    )


def test_what_survives_in_a_line():
    def finding(verdict, answer):
        return Finding("?", answer, verdict, "")

    none = [finding("not distinguishable", "A is like B.")] * 4 + [finding("described", "So it was.")]
    assert what_survives(none) == "Of 4 questions that were tested, **none** has an answer that goes beyond chance."
    one = [*none, finding("distinguishable", "A is above C.")]
    assert what_survives(one) == "Of 5 questions that were tested, **1** has an answer that goes beyond chance."
    here = [
        *one,
        finding("distinguishable on these images", "D is above C here."),
        finding("not shown equivalent", "-"),
    ]
    assert what_survives(here) == "Of 7 questions that were tested, **1** has an answer that goes beyond chance."
    assert what_survives([*none, finding("equivalent", "A and B agree.")]).endswith(
        "**1** has an answer that goes beyond chance."
    )
    two = [*one, finding("distinguishable", "B is above C.")]
    assert what_survives(two).endswith("**2** have an answer that goes beyond chance.")


VERDICTS: dict[str, Verdict] = {
    "s": "distinguishable",
    "h": "distinguishable on these images",
    "n": "not distinguishable",
    "e": "equivalent",
    "u": "not shown equivalent",
    "p": "not shown equivalent",
}


def found_of(verdicts):
    """Findings by letter: of A above B by 0.10 points, B above C by 0.20, A above C by 0.30, and so on.

    p: of those that were asked whether they agree, A and B do.
    """
    pairs = iter([Pair("A", "B", 0.1), Pair("B", "C", 0.2), Pair("A", "C", 0.3), Pair("A", "D", 0.4)])
    return [
        Finding("?", "They agree.", VERDICTS[letter], "", agreeing=("A and B",) if letter == "p" else ())
        if letter in "eup"
        else Finding("?", "One is above the other.", VERDICTS[letter], "", next(pairs))
        for letter in verdicts
    ]


SMALL = "Real or not, all means agree within 0.15 points."
NOT_EQUAL = "That does not show that the methods are equal."
HERE = "over other seeds on these test images, but not over other test images as well"


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        ("s", "The test puts A 0.10 points above B. 2 more pairs are not tested."),
        ("n", f"The test cannot tell A from B. {NOT_EQUAL} 2 more pairs are not tested."),
        ("h", f"The test puts A 0.10 points above B {HERE}. 2 more pairs are not tested."),
        ("sn", "The tests put A 0.10 points above B. They cannot tell B from C. 1 more pair is not tested."),
        ("nss", "The tests put B and A 0.20 and 0.30 points above C. They cannot tell A from B."),
        (
            "nsse",
            f"The tests put B and A 0.20 and 0.30 points above C. They cannot tell A from B. {SMALL}",
        ),
        (
            "shn",
            f"The tests put A 0.10 points above B. The tests put B 0.20 points above C {HERE}. "
            "They cannot tell A from C.",
        ),
        ("nnn", f"The tests cannot tell any two of them apart. {NOT_EQUAL}"),
        ("nnnu", f"The tests cannot tell any two of them apart. {NOT_EQUAL}"),
        (
            "nnnp",
            "The tests cannot tell any two of them apart. The tests show only A and B to be less than 0.15 points "
            "apart.",
        ),
        ("snnp", "The tests put A 0.10 points above B. They cannot tell B from C. They cannot tell A from C."),
        (
            "nnne",
            f"The tests cannot tell any two of them apart. {SMALL}",
        ),
        ("ssnn", "2 of 4 pairwise differences can be distinguished from zero."),
        ("nnnn", f"None of the 4 pairwise differences can be distinguished from zero. {NOT_EQUAL}"),
        (
            "nhnn",
            "None of the 4 pairwise differences can be distinguished from zero over other seeds and other test images; "
            "over other seeds on these test images alone, 1 can.",
        ),
        (
            "shnn",
            "1 of 4 pairwise differences can be distinguished from zero over other seeds and other test images; over "
            "other seeds on these test images alone, 1 more can.",
        ),
    ],
)
def test_which_pairs_can_be_told_apart(verdicts, words):
    chosen = as_methods([r for norm in ("ln", "bn", "in") for r in seeds_of([10, 14], norm)])
    said = headline(chosen, found_of(verdicts))
    assert said.split("). " if "). " in said else "**. ")[1] == words
