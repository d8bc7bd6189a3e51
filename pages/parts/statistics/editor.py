"""The small integers of the images: shape, seed, and single numbers changed by hand."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.config import ConfigError
from core.four_images.editing import check_number, edits_from_text, edits_to_text, from_table
from core.four_images.source import (
    BATCH_SIZES,
    CHANNELS,
    MAX_SEED,
    SIDES,
    Cell,
    Integers,
    column_names,
    is_cell,
    to_table,
)
from core.normalization import Array
from pages.parts.shared.address import asked, plain, turn, write
from pages.parts.shared.turned import acknowledge, settle
from pages.parts.statistics.address import BATCH, CHANNELS_C, EDITS, SEED, SIDE

# the last usable numbers, those that the editor started from, and the editor's own number
_KEPT, _SHOWN, _MOUNT = "stats kept", "stats shown", "stats mount"
_REFUSED = "stats not typed"
NOT_TYPED = "{text} was not taken: {reason}. The number stays as it was."


def integers_control(place: st.delta_generator.DeltaGenerator) -> tuple[Integers, list[str]]:
    """Draw shape, seed and the editor; the source they make, and what was refused, in a sentence."""
    with place, st.popover("Shape", icon=":material/tune:"):
        with st.container(horizontal=True):
            images = st.select_slider("Images N", BATCH_SIZES, value=BATCH.default, width=150, **BATCH.widget())
            channels = st.select_slider(
                "Channels C", CHANNELS, value=CHANNELS_C.default, width=150, **CHANNELS_C.widget()
            )
            side = st.select_slider("H = W", SIDES, value=SIDE.default, width=150, **SIDE.widget())
        with st.container(horizontal=True, vertical_alignment="bottom"):
            seed = st.number_input("Seed", 0, MAX_SEED, SEED.default, width=160, **SEED.widget())
            st.button("New numbers", icon=":material/casino:", on_click=_next_seed)
        acknowledge(SEED.name)
        return _edited(images, channels, side, seed)


def _next_seed() -> None:
    settle(SEED.name)  # pressed twice, it steps from the seed that the first press gave
    turn(SEED, (int(st.session_state.get(SEED.name) or 0) + 1) % (MAX_SEED + 1))


def take_typed(cell: Cell, text: str) -> None:
    """Put what was typed into a cell of the picture into the numbers; what cannot be used is said at the next run."""
    state = st.session_state
    good: Integers | None = state.get(_KEPT)
    if good is None or not is_cell(cell, good.numbers.shape):
        return
    try:
        numbers = good.numbers.copy()
        numbers[cell] = check_number(text)
    except ConfigError as error:
        state[_REFUSED] = NOT_TYPED.format(text=plain(repr(text)), reason=error)
        return
    state[_KEPT] = good.edited(numbers)
    state[_MOUNT] = state.get(_MOUNT, 0) + 1  # the spreadsheet starts from the new numbers


def _edited(images: int, channels: int, side: int, seed: int) -> tuple[Integers, list[str]]:
    """Let a person change single numbers; what cannot be used is said and leaves the last good number."""
    state, shape = st.session_state, (channels, side, seed, images)
    refused: list[str] = [state.pop(_REFUSED)] if _REFUSED in state else []
    good: Integers | None = state.get(_KEPT)
    if good is None:  # the first run of this visit: the link may bring edits
        edits, sentence = edits_from_text(asked(EDITS) or "", images * channels * side**2)
        refused = [plain(sentence)] if sentence else []
        good = Integers(channels, side, seed, edits, images=images)
    elif good.shape != shape:
        good = Integers(channels, side, seed, images=images)
    key = f"stats_numbers_{state.setdefault(_MOUNT, 0)}"
    if key not in state or state[_SHOWN].shape != shape:
        # a new editor starts from the edited numbers: the old one's changes went with it
        state[_MOUNT] += 1
        key = f"stats_numbers_{state[_MOUNT]}"
        state[_SHOWN] = good
    state[_KEPT] = edited = good.edited(_editor(state[_SHOWN], good, key))
    write(EDITS, edits_to_text(edited.edits))
    return edited, refused


def _editor(shown: Integers, good: Integers, key: str) -> Array:
    frame = pd.DataFrame(
        # as text, so that a person may type anything and hear what is wrong with it
        [[f"{value:.12g}" for value in row] for row in to_table(shown.numbers)],
        columns=column_names(shown.channels, shown.side),
        index=[f"image {i + 1}" for i in range(shown.images)],
        dtype=str,
    )
    alt = "The numbers of the images, one image a row; every cell can be edited"
    table = st.data_editor(frame, key=key, alt=alt, width="stretch")
    st.caption("Change any number. Negative numbers and decimals work too, with a point or a comma.")
    x, sentence = from_table(table.values.tolist(), good.numbers)
    if sentence:  # beside the editor, where the person is looking
        st.warning(plain(sentence), icon=":material/warning:")
    return x
