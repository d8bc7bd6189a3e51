"""What the study that comes with the app says, computed once a server."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from core.comparison.methods import MethodOf, as_methods
from core.comparison.study_findings import study_findings, study_methods
from core.comparison.verdicts import Finding
from core.records.library import Library
from core.records.record import RecordError
from pages.parts.shared.library import Shipped


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
