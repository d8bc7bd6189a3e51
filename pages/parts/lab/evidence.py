"""On demand: every measured row, what it took, and how it was done."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.comparison.tables import csv_bytes
from core.experiments.experiment import Experiment
from core.experiments.table import Table
from core.experiments.words import cost


def evidence(experiment: Experiment, table: Table) -> None:
    """What was done and what it took, and the rows of ``table`` as a table and as a file."""
    st.markdown(f":small[{cost(table)} {experiment.terms}]")
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
