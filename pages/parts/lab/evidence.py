"""What explains a result, what was done and what it took; on demand every measured row."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.comparison.tables import csv_bytes
from core.experiments.experiment import Experiment
from core.experiments.table import Table
from core.experiments.words import cost


def explained(experiment: Experiment, table: Table, why: str, widths: tuple[int, int]) -> None:
    """Why it came out so, and what was done, side by side.  why: may be empty.  widths: as of picture and words."""
    left, right = st.columns(widths, gap="medium") if why else (None, st.container())
    if left is not None:
        left.markdown(why)
    with right, st.container(key="lab_done"):
        st.markdown(f"{cost(table)} {experiment.terms}")


def evidence(experiment: Experiment, table: Table) -> None:
    """The rows of ``table`` as a table and as a file."""
    rows = st.expander("Every measured row", icon=":material/table_rows:", key="lab_rows", on_change="rerun")
    if not rows.open:
        return
    frame = pd.DataFrame([dict(row) for row in table.rows])
    with rows:
        st.dataframe(frame, hide_index=True, alt=f"All rows of the experiment: {experiment.question}", height=300)
        st.download_button(
            "As CSV",
            lambda: csv_bytes(frame),
            file_name=f"normlens_lab_{experiment.name}.csv",
            mime="text/csv",
            icon=":material/download:",
            key="lab_csv",
            on_click="ignore",
        )
