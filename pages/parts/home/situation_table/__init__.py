"""The table of the decision: a line a situation, with what to take in it, why, and where in this app it can be seen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from core.comparison.methods import Method
from core.lesson.situations import SITUATIONS, Situation
from pages.parts.shared.front_end import front_end
from pages.parts.shared.situations import EVIDENCE, ICONS, Evidence, measured, reason

COLUMNS = ("When", "Take", "Why", "See it here")
NUMBERS = "The numbers"
_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
_LEADS: tuple[Evidence, ...] = tuple(link for row in SITUATIONS for link in EVIDENCE[row.name])
"""All places that the table leads to, by the numbers that the browser sends."""


def situation_table(family: Sequence[Method], *, key: str) -> None:
    """Draw the table, and go where a link of it leads.

    family: the methods of the shipped study, which the first line tells of; or none.
    """
    data = {
        "columns": list(COLUMNS),
        "numbers": NUMBERS,
        "rows": [_row(row, family) for row in SITUATIONS],
    }
    # in a list: of a dictionary Streamlit looks at each value for a table, and imports pandas to do so
    sent = front_end(Path(__file__).parent)(key=key, data=[data], on_go_change=lambda: None).go
    if (link := lead(sent)) is not None:
        st.switch_page(link.page, query_params=link.query or None)


def lead(sent: object) -> Evidence | None:
    """The place whose number the browser sent; None for anything else, since that may come from a stranger."""
    if not isinstance(sent, int) or isinstance(sent, bool) or not 0 <= sent < len(_LEADS):
        return None
    return _LEADS[sent]


def _row(row: Situation, family: Sequence[Method]) -> dict[str, Any]:
    return {
        "when": row.when,
        "take": f"{row.take[0].upper()}{row.take[1:]}",
        "why": reason(row),
        "links": [
            {
                "number": _LEADS.index(link),
                "label": link.label,
                "icon": ICONS[link.page].removeprefix(":material/").removesuffix(":"),
                "address": link.address,
            }
            for link in EVIDENCE[row.name]
        ],
        "numbers": _pieces(" ".join(filter(None, (row.published, measured(row, family))))),
    }


def _pieces(text: str) -> list[list[str]]:
    """Markdown's links told from what is between them: words alone, or words and where they lead."""
    pieces, end = [], 0
    for link in _LINK.finditer(text):
        pieces += [[text[end : link.start()]], [link[1], link[2]]]
        end = link.end()
    return [piece for piece in [*pieces, [text[end:]]] if piece[0]]
