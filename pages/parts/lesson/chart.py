"""The picture of a step where it is a chart: low on a phone, whose words stand below it, and high in a wide window."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from pages.parts.shared.charts import NO_TOOLBAR


def chart(figure: go.Figure, *, key: str, alt: str) -> None:
    """Draw ``figure``; its own height is that of a phone."""
    with st.container(key="lesson_chart"):  # the page's style sets its height
        st.plotly_chart(figure, key=key, height="stretch", config=NO_TOOLBAR, alt=alt)
