"""Says where the chosen methods differ in their penalty, too, and offers those that differ in the norm alone."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.comparison.methods import Method, method_id
from core.comparison.norms_alone import penalties_differ, without_penalties
from core.records.record import RunSummary
from pages.parts.compare.address import RUNS
from pages.parts.compare.findings import is_study
from pages.parts.compare.picker import entries
from pages.parts.shared.address import choice_key
from pages.parts.shared.choices import give
from pages.parts.shared.study import shipped_norms_alone


def norms_alone_view(chosen: Sequence[Method], records: Sequence[RunSummary]) -> None:
    """The sentence, and a button where the methods without a penalty are among ``records``; nothing for equal terms."""
    said = penalties_differ(chosen, shipped_norms_alone() if is_study(chosen) else "")
    if not said:
        return
    plain = [method_id(config) for config in without_penalties(chosen)]
    there = entries(records)
    with st.container(key="compare_norms_alone", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":small[{said}]", width="content")
        if all(entry in there for entry in plain):
            # no link: one from a page to itself leaves the browser's address as it was
            st.button(
                "The norms alone",
                icon=":material/balance:",
                help="Without a penalty: " + ", ".join(there[entry].label for entry in plain),
                key="compare_plain",
                on_click=_choose,
                args=(plain,),
            )


def _choose(entries_of: list[str]) -> None:
    give(choice_key(RUNS), entries_of)
