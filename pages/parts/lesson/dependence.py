"""Step 4, who depends on whom: another image 4 comes, and the other images move under BatchNorm alone."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.catalogue import NORMS, SetNorm
from core.four_images.figures import movement_rows
from core.four_images.source import DEFAULT_CHANNELS, IMAGES, Cell, Integers, cell_from_text, cell_to_text
from core.labels import listed
from core.lesson.dependence import Change, change
from core.normalization import statistics
from pages.parts.lesson.step import ask, outcome
from pages.parts.shared.address import Parameter, Table, keep, kept, segments
from pages.parts.shared.charts import NO_TOOLBAR
from pages.parts.shared.rules import one_of, whole
from pages.parts.shared.shown import Shown
from pages.parts.shared.tensor_view import pinned_by_hand, tensor_view

NUMBER = 4
NORMS_SHOWN: tuple[SetNorm, ...] = ("bn", "ln", "gn")
GROUPS = 2
SOURCE = Integers(DEFAULT_CHANNELS)
SHAPE = SOURCE.numbers.shape
MOST = 20
KEY = "lesson_tensor4"

ANOTHER = Parameter("another", whole(1, MOST), 1)
NORM: Parameter[SetNorm] = Parameter("norm4", one_of(NORMS_SHOWN), "bn")
CELL: Parameter[Cell] = Parameter("cell4", lambda text: cell_from_text(text, SHAPE), (0, 0, 0, 0), text=cell_to_text)
PARAMETERS: Table = (ANOTHER, NORM, CELL)

OPTIONS = ("under none of them", "under BatchNorm alone", "under BatchNorm and GroupNorm", "under all three")
RIGHT = 1
QUESTION = (
    "In training mode, another image takes the place of **image 4**. Under which norms do the normalized numbers of "
    "**image 1** change?"
)
IN_SHORT = "Image 4 was replaced: under which norms does image 1 change?"
"""The question again, beside its answer."""
CHANGED = (
    "Image 4 was replaced (marked corners: new numbers). Under {title} **{others} of the {cells}** x̂ of images 1 to 3 "
    "changed: they share means with image 4."
)
NONE_CHANGED = (
    "Image 4 was replaced (marked corners: new numbers). Under {title} **none of the {cells}** x̂ of images 1 to 3 "
    "changed: each set lies within one image."
)

LARGEST = "Largest change of x̂ in image 1: {norms}."
AROUND = 380
"""As ``tensor_view`` has it: no number line stands below the tensor here."""
TITLE = "{title} on four images of whole numbers, in training mode."
TINT = "change of x̂"


def draw(said: str, picture: DeltaGenerator, words: DeltaGenerator) -> None:
    """The tensor under the chosen norm; after the prediction with another image 4 and what that changed."""
    number = kept(ANOTHER)
    with picture:
        norm = segments("Norm", NORMS_SHOWN, NORM, name=lambda norm: NORMS[norm].title)
        found = change(SOURCE, norm, GROUPS, number)
        _tensor(found, revealed=bool(said))
    with words:
        if not said:
            ask(NUMBER, QUESTION, OPTIONS)
            return
        outcome(NUMBER, said, OPTIONS, RIGHT, IN_SHORT)
        _what_changed(found, number)
        st.button(
            "Another image 4", icon=":material/swap_horiz:", key="lesson_another", on_click=_another, args=(number,)
        )


def _tensor(found: Change, *, revealed: bool) -> None:
    x = found.new if revealed else found.old
    shown = Shown(x, statistics(x, found.norm, GROUPS))
    if revealed:
        shown = Shown(x, shown.stats, old=found.old, tint=found.x_hat, tint_name=TINT)
    tensor_view(
        shown,
        kept(CELL),
        title=TITLE.format(title=NORMS[found.norm].title),
        key=KEY,
        lean=True,
        around=AROUND,
        leads="tint" if revealed else "before",
        on_pin=_pin,
    )


def _what_changed(found: Change, number: int) -> None:
    template = CHANGED if found.others else NONE_CHANGED
    cells = found.x_hat[: IMAGES - 1].size
    figure, said = movement(number)
    with st.container(key="lesson_phone_small"):
        st.markdown(template.format(title=NORMS[found.norm].title, others=found.others, cells=cells))
        st.markdown(f":small[{said}]")
    with st.container(key="lesson_wide_only"):
        st.plotly_chart(figure, key="lesson_movement", config=NO_TOOLBAR, alt=said)


def movement(number: int) -> tuple[go.Figure, str]:
    """How far image 1 moves under each norm when replacement ``number`` of image 4 comes, and that in words."""
    moved = {norm: change(SOURCE, norm, GROUPS, number).largest for norm in NORMS_SHOWN}
    each = [
        f"{NORMS[norm].short} {largest:.2f}" if largest else f"{NORMS[norm].short} 0" for norm, largest in moved.items()
    ]
    return movement_rows(moved), LARGEST.format(norms=listed(each))


def _pin() -> None:
    cell = pinned_by_hand(KEY)
    if cell is not None and CELL.rule(cell_to_text(cell)) is not None:
        keep(CELL, cell)


def _another(number: int) -> None:
    keep(ANOTHER, number % MOST + 1)
