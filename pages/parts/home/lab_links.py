"""The way from the first page to single experiments of the lab."""

from __future__ import annotations

import streamlit as st

EXPERIMENTS = {
    "light": "Turn down the light",
    "forgot-eval": "You forgot model.eval()",
    "set-size": "How many numbers are in a set?",
    "pruning": "What can be thrown away?",
}
"""By name, with the titles that they have there: the experiments would bring torch, which this page spares."""


def lab_links() -> None:
    """A row of links, with what they have in common."""
    st.subheader("When does it matter?", anchor=False)
    st.markdown(
        "The norms stay as they are, and the images, the batch or the weights change. Predict what happens, then see:"
    )
    with st.container(horizontal=True, gap="small"):
        for name, title in EXPERIMENTS.items():
            st.page_link("pages/lab.py", label=title, icon=":material/science:", query_params={"lab_experiment": name})
