import numpy as np
import pytest

from core.four_images.source import (
    Integers,
    cell_from_text,
    cell_to_text,
    check_number,
    column_names,
    edits_from_text,
    edits_to_text,
    format_number,
    from_table,
    to_table,
)
from core.normalization import ConfigError


def test_numbers_are_whole_and_follow_the_seed():
    first, again, other = (Integers(3, 2, seed).batch("bn", 1) for seed in (1, 1, 2))
    assert first.shape == (4, 3, 2, 2)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.array_equal(first, np.round(first))
    assert 0 <= first.min() <= first.max() <= 9


def test_a_source_holds_its_numbers_and_nobody_can_change_them():
    source = Integers(2, 1, 3)
    numbers = source.numbers + 1
    edited = source.edited(numbers)
    numbers[:] = 0
    assert np.array_equal(edited.numbers, source.drawn + 1)
    assert edited.drawn is source.drawn
    assert len(edited.edits) == 8
    assert edited == Integers(2, 1, 3, edited.edits) != source
    assert len({edited, Integers(2, 1, 3, edited.edits), source}) == 2
    with pytest.raises(ValueError, match="read-only"):
        source.numbers[0] = 1
    edited.batch("bn", 1)[:] = 0
    assert np.array_equal(edited.numbers, source.drawn + 1)


def test_replacing_image_4_leaves_the_other_three():
    source = Integers(2, 2)
    old, new = source.batch("bn", 1), source.batch("bn", 1, replaced=1)
    assert np.array_equal(old[:3], new[:3])
    assert not np.array_equal(old[3], new[3])


def test_table_and_back():
    source = Integers(2, 2, edits=((5, -1.5),))
    x = source.batch("bn", 1)
    table = to_table(x)
    assert len(table) == 4
    assert table[0][5] == -1.5
    assert column_names(2, 2)[5] == "c2 (1,2)"
    back, refused = from_table(table, x)
    assert np.array_equal(back, x)
    assert not refused
    assert Integers(2, 2).edited(x).edits == ((5, -1.5),)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("abc", "'abc' is not a number"),
        ("", "the cell is empty"),
        (None, "the cell is empty"),
        (float("nan"), "the cell is empty"),
        ("inf", "infinity has no mean"),
        ("-1e400", "infinity has no mean"),
        ("1e9", "too large"),
        ([1], "is not a number"),
    ],
)
def test_a_bad_cell_keeps_the_last_good_number_and_says_why(raw, words):
    good = Integers(2, 1).batch("bn", 1)
    table = to_table(good)
    table[2][1] = raw
    x, refused = from_table(table, good)
    assert np.array_equal(x, good)
    assert len(refused) == 1
    assert refused[0].startswith("Image 3, c2: ")
    assert words in refused[0]
    assert refused[0].endswith(f"It keeps {format_number(good[2, 1, 0, 0])}.")


def test_numbers_that_are_allowed():
    assert check_number(" -2.5 ") == -2.5
    assert check_number("1e6") == 1e6
    with pytest.raises(ConfigError, match="stay within"):
        check_number(1_000_001)


def test_edits_travel_through_the_url():
    edits = ((0, 7.0), (12, -2.5), (31, 1e6))
    text = edits_to_text(edits)
    assert text == "0_7~12_-2.5~31_1000000"
    assert edits_from_text(text, 32) == (edits, [])
    assert edits_from_text("", 32) == ((), [])


@pytest.mark.parametrize("text", ["32_1", "-1_1", "a_1", "3_", "3_x", "3_inf", "3_nan", "3_1e7", "3", "²_1", "__"])
def test_a_garbage_edit_is_refused_in_words(text):
    edits, refused = edits_from_text(f"1_5~{text}", 32)
    assert edits == ((1, 5.0),)
    assert len(refused) == 1
    assert "left out" in refused[0]


def test_a_link_of_garbage_gives_few_sentences():
    assert len(edits_from_text("x~" * 1000, 32)[1]) == 3


def test_cells_travel_through_the_url():
    assert cell_to_text((1, 0, 2, 3)) == "2.1.3.4"
    assert cell_from_text("2.1.3.4", (4, 2, 4, 4)) == (1, 0, 2, 3)
    for text in ("2.1.3.5", "0.1.1.1", "5.1.1.1", "1.1.1", "1.1.1.x", "", "1.1.1.²", "99999.1.1.1", "-1.1.1.1"):
        assert cell_from_text(text, (4, 2, 4, 4)) is None
