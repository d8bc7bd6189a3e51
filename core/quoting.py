"""How a message quotes what it was given: on one line, and no longer than a person reads. Standard library only."""

from __future__ import annotations

MOST_QUOTED = 200
"""Characters of an input in a message, which may come from a stranger and be of any length."""


def shortened(text: object, most: int = MOST_QUOTED) -> str:
    """``text`` on one line of at most ``most`` characters: what cannot be printed is escaped, the middle left out.

    >>> shortened("a" * 100 + "z", most=20)
    'aaaaaaaaaaaa...aaaaz'
    """
    given = str(text)
    if len(given) > 2 * most:  # no more is looked at than can be shown
        given = given[:most] + given[-most:]
    line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in given)
    if len(line) <= most:
        return line
    end = most // 4  # of a path the end tells as much as the beginning
    return f"{line[: most - end - 3]}...{line[-end:]}"


def quoted(value: object, most: int = MOST_QUOTED) -> str:
    """``value`` as Python writes it, a text in quotation marks, ``shortened``."""
    return shortened(repr(value), most)
