"""The lesson on code: the chosen norm as one writes it, and the numbers of the picture on demand."""

from __future__ import annotations

import streamlit as st

from core.catalogue import NORMS
from core.four_images.arithmetic import CSV_NAME, torch_code
from core.four_images.source import Cell
from core.four_images.torch_layers import network_code
from pages.parts.statistics.controls import Setting

PLAIN = None
"""The language of the code: the colours that Streamlit gives to Python's words do not stand out enough to be read."""
TRAP = (
    "**The trap**: `model.eval()` before you test, `model.train()` before you go on. Only {norms} keeps anything from "
    "training, so only there it matters for the norm."
)


def in_pytorch(setting: Setting, pinned: Cell) -> None:
    """Code to copy."""
    x, norm = setting.x, setting.norm
    st.code(network_code(norm, x.shape, setting.groups), language=PLAIN)
    running = ", ".join(NORMS[n].title for n in setting.norms if NORMS[n].running)
    st.markdown(TRAP.format(norms=running))
    with st.expander("The output of the pinned cell, by torch", icon=":material/data_object:"):
        st.code(torch_code(x, norm, setting.groups, pinned, 1.0, 0.0), language=PLAIN, wrap_lines=True)
        if x.size > 128:
            st.caption(f"{CSV_NAME} comes from the lesson “Take it with you”.")
