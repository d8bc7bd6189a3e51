"""Numbers as people type them, in the editor and in a link."""

import numpy as np
import pytest

from core.config import ConfigError
from core.four_images.editing import check_number, edits_from_text, edits_to_text, format_number, from_table
from core.four_images.source import Integers, column_names, to_table


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
    ("text", "value"),
    [
        ("7", 7),
        (" -2.5 ", -2.5),
        ("+.5", 0.5),
        ("5.", 5),
        ("1e6", 1e6),
        ("-2.5E-3", -0.0025),
        # a comma before the decimals, and the minus that the page prints
        ("2,5", 2.5),
        (",5", 0.5),
        ("\N{MINUS SIGN}2,5", -2.5),
        ("\N{MINUS SIGN}1.5", -1.5),
        ("\N{EN DASH}3", -3),
        ("1,5e3", 1500),
        ("0,125", 0.125),
        ("12,34", 12.34),
        ("1,2345", 1.2345),
        ("1234,567", 1234.567),
        # thousands that can only be that
        ("1 000", 1000),
        ("12\N{NO-BREAK SPACE}000,5", 12000.5),
        ("\N{MINUS SIGN}1\N{NARROW NO-BREAK SPACE}000", -1000),
        ("100\N{THIN SPACE}000.25", 100000.25),
        ("1 000,500", 1000.5),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1,000,000", 1e6),
        ("1.000.000", 1e6),
        ("1,000,000.0", 1e6),
        # a point stands before decimals, as everywhere on the page
        ("1.000", 1),
        ("12.345", 12.345),
    ],
)
def test_numbers_as_people_write_them(text, value):
    assert check_number(text) == value


@pytest.mark.parametrize(
    ("text", "thousands", "decimal"),
    [("1,000", "1000", "1.000"), ("12,345", "12345", "12.345"), ("\N{MINUS SIGN}999,999", "-999999", "-999.999")],
)
def test_one_comma_before_three_digits_could_be_either(text, thousands, decimal):
    with pytest.raises(ConfigError) as refused:
        check_number(text)
    assert str(refused.value) == f"{text!r} can be read as {thousands} or as {decimal}; write one of these"
    assert (check_number(thousands), check_number(decimal)) == (float(thousands), float(decimal))


@pytest.mark.parametrize(
    "text",
    ["1 00", "1  000", "1 2", "1,00,000", "1,2,3", "1.2.3", "1,2.3", "1_000", "--1", "- 1", "1-", "1e", ",", ".", "٣"],
)
def test_what_is_no_number(text):
    with pytest.raises(ConfigError, match="is not a number"):
        check_number(text)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("abc", "'abc' is not a number"),
        ("", "the cell is empty"),
        (None, "the cell is empty"),
        (float("nan"), "the cell is empty"),
        ("inf", "infinity has no mean"),
        ("\N{MINUS SIGN}inf", "infinity has no mean"),
        ("-1e400", "infinity has no mean"),
        ("1e9", "too large"),
        ("1 000 001", "1e+06 is too large; stay within ±1,000,000"),
        (1_000_001, "stay within"),
        ([1], "is not a number"),
        ("9" * 5000, "infinity has no mean"),
    ],
)
def test_a_bad_cell_keeps_the_last_good_number_and_says_why(raw, words):
    good = Integers(2, 1).batch("bn", 1)
    table = to_table(good)
    table[2][1] = raw
    x, refused = from_table(table, good)
    assert np.array_equal(x, good)
    assert refused.startswith("Image 3, c2: ")
    assert words in refused
    assert refused.endswith(f"It keeps {format_number(good[2, 1, 0, 0])}.")


def test_several_bad_cells_are_one_sentence():
    good = Integers(4, 1).batch("bn", 1)
    table = to_table(good)
    for image in range(4):
        table[image] = ["a", "", "1,000", "inf"]
    x, refused = from_table(table, good)
    assert np.array_equal(x, good)
    assert refused == (
        "16 cells cannot be used and keep their numbers, such as image 1, c1: 'a' is not a number; "
        "image 1, c2: the cell is empty; "
        "image 1, c3: '1,000' can be read as 1000 or as 1.000; write one of these."
    )
    table = [*to_table(good)[:3], ["a", "", "3,5", 1]]
    x, refused = from_table(table, good)
    assert x[3].ravel().tolist() == [good[3, 0, 0, 0], good[3, 1, 0, 0], 3.5, 1]
    assert refused == (
        "2 cells cannot be used and keep their numbers: image 4, c1: 'a' is not a number; "
        "image 4, c2: the cell is empty."
    )


def test_edits_travel_through_the_url():
    edits = ((0, 7.0), (12, -2.5), (31, 1e6))
    text = edits_to_text(edits)
    assert text == "0_7~12_-2.5~31_1000000"
    assert edits_from_text(text, 32) == (edits, "")
    assert edits_from_text("", 32) == ((), "")
    assert edits_from_text("0_7,0~12_\N{MINUS SIGN}2,5~31_1 000 000", 32) == (edits, "")


@pytest.mark.parametrize("text", ["32_1", "-1_1", "a_1", "3_", "3_x", "3_inf", "3_nan", "3_1e7", "3", "²_1", "__"])
def test_a_garbage_edit_is_refused_in_words(text):
    edits, refused = edits_from_text(f"1_5~{text}", 32)
    assert edits == ((1, 5.0),)
    assert refused.startswith(f"The edited number {text!r} in the link was left out: ")


def test_a_link_of_garbage_gives_one_sentence_and_its_good_edits():
    edits, refused = edits_from_text("x~" * 1000 + "1_5", 32)
    assert edits == ((1, 5.0),)
    assert refused.startswith("1000 edited numbers in the link were left out, such as 'x': there is no cell 'x' among")
    assert refused.count("'x': there") == 3
    assert edits_from_text("32_1~3_x", 32)[1] == (
        "2 edited numbers in the link were left out: '32_1': there is no cell '32' among 32; "
        "'3_x': 'x' is not a number."
    )
