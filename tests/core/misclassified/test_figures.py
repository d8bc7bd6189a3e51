"""Pictures of errors hold the numbers that they were given, in colours that can be read."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.catalogue import DATASETS
from core.misclassified import matrix
from core.misclassified.confusion import confusion, difference
from core.misclassified.figures import MAX_COLUMNS, overlap_figure
from core.misclassified.matrix import difference_figure
from core.misclassified.overlap import combinations
from core.palette import contrast, ink_on, shade
from tests.wrong_records import predictions

DIGITS = DATASETS["digits"].classes
FOUND = predictions({4: 9, 24: 9, 14: 7, 9: 4})


def cells(figure) -> dict[tuple[int, int], dict[str, object]]:
    """The cells of a matrix by row and column."""
    (bars,) = figure.data
    assert bars.orientation == "h"
    return {
        (bars.y[i], round(bars.base[i] + 0.5)): {
            "text": bars.text[i],
            "fill": bars.marker.color[i],
            "ink": bars.insidetextfont.color[i],
            "code": bars.customdata[i][0],
            "hover": bars.customdata[i][1],
            "frame": bars.marker.line.width[i],
        }
        for i in range(len(bars.y))
    }


def test_contrast_is_that_of_wcag():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert shade(0, ("#102030", "#ffffff")) == "#102030"
    assert shade(0.5, ("#000000", "#ffffff")) == "#808080"


@pytest.mark.parametrize("ends", [*matrix.MORE, *matrix.LESS])
def test_numbers_are_readable_on_every_shade(ends):
    for t in np.linspace(0, 1, 101):
        color = shade(float(t), ends)
        assert contrast(color, ink_on(color)) >= 4.5, color


@pytest.mark.parametrize("dark", [False, True])
def test_every_cell_of_the_matrix_has_its_count(dark):
    figure = matrix.confusion_figure(confusion(FOUND), DIGITS, chosen="4-9", dark=dark)
    found = cells(figure)
    assert list(found)[-1] == (4, 9)  # drawn last, so that no neighbour covers its frame
    assert len(found) == 100
    assert found[4, 9]["text"] == "2"
    assert found[4, 9]["code"] == "4-9"
    assert found[4, 9]["hover"] == "true 4, predicted 9: 2"
    assert found[4, 4]["text"] == "3"  # the diagonal is written, and cannot be chosen
    assert found[4, 4]["code"] == ""
    assert found[0, 0]["text"] == "6"
    assert found[0, 1]["text"] == ""
    assert [place for place, cell in found.items() if cell["frame"] > 1] == [(4, 9)]
    assert found[0, 0]["fill"] == found[4, 4]["fill"]  # however many are right
    # more errors, further from the page
    page = "#10151c" if dark else "#ffffff"
    assert (
        contrast(found[4, 9]["fill"], page) > contrast(found[4, 7]["fill"], page) > contrast(found[0, 0]["fill"], page)
    )
    for cell in found.values():
        if cell["text"]:
            assert contrast(cell["fill"], cell["ink"]) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
def test_a_shade_goes_by_the_logarithm_of_the_count(dark):
    counts = np.zeros((10, 10), dtype=np.int64)
    counts[1, 2], counts[3, 4], counts[5, 6] = 99, 9, 1
    found = cells(matrix.confusion_figure(counts, DIGITS, dark=dark))
    for place, share in (((1, 2), 1), ((3, 4), 0.5), ((5, 6), math.log(2) / math.log(100))):
        assert found[place]["fill"] == shade(share, matrix.MORE[dark])
    changed = cells(difference_figure(counts - 2 * counts.T, DIGITS, dark=dark))
    assert changed[3, 4]["fill"] == shade(math.log(10) / math.log(199), matrix.MORE[dark])
    assert changed[2, 1]["fill"] == shade(1, matrix.LESS[dark])
    assert changed[4, 3]["fill"] == shade(math.log(19) / math.log(199), matrix.LESS[dark])


def test_the_colour_depends_on_the_errors_alone():
    few = confusion(FOUND)
    many = few + 1000 * np.eye(10, dtype=np.int64)
    fills = [
        {place: cell["fill"] for place, cell in cells(matrix.confusion_figure(m, DIGITS)).items()} for m in (few, many)
    ]
    assert fills[0] == fills[1]


def test_the_difference_has_signs_and_two_hues():
    matrix = difference(FOUND, predictions({4: 9, 5: 3, 15: 3}))
    found = cells(difference_figure(matrix, DIGITS))
    assert found[4, 9]["text"] == "+1"
    assert found[5, 3]["text"] == "−2"
    assert found[5, 5]["text"] == "+2"
    assert found[5, 5]["hover"] == "5 right: +2"
    assert found[0, 1]["text"] == ""
    reds = [int(found[place]["fill"][1:3], 16) - int(found[place]["fill"][5:7], 16) for place in ((4, 9), (5, 3))]
    assert reds[0] < 0 < reds[1]  # violet against brown
    for cell in found.values():
        if cell["text"]:
            assert contrast(cell["fill"], cell["ink"]) >= 4.5


def test_the_probabilities_are_percent_with_the_predicted_class_framed():
    table = np.full((2, 10), 0.0004)
    table[0, 6], table[0, 5] = 0.742, 0.25
    table[1, 5] = 0.991
    figure = matrix.probabilities_figure(["BN", "LN"], table, DIGITS, 5)
    found = cells(figure)
    assert found[0, 6]["text"] == "74.2"
    assert found[0, 5]["text"] == "25.0"
    assert found[1, 5]["text"] == "99.1"
    assert found[1, 0]["text"] == ""
    assert found[0, 6]["hover"] == "BN: 6 74.20 %"
    assert list(found)[-2:] == [place for place, cell in found.items() if cell["frame"] > 1] == [(0, 6), (1, 5)]
    assert [i for i, text in enumerate(figure.layout.xaxis.ticktext) if "true" in text] == [5]
    assert list(figure.layout.yaxis.ticktext) == ["BN", "LN"]


def test_the_overlap_has_a_bar_for_every_combination_and_a_dot_for_every_set():
    sets = [np.array([1, 2, 3]), np.array([2, 3, 5]), np.array([3, 7])]
    figure = overlap_figure(combinations(sets), ["BN", "GN (4)", "LN"], ["bn", "gn", "ln"], [3, 3, 2], chosen="110")
    bars = figure.data[0]
    masks = [custom[0] for custom in bars.customdata]
    assert dict(zip(masks, bars.y, strict=True)) == {"111": 1, "100": 1, "010": 1, "001": 1, "110": 1}
    assert list(bars.text) == ["1"] * 5
    others = {color for mask, color in zip(masks, bars.marker.color, strict=True) if mask != "110"}
    assert len(others) == 1
    assert bars.marker.color[masks.index("110")] not in others
    dots = [trace for trace in figure.data[1:] if trace.mode == "markers"]
    assert [trace.y[0] for trace in dots] == [0, 1, 2]
    forms = ("circle", "diamond", "square")
    for row, (trace, color, form) in enumerate(zip(dots, ("#0072B2", "#009E73", "#D55E00"), forms, strict=True)):
        assert [custom[0] for custom in trace.customdata] == masks
        assert [c == color for c in trace.marker.color] == [mask[row] == "1" for mask in masks]
        assert list(trace.marker.symbol) == [form if mask[row] == "1" else "circle" for mask in masks]
    joined = [tuple(trace.y) for trace in figure.data[1:] if trace.mode == "lines"]
    assert joined == [(0, 2), (0, 1)]
    assert list(figure.layout.yaxis2.ticktext) == ["BN: 3", "GN (4): 3", "LN: 2"]


def test_a_hundred_combinations_are_not_drawn():
    rng = np.random.default_rng(0)
    sets = [np.flatnonzero(rng.random(200) < 0.5) for _ in range(12)]
    found = combinations(sets)
    assert len(found) > 100
    figure = overlap_figure(found, [f"r{i}" for i in range(12)], ["bn"] * 12, [len(s) for s in sets])
    assert len(figure.data[0].y) == MAX_COLUMNS
