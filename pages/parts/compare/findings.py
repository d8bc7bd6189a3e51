"""Findings as a list: question, answer, verdict, evidence."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from math import comb

import streamlit as st

from core.comparison.findings import Finding, Verdict
from core.comparison.headline import what_survives
from core.comparison.methods import Method, MethodOf, WholeMethod, as_methods
from core.comparison.study_findings import declared_family, study_findings, study_methods
from core.records.library import Library
from core.records.record import RecordError
from pages.parts.compare.results import findings_of
from pages.parts.shared.library import Shipped, shipped_runs

_BADGES: dict[Verdict, tuple[str, str]] = {
    "distinguishable": (":material/difference:", "distinguishable"),
    "not distinguishable": (":material/drag_handle:", "not distinguishable"),
    "described": (":material/description:", "described, not tested"),
}


AT_A_GLANCE = 3
"""So many findings need no line that sums them up."""


def findings_view(found: Sequence[Finding]) -> None:
    """What survives in a line, then each finding in a box of its own."""
    if not found:
        st.markdown("Choose two methods with the same seeds, or two single runs, and their difference is tested here.")
    elif len(found) > AT_A_GLANCE:
        st.markdown(what_survives(found))
        st.caption(
            "Accuracies differ where the test over seeds, Holm-adjusted within its family, and the one over seeds and "
            "images both say so; questions about losses are tested over seeds alone. Nothing is adjusted across "
            "families: of many questions, one may seem to survive by chance."
        )
    with st.grid(2, min_column_width=340, border=True) as boxes:
        for finding in found:
            icon, words = _BADGES[finding.verdict]
            with boxes.cell():
                st.markdown(f"**{finding.question}** {finding.answer}")
                st.caption(f"{icon} {words}. {finding.evidence}")


def tested_pairs(chosen: Sequence[WholeMethod]) -> list[Finding]:
    """What can be said of the chosen methods pair by pair; of the study's own it is said already."""
    if is_study(chosen) and (study := shipped_findings()):
        return study[: comb(len(chosen), 2)]
    return findings_of(chosen)


def tests_view(chosen: Sequence[Method], found: Sequence[Finding]) -> None:
    """What the tests show: of the study where all of it is chosen, else of the chosen methods first."""
    st.subheader("What the tests show", anchor=False)
    study = shipped_findings()
    if study and is_study(chosen):
        findings_view(study)
        return
    findings_view(found)
    if study:
        with st.expander("What the study that comes with the app says", icon=":material/science:"):
            findings_view(study)


def is_study(chosen: Sequence[Method]) -> bool:
    """Whether these are the declared family of the shipped runs, all its seeds and nothing else."""
    family = declared_family(as_methods(shipped_runs()))
    ids = [{record.run_id for method in group for record in method.records} for group in (chosen, family)]
    return bool(family) and ids[0] == ids[1]


@st.cache_data(show_spinner="Reading the shipped runs")
def shipped_findings() -> list[Finding]:
    """What the study that comes with the app says; empty where its records are not there.

    From the app's own folder, whatever this server or this visitor has under the same ids.
    """
    shipped = Library({"shipped": Shipped()})
    found = []
    for method in study_methods(as_methods(shipped.summaries()[0])):
        records = []
        for summary in method.records:
            with suppress(RecordError):
                records.append(shipped.load(summary.run_id))
        if records:
            found.append(MethodOf(method.label, tuple(records)))
    return study_findings(found)
