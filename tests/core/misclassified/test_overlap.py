"""Sets of wrong images: exact intersections on overlaps that are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.misclassified import overlap
from core.misclassified.overlap import Agreement, Said, combinations, describe
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
    assert overlap.listed(["a", "b", "c"]) == "a, b and c"


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
    assert overlap.methods(four) == (["BN", "GN (4)", "BN + L1"], [[0, 2], [1], [3]])
    assert overlap.by_method(four) == [0, 2, 1, 3]
    assert overlap.by_method(runs(config("bn", 2), config("ln"), config("bn", 0), config("bn", 1))) == [2, 3, 0, 1]
    # one that stopped is no seed of its method
    stopped = four[2].changed(status="interrupted")
    assert overlap.methods([four[0], stopped])[0] == ["BN, seed 0", "BN, seed 1"]


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
