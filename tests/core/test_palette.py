"""Colours of sets and of lines: which comes when, by hand."""

from __future__ import annotations

import pytest

from core.catalogue import NORMS
from core.palette import HUES, HUES_DARK, HUES_PALE, contrast, hue, hue_number, ink_on, line_style, shade


def test_hues_come_in_turn_and_move_on_by_three_after_every_eight():
    assert [hue_number(number) for number in range(26)] == [
        *(0, 1, 2, 3, 4, 5, 6, 7),
        *(3, 4, 5, 6, 7, 0, 1, 2),
        *(6, 7, 0, 1, 2, 3, 4, 5),
        *(1, 2),
    ]
    assert (hue(0), hue(8), hue(16)) == (HUES[0], HUES[3], HUES[6])


def test_numbers_on_pale_hues_are_black_and_can_be_read():
    assert len(HUES) == len(HUES_DARK) == len(HUES_PALE) == len({*HUES, *HUES_DARK, *HUES_PALE}) // 3 == 8
    assert min(contrast("#000000", pale) for pale in HUES_PALE) >= 4.5
    assert [ink_on(pale) for pale in HUES_PALE] == ["#000000"] * 8


@pytest.mark.parametrize("norm", NORMS)
def test_the_lines_of_one_norm_share_its_colour_and_differ_in_dash_and_marker(norm):
    row = NORMS[norm]
    styles = [line_style(norm, twin) for twin in range(5)]
    assert {style["line"]["color"] for style in styles} == {style["marker"]["color"] for style in styles} == {row.color}
    dashes = [style["line"]["dash"] for style in styles]
    assert dashes[0] == row.dash
    assert len(set(dashes)) == 5
    assert [style["line"]["width"] for style in styles] == [2.5, 1.5, 1.5, 1.5, 1.5]
    assert [style["marker"]["symbol"] for style in styles] == [
        row.marker,
        f"{row.marker}-open",
        row.marker,
        f"{row.marker}-open",
        row.marker,
    ]


def test_the_second_line_of_a_norm_is_dotted_where_the_first_is_not():
    assert [line_style("bn", twin)["line"]["dash"] for twin in range(4)] == ["solid", "dot", "dash", "longdashdot"]
    assert line_style("in", 1)["line"]["dash"] == "dash"


def test_a_shade_lies_between_its_ends():
    ends = ("#0a1e00", "#ff00c8")
    assert [shade(t, ends) for t in (0, 1)] == list(ends)
    assert shade(0.25, ends) == "#471632"  # 10 + 245 / 4, 30 - 30 / 4, 200 / 4
