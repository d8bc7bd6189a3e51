"""Methods that differ in more than their norm are said to, and their counterparts without a penalty are named."""

from __future__ import annotations

import pytest

from core.comparison.methods import single_runs
from core.comparison.norms_alone import penalties_differ, without_penalties
from core.config import preset
from tests.core.comparison.test_graphs import run


def methods(*of):
    return single_runs([run([98.0], norm, **penalty) for norm, penalty in of])


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ([("bn", {"l1": 1e-4}), ("gn", {}), ("ln", {})], "Only BN + L1 has a penalty: a difference from it"),
        (
            [("bn", {"l1": 1e-4}), ("gn", {"l2": 1e-4}), ("ln", {})],
            "Only BN + L1 and GN (4) + L2 have a penalty: a difference from them",
        ),
        (
            [("bn", {"l1": 1e-4}), ("gn", {"l2": 1e-4})],
            "These methods differ in their penalties, too: a difference between them",
        ),
    ],
)
def test_which_of_them_have_a_penalty(of, said):
    assert penalties_differ(methods(*of)) == f"{said} is not the norm's alone."


@pytest.mark.parametrize(
    "of", [[("bn", {}), ("ln", {})], [("bn", {"l1": 1e-4}), ("ln", {"l1": 1e-4})], [("bn", {"l1": 1e-4}), ("bn", {})]]
)
def test_on_equal_terms_and_for_one_norm_nothing_is_said(of):
    assert penalties_differ(methods(*of)) == ""


def test_of_the_exercise():
    three = methods(*((config.norm, {"l1": config.l1}) for config in preset("assignment")))
    assert penalties_differ(three, "Without it they agree.") == "Only BN + L1 has a penalty. Without it they agree."
    assert penalties_differ(methods(("bn", {}), ("ln", {})), "Without it they agree.") == ""
    assert [config.label for config in without_penalties(three)] == ["BN", "GN (4)", "LN"]
    assert [config.label for config in without_penalties(methods(("bn", {"l1": 1e-4}), ("bn", {})))] == ["BN"]
