"""Findings: a line each, its evidence on demand."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import streamlit as st

from core.comparison.headline import what_survives
from core.comparison.methods import Method, as_methods
from core.comparison.study_findings import FAMILY, declared_family
from core.comparison.verdicts import Finding, Verdict
from pages.parts.shared.library import shipped_runs
from pages.parts.shared.study import shipped_findings

_SURE, _UNSURE, _DESCRIBED = ":material/check_circle:", ":material/radio_button_unchecked:", ":material/description:"
_BADGES: dict[Verdict, tuple[str, str]] = {
    "distinguishable": (_SURE, "distinguishable"),
    "distinguishable on these images": (_UNSURE, "distinguishable on these test images only"),
    "not distinguishable": (_UNSURE, "not distinguishable"),
    "equivalent": (_SURE, "agreement shown"),
    "not shown equivalent": (_UNSURE, "agreement not shown"),
    "described": (_DESCRIBED, "described, not tested"),
}
_LEGEND = {_UNSURE: "tested, not beyond chance", _DESCRIBED: "described, not tested"}
"""What the icons of the folded lines say; those in view are the answers that the sentence above them counts."""
HOW_TESTED = (
    "Accuracies differ where the test over seeds, Holm-adjusted within its family, and the one over seeds and images "
    "both say so; questions about losses are tested over seeds alone. Nothing is adjusted across families: of many "
    "questions, one may by chance seem to have an answer."
)
ABOVE = (
    "{questions} of the questions, {answers} of these answers among them, are about its pairs and whether they agree: "
    "the matrix has them. The others are here."
)
TESTED, DESCRIBED = "{count} more tested, not beyond chance", "{count} more described without a test"
"""What is folded."""
FOLDED = "compare_more_questions"
IN_THE_MATRIX = comb(len(FAMILY), 2) + 1
"""So many of the study's findings, the first, are about its pairs and whether they agree."""


def evidence_view(finding: Finding) -> None:
    """One finding with all that it rests on."""
    icon, words = _BADGES[finding.verdict]
    st.markdown(f"**{finding.question}** {finding.answer}")
    st.caption(f"{icon} {words.capitalize()}. {finding.evidence}")


def questions_view(chosen: Sequence[Method]) -> None:
    """The questions of the study that comes with the app, a line each; nothing without it.

    What the matrix says already is left out where the study's own methods are in it. In view are the answers beyond
    chance; the others are folded, and drawn when somebody opens them.
    """
    found = shipped_findings()
    if not found:
        return
    st.subheader("What the study says", anchor=False, help=HOW_TESTED)
    told = is_study(chosen)
    above = ABOVE.format(questions=IN_THE_MATRIX, answers=sum(_sure(finding) for finding in found[:IN_THE_MATRIX]))
    st.markdown(f"{what_survives(found)} {above}" if told else what_survives(found))
    asked = found[IN_THE_MATRIX if told else 0 :]
    with st.container(key="compare_questions", gap=None):
        _lines([finding for finding in asked if _sure(finding)])
        rest = [finding for finding in asked if not _sure(finding)]
        if not rest:
            return
        folded = st.expander(_folded(rest), key=FOLDED, on_change="rerun")
        if folded.open:
            with folded:
                icons = {_BADGES[finding.verdict][0] for finding in rest}
                st.caption(". ".join(f"{icon} {words}" for icon, words in _LEGEND.items() if icon in icons))
                _lines(rest)


def _folded(rest: Sequence[Finding]) -> str:
    """How many are folded, so that their number and that of the answers in view add up to what was asked."""
    described = sum(finding.verdict == "described" for finding in rest)
    counts = {TESTED: len(rest) - described, DESCRIBED: described}
    return "; ".join(words.format(count=count) for words, count in counts.items() if count)


def _sure(finding: Finding) -> bool:
    """Whether it has an answer beyond chance."""
    return _BADGES[finding.verdict][0] == _SURE


def _lines(findings: Sequence[Finding]) -> None:
    place = st.container(gap=None)
    for finding in findings:
        icon, words = _BADGES[finding.verdict]
        with place, st.expander(f"**{finding.question}** {finding.answer}", icon=icon):
            st.caption(f"{words.capitalize()}. {finding.evidence}")


def is_study(chosen: Sequence[Method]) -> bool:
    """Whether these are the declared family of the shipped runs, all its seeds and nothing else."""
    family = declared_family(as_methods(shipped_runs()))
    ids = [{record.run_id for method in group for record in method.records} for group in (chosen, family)]
    return bool(family) and ids[0] == ids[1]
