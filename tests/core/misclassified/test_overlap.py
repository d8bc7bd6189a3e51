"""Sets of wrong images: exact intersections on overlaps that are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.labels import listed
from core.misclassified import overlap
from core.misclassified.overlap import (
    Agreement,
    Said,
    agreement_in_words,
    combinations,
    combinations_in_words,
    describe,
)
from tests.wrong_records import config, predictions, record

A = np.array([1, 2, 3, 4, 9])
B = np.array([2, 3, 5, 9])
C = np.array([3, 4, 6, 7, 8])


def as_dict(found) -> dict[tuple[int, ...], list[int]]:
    return {c.members: c.index.tolist() for c in found}


def test_every_image_lies_in_exactly_one_combination():
    found = combinations([A, B, C])
    assert as_dict(found) == {
        (0, 1, 2): [3],
        (0,): [1],
        (1,): [5],
        (2,): [6, 7, 8],
        (0, 1): [2, 9],
        (0, 2): [4],
    }
    assert sum(c.count for c in found) == 9


def test_the_order_is_all_then_each_alone_then_the_others_by_size():
    assert [c.members for c in combinations([A, B, C])] == [(0, 1, 2), (0,), (1,), (2,), (0, 1), (0, 2)]
    # the larger first, although its members come later
    found = combinations([np.array([1]), np.array([1, 2, 3]), np.array([2, 3])])
    assert [c.members for c in found][4:] == [(1, 2), (0, 1)]


def test_nothing_in_common_is_an_answer():
    found = combinations([np.array([1]), np.array([2])])
    assert as_dict(found) == {(0, 1): [], (0,): [1], (1,): [2]}


def test_one_set_and_none():
    assert as_dict(combinations([A])) == {(0,): A.tolist()}
    assert combinations([]) == []
    empty = np.array([], dtype=np.int64)
    assert as_dict(combinations([empty, empty])) == {(0, 1): [], (0,): [], (1,): []}


def test_a_mask_has_a_digit_for_every_set():
    assert [c.mask(3) for c in combinations([A, B, C])] == ["111", "100", "010", "001", "110", "101"]


def test_words():
    names = ["BN", "GN (4)", "LN", "IN"]
    assert describe((0, 1, 2, 3), names) == "wrong in all 4"
    assert describe((2,), names) == "wrong only in LN"
    assert describe((0, 1, 3), names) == "wrong in all but LN"
    assert describe((0, 2), names) == "wrong only in BN and LN"
    assert describe((1,), names[:2]) == "wrong only in GN (4)"
    assert describe((0, 1), names[:2]) == "wrong in both"
    assert describe((0,), names[:1]) == "wrong in BN"
    assert listed(["a", "b", "c"]) == "a, b and c"


def test_runs_are_paired_where_the_test_set_is_the_same():
    a, b = predictions({1: 2}), predictions({3: 4})
    c, d, e = (predictions({}, mark="cd") for _ in range(3))
    assert overlap.by_test_set([a, c, d, e]) == [[1, 2, 3], [0]]
    assert overlap.by_test_set([c, a, b, d]) == [[0, 3], [1, 2]]
    assert overlap.by_test_set([]) == []


def test_a_fingerprint_alone_does_not_pair_other_labels():
    honest = predictions({1: 2})
    shorter = replace(honest, true=honest.true[:20], predicted=honest.predicted[:20])
    relabelled = replace(honest, true=honest.true[::-1].copy())
    assert overlap.by_test_set([shorter, honest, relabelled, honest]) == [[1, 3], [0], [2]]


def test_runs_that_differ_in_the_seed_alone_are_one_method():
    def runs(*configs):
        return [record(each, predictions({})) for each in configs]

    four = runs(config("bn"), config("gn", groups=4), config("bn", 1), config("bn", l1=1e-4))
    assert overlap.method_groups(four) == (["BN", "GN (4)", "BN + L1"], [[0, 2], [1], [3]])
    assert overlap.method_order(four) == [0, 2, 1, 3]
    assert overlap.method_order(runs(config("bn", 2), config("ln"), config("bn", 0), config("bn", 1))) == [2, 3, 0, 1]
    # one that stopped is no seed of its method
    stopped = four[2].changed(status="interrupted")
    assert overlap.method_groups([four[0], stopped])[0] == ["BN, seed 0", "BN, seed 1"]


def test_a_methods_images_are_wrong_with_every_or_with_any_seed():
    every = overlap.method_sets([A, B, C], [[0, 1], [2]], "every")
    assert [wrong.tolist() for wrong in every] == [[2, 3, 9], C.tolist()]
    union = overlap.method_sets([A, B, C], [[0, 1], [2]], "any")
    assert [wrong.tolist() for wrong in union] == [[1, 2, 3, 4, 5, 9], C.tolist()]


def test_the_share_of_two_runs():
    assert overlap.shared(A, B) == 3 / 6
    assert overlap.shared(A, A) == 1
    assert overlap.shared(B, C) == 1 / 8
    assert overlap.shared(np.array([]), np.array([])) == 1


def test_agreement_within_a_method_and_between_two():
    assert overlap.agreement([A, B, C], [[0, 1], [2]]) == Agreement(
        within=0.5, between=pytest.approx((2 / 8 + 1 / 8) / 2), within_pairs=1, between_pairs=2
    )
    assert overlap.agreement([A], [[0]]) == Agreement(None, None, 0, 0)


def test_the_combinations_in_words():
    names, images = ["BN", "GN (4)", "LN"], 10_000
    assert combinations_in_words(combinations([A, B, C]), names, kind="runs", images=images) == (
        "Test images that are wrong in at least one of 3 runs: 9. **1 is wrong in all 3**; 1 only in BN, 1 only in "
        "GN (4) and 3 only in LN."
    )
    assert combinations_in_words(combinations([A, B]), names[:2], kind="methods", images=images) == (
        "Test images that are wrong in at least one of 2 methods: 6. **3 are wrong in both**; 2 only in BN and 1 "
        "only in GN (4)."
    )
    assert combinations_in_words(combinations([A[:1], B[:1]]), names[:2], kind="runs", images=images) == (
        "Test images that are wrong in at least one of 2 runs: 2. **None are wrong in both**; 1 only in BN and 1 "
        "only in GN (4)."
    )
    assert combinations_in_words(combinations([A]), names[:1], kind="runs", images=images) == (
        "Test images that are wrong in BN: **5** of 10,000. Choose a second run to compare."
    )


def test_a_single_image_reads_as_well():
    names = ["BN", "LN"]
    assert combinations_in_words(combinations([A[:1], A[:1]]), names, kind="runs", images=60) == (
        "Test images that are wrong in at least one of 2 runs: 1. **1 is wrong in both**; 0 only in BN and 0 only "
        "in LN."
    )
    assert combinations_in_words(combinations([A[:1]]), names[:1], kind="runs", images=60) == (
        "Test images that are wrong in BN: **1** of 60. Choose a second run to compare."
    )


def test_of_five_sets_the_words_name_each():
    sets = [np.arange(number + 1) + 100 * number for number in range(5)]
    text = combinations_in_words(combinations(sets), [f"r{i}" for i in range(5)], kind="methods", images=1000)
    assert text == (
        "Test images that are wrong in at least one of 5 methods: 15. **None are wrong in all 5**; 1 only in r0, "
        "2 only in r1, 3 only in r2, 4 only in r3 and 5 only in r4."
    )


def test_of_many_sets_the_words_name_none():
    sets = [np.arange(number + 1) + 100 * number for number in range(6)]
    text = combinations_in_words(combinations(sets), [f"r{i}" for i in range(6)], kind="runs", images=1000)
    assert text == (
        "Test images that are wrong in at least one of 6 runs: 21. **None are wrong in all 6**; 21 in one of the "
        "runs only (1 to 6 each)."
    )


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            Agreement(0.5, 0.25, 2, 4),
            "Two seeds of one method share **50 %** of the images that either gets wrong, two methods **25 %** (means "
            "over 2 and 4 pairs).",
        ),
        (
            Agreement(None, 0.25, 0, 1),
            "Two runs share **25 %** of the images that either gets wrong. Two seeds of one method may differ as much: "
            "choose some to see.",
        ),
        (
            Agreement(None, 0.25, 0, 3),
            "Two runs share **25 %** of the images that either gets wrong (mean over 3 pairs). Two seeds of one method "
            "may differ as much: choose some to see.",
        ),
        (Agreement(0.5, None, 1, 0), "Two seeds share **50 %** of the images that either gets wrong."),
        (
            Agreement(0.5, None, 3, 0),
            "Two seeds share **50 %** of the images that either gets wrong (mean over 3 pairs).",
        ),
        (Agreement(None, None, 0, 0), ""),
    ],
)
def test_the_agreement_in_words(found, words):
    assert agreement_in_words(found) == words


def test_what_every_run_says_of_an_image():
    runs = [
        ("a", predictions({4: 9}, confidence={4: 0.75})),
        ("b", predictions({4: 7})),
        ("c", predictions({})),
        ("d", predictions({4: 9}, confidence={4: 0.5})),
    ]
    said = overlap.what_they_said(runs, 4)
    assert [s.answer for s in said] == [4, 9, 7]  # right, then the answer of two, then that of one
    assert said[0] == Said(4, (("c", pytest.approx(0.9)),))
    assert said[1] == Said(9, (("a", pytest.approx(0.75)), ("d", pytest.approx(0.5))))
