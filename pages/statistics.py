"""Which numbers share a mean and a variance, and what does that do to my images?"""

import numpy as np
import streamlit as st

from core.catalogue import NORMS
from pages import only_by_the_app
from pages.parts.shared.address import read_address
from pages.parts.shared.tensor_view import tensor_view
from pages.parts.statistics.address import TABLE
from pages.parts.statistics.controls import TENSOR, controls, pinned_cell, take_pinned, take_typed_numbers
from pages.parts.statistics.counts import headline, refusal
from pages.parts.statistics.images import OWN
from pages.parts.statistics.look import STYLE
from pages.parts.statistics.own_digit import own_answers
from pages.parts.statistics.tabs import sections

only_by_the_app()

st.html(STYLE)
head = st.container(key="stats_head", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
head.title("Who shares a mean?", width="content")
read_address(TABLE)
setting, refused = controls(head)
pinned, refused_cell = pinned_cell(setting.x.shape)
for sentence in refused + refused_cell:
    st.warning(sentence, icon=":material/warning:")
answer = st.container(key="stats_answer").empty()
if not_taken := refusal(setting.norm, setting.x.shape, setting.groups):
    st.warning(not_taken, icon=":material/block:")

# the picture stays in view while the lesson beside it is read; many channels leave the lesson less room
wide = setting.x.shape[1] * setting.x.shape[3] > 40
picture, lesson = st.columns([13, 9] if wide else [11, 9], gap="medium")
with lesson, st.container(key="stats_lesson"):
    shown = sections(setting, pinned)
answer.markdown(headline(setting, shown))
with picture, st.container(key="stats_picture"):
    tensor_view(
        shown,
        pinned,
        title=f"{NORMS[setting.norm].title} on {len(setting.x)} images, {setting.name}.",
        key=TENSOR,
        on_pin=take_pinned,
        # not where a lesson shows other numbers than those that can be edited
        on_type=take_typed_numbers if setting.kind == "integers" and np.array_equal(shown.x, setting.x) else None,
        thumbs=setting.thumbs,
    )
    if setting.note:
        st.caption(setting.note)
    if setting.kind == "images":
        own_answers(st.session_state[OWN])
