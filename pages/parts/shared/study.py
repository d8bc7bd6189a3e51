"""What the study that comes with the app says, computed once a server."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from core.comparison.findings import selection_findings
from core.comparison.methods import Method, MethodOf, WholeMethod, as_methods
from core.comparison.norms_alone import plain_of
from core.comparison.study_findings import declared_family, study_findings, study_methods
from core.comparison.verdicts import Finding
from core.lesson.choice import norms_alone
from core.records.library import Library
from core.records.record import RecordError
from pages.parts.shared.library import Shipped


@st.cache_data(show_spinner="Reading the shipped runs")
def shipped_findings() -> list[Finding]:
    """What the study that comes with the app says; empty where its records are not there.

    From the app's own folder, whatever this server or this visitor has under the same ids.
    """
    shipped = Library({"shipped": Shipped()})
    return study_findings(_whole(study_methods(as_methods(shipped.summaries()[0])), shipped))


def shipped_norms_alone() -> str:
    """What the tests say of the study's three norms without penalties; "" where one of them does not come along."""
    return _alone()[0]


def shipped_pairs_alone() -> list[Finding]:
    """The tests of their pairs; none where one of them does not come along."""
    return _alone()[1]


@st.cache_data(show_spinner="Reading the shipped runs")
def _alone() -> tuple[str, list[Finding]]:
    shipped = Library({"shipped": Shipped()})
    methods = as_methods(shipped.summaries()[0])
    family = declared_family(methods)
    whole = _whole(plain_of(family, methods), shipped)
    if len(whole) < len(family):
        return "", []
    found = selection_findings(whole)
    return norms_alone(whole, found), found


def _whole(methods: Sequence[Method], shipped: Library) -> list[WholeMethod]:
    """The same with weights and predictions, without the records that cannot be read."""
    found = []
    for method in methods:
        records = []
        for summary in method.records:
            with suppress(RecordError):
                records.append(shipped.load(summary.run_id))
        if records:
            found.append(MethodOf(method.label, tuple(records)))
    return found
