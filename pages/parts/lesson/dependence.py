"""Step 4, who depends on whom: another image 4 comes, and image 1 moves under BatchNorm alone."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.catalogue import NORMS, SetNorm
from core.four_images.figures import movement_bars
from core.four_images.influence import movements
from core.four_images.source import DEFAULT_CHANNELS, Cell, Integers
from core.normalization import statistics
from pages.parts.lesson.step import ask, outcome
from pages.parts.shared.address import Parameter, Table, keep, kept, whole
from pages.parts.shared.charts import NO_TOOLBAR
from pages.parts.shared.shown import Shown
from pages.parts.shared.tensor_view import tensor_view

NUMBER = 4
NORMS_SHOWN: tuple[SetNorm, ...] = ("bn", "ln", "gn")
GROUPS = 2
MOST = 20
ANOTHER = Parameter("another", whole(1, MOST), 1)
PARAMETERS: Table = (ANOTHER,)
CELL: Cell = (0, 0, 0, 0)
OPTIONS = ("under none of them", "under BatchNorm alone", "under BatchNorm and GroupNorm", "under all three")
RIGHT = 1
QUESTION = (
    "Another image takes the place of **image 4**. Under which norms do the normalized numbers of **image 1** change?"
)
SEEN = (
    "Image 4 was replaced (number {number}). A cell of image 1 moved by up to **{bn:.2f}** under BatchNorm, by {ln:g} "
    "under LayerNorm and by {gn:g} under GroupNorm: their sets end where the image ends."
)
TITLE = "BatchNorm on four images of whole numbers, in training mode."


def draw(said: str, picture: DeltaGenerator, words: DeltaGenerator) -> None:
    """The tensor under BN; after the prediction with another image 4, and how far image 1 moved under each norm."""
    source = Integers(DEFAULT_CHANNELS)
    old = source.batch("bn", GROUPS)
    number = kept(ANOTHER)
    x = source.batch("bn", GROUPS, replaced=number) if said else old
    with picture:
        tensor_view(
            Shown(x, statistics(x, "bn"), old=old if said else None),
            CELL,
            title=TITLE,
            key="lesson_tensor4",
            lean=True,
            on_pin=lambda: None,
        )
    with words:
        if not said:
            ask(NUMBER, QUESTION, OPTIONS)
            return
        outcome(NUMBER, said, OPTIONS, RIGHT)
        found = movements(source, GROUPS, number, training=True, norms=NORMS_SHOWN)
        st.plotly_chart(
            movement_bars(found).update_layout(height=200),
            key="lesson_movement",
            config=NO_TOOLBAR,
            alt="; ".join(f"{NORMS[m.norm].title}: image 1 moved by {m.largest:.4f}" for m in found),
        )
        bn, ln, gn = (m.largest for m in found)
        st.markdown(SEEN.format(number=number, bn=bn, ln=ln, gn=gn))
        st.button(
            "Another image 4", icon=":material/swap_horiz:", key="lesson_another", on_click=_another, args=(number,)
        )


def _another(number: int) -> None:
    keep(ANOTHER, number % MOST + 1)
