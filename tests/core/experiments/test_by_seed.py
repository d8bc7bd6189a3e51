"""Numbers by seed."""

from __future__ import annotations

import math

from core.experiments.by_seed import difference, mean, minus, of_all
from tests.core.experiments.study import table

A, B = {3: 5.0, 4: 7.0, 6: 1.0}, {4: 1.5, 5: 2.0, 6: 3.0}


def test_only_seeds_that_all_have_are_compared():
    assert minus(A, B) == {4: 5.5, 6: -2.0}
    assert of_all(min, [A, B]) == {4: 1.5, 6: 1.0}
    assert of_all(max, [A, B, {6: 9.0}]) == {6: 9.0}
    assert of_all(min, []) == {}


def test_the_mean_of_none_is_no_number():
    assert mean(A) == 13 / 3
    assert math.isnan(mean({}))


def test_a_difference_of_rows_has_what_holds_for_both():
    rows = [
        {"seed": seed, "norm": norm, "kind": kind, "error": 10.0 * seed + (norm == "bn") + 5 * (kind == "b")}
        for seed in (3, 4)
        for norm in ("bn", "gn")
        for kind in ("a", "b")
    ]
    assert difference("error", {"norm": "bn"}, {"norm": "gn"}, kind="b")(table("light", rows)) == {3: 1.0, 4: 1.0}
    assert difference("error", {"kind": "b"}, {"kind": "a"}, norm="gn")(table("light", rows)) == {3: 5.0, 4: 5.0}
