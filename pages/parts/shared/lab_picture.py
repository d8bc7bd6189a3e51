"""The picture of a table, with its words for those who do not see it."""

from __future__ import annotations

import streamlit as st

from core.experiments.experiment import View
from core.experiments.partial import of_table
from core.experiments.table import Table
from pages.parts.shared.charts import NO_TOOLBAR

NOT_YET = "The picture needs more trials than have ended."


def draw_picture(view: View, table: Table, *, key: str) -> None:
    """Draw it, or say that there are too few rows for it."""
    figure = of_table(view.picture, table)
    if figure is None:
        st.caption(NOT_YET)
        return
    st.plotly_chart(figure, key=key, config=NO_TOOLBAR, alt=of_table(view.words, table) or view.title)
