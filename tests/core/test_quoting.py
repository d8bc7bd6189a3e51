"""What a message quotes stands on one line and is no longer than a person reads."""

from __future__ import annotations

import pytest

from core.quoting import quoted, shortened


def test_what_is_short_stays_as_it_is():
    assert shortened("norm") == "norm"
    assert shortened("a" * 200) == "a" * 200
    assert quoted("norm") == "'norm'"
    assert quoted(3.5) == "3.5"


def test_the_middle_of_what_is_long_is_left_out():
    assert shortened("a" * 100 + "b" * 101) == "a" * 100 + "b" * 47 + "..." + "b" * 50
    assert shortened("/a/long/path/to/a/file.md", 16) == "/a/long/p...e.md"
    assert len(quoted("x" * 10**6)) == 200
    assert quoted("x" * 10**6).startswith("'xxx")
    assert quoted("x" * 10**6).endswith("xxx'")


@pytest.mark.parametrize("character", ["\n", "\r", "\x1b", "\u2028", "\udc80", "\0", "\t"])
def test_what_cannot_be_printed_is_escaped(character):
    line = shortened(f"a{character}b")
    assert line.isprintable()
    assert line.splitlines() == [line]
    assert line == f"a{character.encode('unicode_escape', 'surrogatepass').decode()}b"
    assert len(shortened(character * 1000, 50)) == 50
