"""Every pair of the chosen methods as a cell of a matrix: what its test says, and on what that rests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from core.comparison import sentences
from core.comparison.findings import (
    MARGIN,
    SIGNIFICANCE,
    Comparison,
    accuracy_finding,
    agreement_findings,
    agreement_p,
    compare,
    has_margin,
    network_findings,
)
from core.comparison.headline import other_terms
from core.comparison.methods import WholeMethod
from core.comparison.pairs import comparable, comparable_networks
from core.comparison.verdicts import Finding

Relation = Literal["higher", "lower", "higher here", "lower here", "not distinguishable", "not tested"]
"""What a row is, beside its column: "here" is on these test images only."""
SYMBOLS: dict[Relation, str] = {
    "higher": "▲",
    "lower": "▼",
    "higher here": "△",
    "lower here": "▽",
    "not distinguishable": "○",
    "not tested": "–",
}
WITHIN = f"< {MARGIN:.2f}"
"""Stands in a cell whose two methods are shown to agree: it reads on from the symbol, "higher, by less than 0.15"."""
LEGEND: dict[str, str] = {
    "▲": "the row is higher",
    "▼": "the row is lower",
    "△": "higher on these test images only",
    "▽": "lower on these test images only",
    "○": "no difference shown",
    WITHIN: f"equivalent: real or not, less than {MARGIN:.2f} points apart",
    "–": "not tested",
}
"""What a symbol says, below the matrix."""
WORDS: dict[Relation, str] = {
    "higher": "{row} is higher than {column} by {points} points",
    "lower": "{row} is lower than {column} by {points} points",
    "higher here": "{row} is higher than {column} by {points} points, on these test images only",
    "lower here": "{row} is lower than {column} by {points} points, on these test images only",
    "not distinguishable": "{row} and {column} are not distinguishable",
    "not tested": "{row} and {column} are not tested",
}
WORDS_AND_WITHIN = "{words}, and by the test less than {margin:.2f} points apart"


@dataclass(frozen=True)
class Cell:
    """Two of the methods, by their places: ``column`` stands before ``row``.

    points: mean final test accuracy of the row minus that of the column, over the runs that are compared; NaN where
    they were tested on different images.  agrees: whether they are shown to agree within the margin.
    finding: what is said of the pair, its evidence included.
    """

    row: int
    column: int
    relation: Relation
    points: float
    agrees: bool
    finding: Finding

    @property
    def symbols(self) -> tuple[str, ...]:
        """What stands in the cell beside the difference, readable without colour."""
        return (SYMBOLS[self.relation], WITHIN) if self.agrees else (SYMBOLS[self.relation],)

    @property
    def difference(self) -> str:
        """The difference as the cell shows it; empty where nothing is tested."""
        return "" if self.relation == "not tested" or math.isnan(self.points) else sentences.signed(self.points)

    def words(self, labels: Sequence[str]) -> str:
        """The cell in a sentence without an end, for those who do not see the symbols."""
        said = WORDS[self.relation].format(
            row=labels[self.row], column=labels[self.column], points=f"{abs(self.points):.2f}"
        )
        return WORDS_AND_WITHIN.format(words=said, margin=MARGIN) if self.agrees else said


@dataclass(frozen=True)
class Matrix:
    """All pairs of some methods: their cells row by row, and whether the methods agree."""

    cells: tuple[Cell, ...]
    agreement: tuple[Finding, ...]

    @property
    def findings(self) -> list[Finding]:
        """What was tested, as ``findings.selection_findings`` has it, and whether the methods agree."""
        return [*(cell.finding for cell in self.cells if cell.relation != "not tested"), *self.agreement]


def matrix(methods: Sequence[WholeMethod]) -> Matrix:
    """Test every pair of ``methods``: by seed, or as two networks, each kind corrected after Holm together."""
    places = list(combinations(range(len(methods)), 2))
    pairs = [(methods[i], methods[j]) for i, j in places]
    seeded = compare([pair for pair in pairs if comparable(*pair)])
    judged = [comparison for comparison in seeded if has_margin(comparison)]
    agreement = dict(zip(map(_ids, judged), agreement_p(judged), strict=True))
    networks = [pair for pair in pairs if comparable_networks(*pair)]
    by_seed = {_ids(comparison): comparison for comparison in seeded}
    by_image = dict(zip(map(_key, networks), network_findings(networks), strict=True))
    cells = []
    for (column, row), pair in zip(places, pairs, strict=True):
        if comparison := by_seed.get(_key(pair)):
            p = agreement.get(_key(pair))
            cells.append(_of_seeds(column, row, comparison, p, len(judged)))
        elif finding := by_image.get(_key(pair)):
            cells.append(_of_networks(column, row, pair, finding))
        else:
            cells.append(Cell(row, column, "not tested", math.nan, False, _not_tested(*pair)))
    return Matrix(tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))), tuple(agreement_findings(seeded)))


def _key(pair: tuple[WholeMethod, WholeMethod]) -> tuple[int, int]:
    return id(pair[0]), id(pair[1])


def _ids(comparison: Comparison) -> tuple[int, int]:
    return _key((comparison.first, comparison.second))


def _of_seeds(column: int, row: int, comparison: Comparison, p: float | None, family: int) -> Cell:
    points = -comparison.test.difference.value
    finding = accuracy_finding(comparison)
    agrees = p is not None and p < SIGNIFICANCE
    if p is not None:
        template = sentences.PAIR_AGREES if agrees else sentences.PAIR_MAY_NOT_AGREE
        tested = sentences.of_family(sentences.probability_text(p), family, sentences.OF_A_FAMILY)
        said = f"{finding.evidence} {template.format(margin=MARGIN, p=tested)}"
        finding = replace(finding, evidence=said)
    if comparison.verdict == "distinguishable":
        relation: Relation = "higher" if points > 0 else "lower"
    elif comparison.verdict == "distinguishable on these images":
        relation = "higher here" if points > 0 else "lower here"
    else:
        relation = "not distinguishable"
    return Cell(row, column, relation, points, agrees, finding)


def _of_networks(column: int, row: int, pair: tuple[WholeMethod, WholeMethod], finding: Finding) -> Cell:
    points = pair[1].accuracies[0] - pair[0].accuracies[0]
    relation: Relation = "not distinguishable"
    if finding.verdict == "distinguishable":
        relation = "higher" if points > 0 else "lower"
    return Cell(row, column, relation, points, False, finding)


def _not_tested(first: WholeMethod, second: WholeMethod) -> Finding:
    """Why a pair has no test."""
    question = sentences.TWO_METHODS.format(first=first.label, second=second.label)
    return Finding(
        question, sentences.PAIR_NOT_TESTED, "described", " ".join(other_terms([first, second])) or sentences.NO_PAIRING
    )


def legend(cells: Sequence[Cell]) -> list[tuple[str, str]]:
    """The symbols that stand in ``cells``, and what they say."""
    there = {symbol for cell in cells for symbol in cell.symbols}
    return [(symbol, words) for symbol, words in LEGEND.items() if symbol in there]
