"""A small network with each norm, to copy.

None is shown at first: what colours the code is a third of all that a browser would load for this page.
"""

from __future__ import annotations

import streamlit as st

from core.four_images.torch_layers import network_code
from pages.parts.home.address import CODE, TITLES
from pages.parts.home.shared_means import SIZES
from pages.parts.shared.address import choice_key, kept, take


@st.fragment
def code() -> None:
    """The choice of a norm, and its code."""
    key = choice_key(CODE)
    chosen = st.session_state[key] = kept(CODE)
    st.segmented_control(
        "A small network to copy, with",
        list(TITLES),
        key=key,
        on_change=lambda: take(CODE, st.session_state[key]),
    )
    if chosen:
        shape = (SIZES["N"], SIZES["C"], 28, 28)
        st.code(network_code(TITLES[chosen], shape, SIZES["G"]), language="python", wrap_lines=True)
