"""What is said of a table, in two paragraphs: a conclusion, which stands beside the picture, and what explains it."""

from __future__ import annotations

from collections.abc import Iterable

BETWEEN = "\n\n"
"""As in Markdown."""


def in_two(conclusion: Iterable[str], more: Iterable[str]) -> str:
    """The sentences of both as one text; empty ones are left out."""
    paragraphs = (" ".join(filter(None, sentences)) for sentences in (conclusion, more))
    return BETWEEN.join(filter(None, paragraphs))


def conclusion_and_more(said: str) -> tuple[str, str]:
    """Both paragraphs of a text; the second is empty where there is only one."""
    conclusion, _, more = said.partition(BETWEEN)
    return conclusion, more


def in_one(said: str) -> str:
    """Both as one paragraph, for where a text has a line."""
    return said.replace(BETWEEN, " ")
