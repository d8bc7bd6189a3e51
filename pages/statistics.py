"""Which numbers share a mean and a variance, and what does that do to my four images?"""

import streamlit as st

from core.catalogue import NORMS
from pages import only_by_the_app
from pages.parts.shared.address import read_address
from pages.parts.statistics.address import TABLE
from pages.parts.statistics.controls import TENSOR, controls, pinned_cell, take_pinned
from pages.parts.statistics.counts import headline, how_many, table_of_sets
from pages.parts.statistics.images import OWN
from pages.parts.statistics.own_digit import own_answers
from pages.parts.statistics.tabs import sections
from pages.parts.statistics.tensor_view import tensor_view

only_by_the_app()

st.title("Who shares a mean?")
st.markdown(
    "Four images (N), their channels (C), each of H × W numbers: **cells of one colour share a mean and a variance**; "
    "click a cell to pin it. Subtracting that mean and dividing by the standard deviation gives each of these sets "
    "mean 0 and variance 1, whatever came before. Why that helps training is still argued about; one answer for "
    "BatchNorm is a smoother loss surface ([arXiv:1805.11604](https://arxiv.org/abs/1805.11604))."
)

read_address(TABLE)
setting, refused = controls()
pinned, refused_cell = pinned_cell(setting.x.shape)
for sentence in refused + refused_cell:
    st.warning(sentence, icon=":material/warning:")

st.markdown(headline(setting))
if setting.note:
    st.caption(setting.note)
if setting.kind == "images":
    own_answers(st.session_state[OWN])
# small tensors leave room for their statistics beside them, a layer's activations need the whole width
beside = setting.x.shape[1] * setting.x.shape[3] <= 24
left, right = st.columns([3, 2], gap="large") if beside else (st, st)
with left.container():
    tensor_view(
        setting.x,
        setting.stats,
        pinned,
        title=f"{NORMS[setting.norm].title} on {len(setting.x)} images, {setting.name}.",
        key=TENSOR,
        on_pin=take_pinned,
        thumbs=setting.thumbs,
    )
with right.container():
    how_many(setting, columns=2 if beside else 4)
    table_of_sets(setting, pinned)

sections(setting, pinned)
