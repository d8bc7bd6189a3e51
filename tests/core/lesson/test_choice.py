"""What one seed of the study says and what all of them say, from records whose accuracies are known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scipy import stats

from core.comparison.findings import selection_findings
from core.comparison.methods import Method, as_methods
from core.comparison.study_findings import declared_family, study_findings
from core.comparison.verdicts import Finding, Pair, Verdict
from core.lesson.choice import (
    accuracies_figure,
    all_seeds,
    between,
    common_seeds,
    effect_of_l1,
    norms_alone,
    one_seed,
    order,
)
from core.lesson.situations import SITUATIONS
from core.lesson.study_errors import study_in_words
from tests.core.comparison.test_findings import run, seeds_of
from tests.toy_tables import set_size_table

WRONG = {"bn": [12, 10, 11, 13, 9], "gn": [10, 14, 9, 13, 11], "ln": [11, 11, 13, 9, 13]}
"""Of 2,000 images, so that one image is 0.05 points."""


@pytest.fixture(scope="module")
def methods() -> list[Method]:
    of = {"bn": {"l1": 1e-4}, "gn": {"groups": 4}, "ln": {}}
    runs = [run for norm, counts in WRONG.items() for run in seeds_of(counts, norm, **of[norm])]
    plain = [run(range(count), "bn", seed, scale=4.0) for seed, count in enumerate(WRONG["bn"])]
    return as_methods(runs + plain)


@pytest.fixture(scope="module")
def family(methods) -> list[Method]:
    return declared_family(methods)


def test_each_seed_has_its_own_order(family):
    assert [method.label for method in family] == ["BN + L1", "GN (4)", "LN"]
    assert common_seeds(family) == (0, 1, 2, 3, 4)
    assert [order(family, seed) for seed in range(5)] == [
        (("GN (4)",), ("LN",), ("BN + L1",)),
        (("BN + L1",), ("LN",), ("GN (4)",)),
        (("GN (4)",), ("BN + L1",), ("LN",)),
        (("LN",), ("BN + L1", "GN (4)")),
        (("BN + L1",), ("GN (4)",), ("LN",)),
    ]
    assert one_seed(family, 0) == "Seed 0 alone says: **GN (4) 99.50 > LN 99.45 > BN + L1 99.40**."
    assert one_seed(family, 3) == "Seed 3 alone says: **LN 99.55 > BN + L1 99.35 = GN (4) 99.35**."


def test_seeds_that_one_method_lacks_are_left_out(family):
    short = as_methods([*family[0].records, *family[1].records[1:3]])
    assert common_seeds(short) == (1, 2)
    assert common_seeds([]) == ()


def test_together_they_say_what_the_study_finds(family, methods):
    found = study_findings(methods)
    said = all_seeds(family, found)
    assert found[3].verdict == "not shown equivalent"
    assert said == (
        "Alone, these 5 seeds give **5 different orders**. The tests cannot tell any two of them apart. That does not "
        "show that the methods are equal."
    )
    pairs = [replace(finding, verdict="distinguishable") for finding in found[:3]]
    small = replace(found[3], verdict="equivalent", answer="They agree.")
    assert all_seeds(family, [*pairs, small]).endswith(" Real or not, all means agree within 0.15 points.")
    assert all_seeds(family, found, "None is above another.").startswith("**None is above another.** Alone, these")
    equal = as_methods(seeds_of([9, 9], "ln") + seeds_of([10, 10], "bn"))
    assert all_seeds(equal, []) == "Alone, each of these 2 seeds gives the same order."


def test_the_norms_alone_are_told_with_who_has_fewer_seeds(methods):
    plain = sorted((method for method in methods if not method.config.l1), key=lambda method: method.label)
    found = selection_findings(plain)
    assert [(method.label, len(method.seeds)) for method in plain] == [("BN", 5), ("GN (4)", 5), ("LN", 5)]
    equal = "That does not show that the methods are equal."
    assert (
        norms_alone(plain, found) == f"Without penalties the tests put none of BN, GN (4) and LN above another. {equal}"
    )
    fewer = as_methods(plain[0].records[:3])
    assert (
        norms_alone([*fewer, *plain[1:]], found)
        == f"Without penalties the tests put none of BN (3 seeds), GN (4) and LN above another. {equal}"
    )
    sure, pair = [replace(found[0], verdict="distinguishable"), *found[1:]], found[0].pair
    said = f"the tests put {pair.better} {pair.points:.2f} points above {pair.worse}."
    assert norms_alone(plain, sure).startswith(f"Without penalties, BN, GN (4) and LN: {said}")
    assert norms_alone(plain, []) == ""


def _pair(worse: str, better: str, verdict: Verdict) -> Finding:
    return Finding("", "", verdict, "", pair=Pair(better=better, worse=worse, points=0.1))


def test_the_norm_of_the_penalized_one_lies_between_where_the_tests_tell_only_the_ends():
    penalized = as_methods(seeds_of([14, 14, 14, 14, 14], "bn", l1=1e-4))[0]
    plain = as_methods(seeds_of([12, 12, 12, 12, 12], "bn"))[0]
    best = as_methods(seeds_of([9, 9, 9, 9, 9], "gn", groups=4))[0]
    ends = _pair("BN + L1", "GN (4)", "distinguishable")
    steps = [_pair("BN + L1", "BN", "not distinguishable"), _pair("BN", "GN (4)", "not distinguishable")]
    said = between([penalized, best], [plain, best], [ends, *steps])
    up, down = (b.accuracies[0] - a.accuracies[0] for a, b in ((plain, best), (penalized, plain)))
    assert said == (
        f"So BN lies {down:.2f} points above BN + L1 and {up:.2f} below GN (4): of these three the tests tell "
        "only BN + L1 from GN (4)."
    )
    for i in (0, 1):
        told = [*steps[:i], replace(steps[i], verdict="distinguishable"), *steps[i + 1 :]]
        assert between([penalized, best], [plain, best], [ends, *told]) == ""
    assert between([penalized, best], [plain, best], steps) == ""  # nothing is known of the ends
    assert (
        between([penalized, best], [best], [ends, *steps])
        == between([plain, best], [plain, best], [ends, *steps])
        == ""
    )
    above = as_methods(seeds_of([8, 8, 8, 8, 8], "bn"))[0]
    assert between([penalized, best], [above, best], [ends, *steps]) == ""


def test_l1_is_told_of_the_method_that_has_it(family, methods):
    found = effect_of_l1(family, study_findings(methods))
    assert found[-1].question == "What does L1 do to the weights under BN?"
    assert found[-1].answer.startswith("It shrinks the convolutions' weights to 25 % of their size")
    assert [finding.question for finding in found[:-1]] in ([], ["What does L1 0.0001 cost under BN?"])
    assert effect_of_l1(family, []) == effect_of_l1(family[1:], study_findings(methods)) == []


def test_the_picture_has_one_axis_for_one_seed_and_for_all(family):
    one, every = accuracies_figure(family, 0), accuracies_figure(family, None)
    assert one.layout.xaxis.range == every.layout.xaxis.range == (pytest.approx(99.28), pytest.approx(99.57))
    assert one.layout.xaxis.title.text == "MNIST, 3 epochs: test accuracy"
    assert every.layout.xaxis.title.text == "MNIST, 3 epochs: test accuracy, 95 % intervals"
    assert [(mark.y[0], mark.x[0]) for mark in one.data] == [
        ("BN + L1", pytest.approx(99.40)),
        ("GN (4)", pytest.approx(99.50)),
        ("LN", pytest.approx(99.45)),
    ]
    ticks, mean = every.data[:2]
    accuracies = [100 - 0.05 * count for count in WRONG["bn"]]
    assert list(ticks.x) == pytest.approx(accuracies)
    low, high = stats.t.interval(0.95, 4, loc=mean.x[0], scale=stats.sem(accuracies))
    assert mean.x[0] - mean.error_x.arrayminus[0] == pytest.approx(low)
    assert mean.x[0] + mean.error_x.array[0] == pytest.approx(high)


def test_the_options_of_a_case_hold_its_answer_and_show_no_order():
    for row in SITUATIONS:
        assert set(row.options) == {row.take, *row.instead}
        assert len(row.options) == 1 + len(row.instead)
        assert list(row.options) == sorted(row.options, key=str.lower)
        assert row.case.endswith(".")
    assert len({row.options.index(row.take) for row in SITUATIONS}) == 3


SAFE = "Nobody knows beforehand, so GN is the safe choice."
ONE_A_CHANNEL = "in a network that leaves one number a channel of each image"


def situation(name):
    [row] = [row for row in SITUATIONS if row.name == name]
    return row


@pytest.mark.parametrize(
    ("bn", "gn", "said"),
    [
        (2.44, 2.36, "On ImageNet BN loses with so few; on MNIST here it keeps up with 4 and 8 images, except with 4 "),
        (2.0, 2.4, "On ImageNet BN loses with so few; on MNIST here it keeps up with 4 and 8 images, except with 4 "),
        (2.46, 2.44, "On MNIST here BN loses with 4 images and keeps up with 8."),
    ],
)
def test_advice_says_which_sizes_bear_it_out_here_in_the_usual_network(bn, gn, said):
    table = set_size_table(one={4: 3.1, 8: 2.2}, own={4: bn, 8: 2.0}, gn={4: 2.9, 8: 2.3}, gn_own={4: gn, 8: 2.1})
    row = situation("some")
    assert row.here(table).startswith(
        "On MNIST here, at 4 images a batch: with one number per image in a set BN is wrong on 3.1 % and GN (4) on "
        f"2.9 %; with many, as is usual, on {bn:.1f} % and {gn:.1f} %."
    )
    assert row.borne_out(table) == (said if said.endswith(".") else f"{said}{ONE_A_CHANNEL}. {SAFE}")


def test_advice_for_one_and_two_images_tells_of_both():
    row = situation("two")
    table = set_size_table(one={2: 51.8}, own={2: 2.42}, gn={2: 2.8}, gn_own={2: 2.41}, alone=(11.57, 2.29))
    assert row.here(table) == (
        "On MNIST here, with one image a batch BN is wrong on 11.6 % of the test images and GN (4) on 2.3 %; at 2 "
        "images a batch: with one number per image in a set BN is wrong on 51.8 % and GN (4) on 2.8 %; with many, as "
        "is usual, on 2.4 % and 2.4 %."
    )
    loses = "On MNIST here BN loses with 1 image and keeps up with 2"
    assert row.borne_out(table) == f"{loses}, except {ONE_A_CHANNEL}."
    same = set_size_table(one={2: 2.8}, own={2: 2.42}, gn={2: 2.8}, gn_own={2: 2.41}, alone=(11.57, 2.29))
    assert row.borne_out(same) == f"{loses}."
    both = set_size_table(one={2: 51.8}, own={2: 5.0}, gn={2: 2.8}, gn_own={2: 2.41}, alone=(11.57, 2.29))
    assert row.borne_out(both) == "On MNIST here BN loses, too, with 1 and 2 images."


def test_no_study_has_no_sentence(family):
    assert study_in_words([]) == ""
    assert study_in_words(family).startswith(
        "Here, after 3 epochs of MNIST, BN + L1 is wrong on 0.55 % of the test images, GN (4) on 0.57 % and LN on "
    )
