"""Every cell of the matrix says what the findings say of its pair."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.comparison.findings import selection_findings
from core.comparison.matrix import LEGEND, SYMBOLS, WITHIN, legend, matrix
from core.comparison.methods import as_methods, single_runs
from tests.core.comparison.test_findings import run, seeds_of


@pytest.fixture
def three():
    """LN, BN and GN (4) of five seeds: 10.8, 51.2 and 11.6 of 2,000 images wrong."""
    return as_methods(
        [
            *seeds_of([10, 11, 12, 10, 11], "ln"),
            *seeds_of([50, 52, 51, 50, 53], "bn"),
            *seeds_of([12, 10, 13, 11, 12], "gn", first=2),
        ]
    )


def test_cells_and_findings_are_one(three):
    tested = matrix(three)
    expected = selection_findings(three)
    assert [(cell.row, cell.column) for cell in tested.cells] == [(1, 0), (2, 0), (2, 1)]
    by_question = {finding.question: finding for finding in expected}
    for cell in tested.cells:
        finding = by_question[cell.finding.question]
        assert cell.finding.answer == finding.answer
        assert cell.finding.verdict == finding.verdict
        assert cell.finding.evidence.startswith(finding.evidence)
    assert tested.agreement == (by_question["Do LN, BN and GN (4) agree within 0.15 points?"],)
    assert len(tested.findings) == len(expected)


def test_a_cell_tells_the_row_from_its_column(three):
    bn_ln, gn_ln, gn_bn = matrix(three).cells
    labels = [method.label for method in three]
    assert (bn_ln.relation, bn_ln.symbols, bn_ln.difference) == ("lower", ("▼",), "-2.02")
    assert bn_ln.points == pytest.approx(-40.4 / 20)
    assert bn_ln.words(labels) == "BN is lower than LN by 2.02 points"
    assert (gn_bn.relation, gn_bn.difference) == ("higher", "+1.98")
    # higher and equivalent at once reads on, and contradicts nothing
    both = replace(gn_bn, agrees=True)
    assert both.symbols == ("▲", "< 0.15")
    assert both.words(labels) == "GN (4) is higher than BN by 1.98 points, and by the test less than 0.15 points apart"
    assert gn_ln.relation == "not distinguishable"
    assert gn_ln.words(labels).startswith("GN (4) and LN are not distinguishable")


def test_equivalence_stands_beside_the_symbol():
    # every seed of both gets the same images wrong but for one at most, which is 0.05 points
    pair = as_methods([*seeds_of([40] * 8, "ln"), *seeds_of([40, 41, 40, 39] * 2, "bn")])
    [cell] = matrix(pair).cells
    [agreement] = matrix(pair).agreement
    assert agreement.verdict == "equivalent"
    assert cell.agrees
    assert cell.symbols == ("○", "< 0.15")
    assert cell.words(["LN", "BN"]) == (
        "BN and LN are not distinguishable, and by the test less than 0.15 points apart"
    )
    assert "They agree within 0.15 points, by TOST over other seeds and other test images: p" in cell.finding.evidence
    assert [symbol for symbol, _ in legend([cell])] == ["○", "< 0.15"]


def test_what_has_no_margin_never_agrees(three):
    digits = as_methods([*seeds_of([10, 10], "ln", dataset="digits"), *seeds_of([10, 10], "bn", dataset="digits")])
    [cell] = matrix(digits).cells
    assert not cell.agrees
    assert "TOST" not in cell.finding.evidence


def test_two_networks_are_compared_by_their_images():
    one, other = run(range(10)), run(range(100, 160), "bn")
    [cell] = matrix(single_runs([one, other])).cells
    [finding] = selection_findings(single_runs([one, other]))
    assert cell.finding == finding
    assert (cell.relation, cell.difference) == ("lower", "-2.50")


def test_a_pair_without_a_test_says_why():
    mixed = as_methods([*seeds_of([10, 11], "ln"), *seeds_of([10, 12], "bn", lr=0.2), run(range(5), "gn", 0, groups=4)])
    cells = matrix(mixed).cells
    assert [cell.relation for cell in cells] == ["not tested"] * 3
    assert cells[0].finding.evidence == (
        "Only runs on equal terms are tested against each other: these differ in learning rate."
    )
    assert cells[1].finding.evidence.startswith("A test needs the same test images, and either two seeds in common")
    assert {cell.difference for cell in cells} == {""}
    assert matrix(mixed).findings == []


def test_all_pairs_of_many_are_tested():
    many = single_runs([run(range(10 * i, 10 * i + 10), "ln", i) for i in range(8)])
    tested = matrix([replace(method, label=f"run {i}") for i, method in enumerate(many)])
    assert len(tested.cells) == 28
    assert all(cell.relation != "not tested" for cell in tested.cells)
    assert "Holm-adjusted for 28 tests" in tested.cells[0].finding.evidence


def test_every_symbol_is_explained():
    assert {*SYMBOLS.values(), WITHIN} == set(LEGEND)
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)
