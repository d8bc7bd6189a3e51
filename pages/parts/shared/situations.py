"""Which norm to take: a line a situation, with what was published, what was measured here, and where to see it.

The experiments themselves would bring torch, which this page spares: their tables are read by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import urlencode

import streamlit as st

from core.catalogue import NORMS
from core.comparison.methods import Method
from core.lesson.situations import SITUATIONS, Situation
from core.lesson.study_errors import study_in_words
from pages.parts.shared.measured import from_table

STATISTICS, LAB, COMPARE = "pages/statistics.py", "pages/lab.py", "pages/compare.py"
ICONS = {STATISTICS: ":material/grid_on:", LAB: ":material/science:", COMPARE: ":material/show_chart:"}
"""As the navigation has them."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A place in this app that shows it."""

    page: str
    label: str
    query: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Below that of the app."""
        path = PurePosixPath(self.page).stem
        return f"{path}?{urlencode(self.query)}" if self.query else path


def _experiment(name: str, title: str) -> Evidence:
    return Evidence(page=LAB, label=title, query={"lab_experiment": name})


BY_POSITION = next(row for row in NORMS.values() if row.shared and "H" in row.numbering)
"""The norm that tells positions apart."""
SET_SIZE = _experiment("set-size", "How many numbers are in a set?")
EVIDENCE: dict[str, tuple[Evidence, ...]] = {
    "large": (
        Evidence(page=COMPARE, label="See the tests"),
        _experiment("two-curves", "One network, two test curves"),
    ),
    "some": (SET_SIZE,),
    "two": (
        SET_SIZE,
        _experiment("small-ones", "Three small ones"),
        Evidence(
            page=STATISTICS,
            label="One value a channel",
            query={"stats_images": "1", "stats_side": "1", "stats_tab": "Write it in PyTorch"},
        ),
    ),
    "light": (_experiment("light", "Turn down the light"),),
    "single": (_experiment("forgot-eval", "You forgot model.eval()"),),
    "one-class": (_experiment("company", "It learned, but not for you"),),
    "micro-batches": (
        Evidence(page=STATISTICS, label="Four images as two and two", query={"stats_tab": "Accumulated gradients"}),
    ),
    "sequences": (
        Evidence(
            page=STATISTICS,
            label="Over C at each position",
            query={"stats_more": "true", "stats_norm": BY_POSITION.title},
        ),
    ),
    "deep": (
        _experiment("learning-rate", "How fast can you learn?"),
        _experiment("depth", "How deep can you go?"),
    ),
    "pruning": (_experiment("pruning", "What can be thrown away?"),),
}
"""By the name of the situation."""


def measured(row: Situation, family: Sequence[Method]) -> str:
    """What was measured here for a situation; "" where there is nothing. family: the study's methods, or none."""
    if row is SITUATIONS[0]:
        return study_in_words(family)
    return from_table(row.table, row.here) if row.table else ""


def reason(row: Situation) -> str:
    """Why to take it, and how far what was measured here bears that out."""
    borne_out = from_table(row.table, row.borne_out) if row.table else ""
    return f"{row.why} {borne_out}".rstrip()


def links(row: Situation, most: int | None = None) -> None:
    """Where in this app it can be seen: all places, or the first ``most``."""
    for link in EVIDENCE[row.name][:most]:
        st.page_link(link.page, label=link.label, icon=ICONS[link.page], query_params=link.query or None)
