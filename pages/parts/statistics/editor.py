"""The small integers of the four images: shape, seed, and single numbers changed by hand."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.four_images.editing import edits_from_text, edits_to_text, from_table
from core.four_images.source import CHANNELS, IMAGES, MAX_SEED, SIDES, Integers, column_names, to_table
from core.normalization import Array
from pages.parts.shared.address import asked, plain, write
from pages.parts.statistics.address import CHANNELS_C, EDITS, SEED, SIDE

# the last usable numbers, those that the editor started from, and the editor's own number
_KEPT, _SHOWN, _MOUNT = "stats kept", "stats shown", "stats mount"


def integers_control(place: st.delta_generator.DeltaGenerator) -> tuple[Integers, list[str]]:
    """Draw shape, seed and the editor; the source they make, and what was refused, in a sentence."""
    with place, st.popover("Shape and numbers", icon=":material/tune:"):
        with st.container(horizontal=True):
            channels = st.segmented_control(
                "Channels C", CHANNELS, default=CHANNELS_C.default, required=True, **CHANNELS_C.widget()
            )
            side = st.segmented_control(
                "Height and width H = W", SIDES, default=SIDE.default, required=True, **SIDE.widget()
            )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            seed = st.number_input("Seed", 0, MAX_SEED, SEED.default, width=160, **SEED.widget())
            st.button("New numbers", icon=":material/casino:", on_click=_next_seed)
        return _edited(channels, side, seed)


def _next_seed() -> None:
    st.session_state[SEED.name] = (int(st.session_state.get(SEED.name) or 0) + 1) % (MAX_SEED + 1)


def _edited(channels: int, side: int, seed: int) -> tuple[Integers, list[str]]:
    """Let a person change single numbers; what cannot be used is said and leaves the last good number."""
    state, shape = st.session_state, (channels, side, seed)
    refused: list[str] = []
    good: Integers | None = state.get(_KEPT)
    if good is None:  # the first run of this visit: the link may bring edits
        edits, sentence = edits_from_text(asked(EDITS) or "", IMAGES * channels * side**2)
        refused = [plain(sentence)] if sentence else []
        good = Integers(*shape, edits=edits)
    elif good.shape != shape:
        good = Integers(*shape)
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
        index=[f"image {i + 1}" for i in range(IMAGES)],
        dtype=str,
    )
    alt = "The numbers of the four images, one image a row; every cell can be edited"
    table = st.data_editor(frame, key=key, alt=alt, width="stretch")
    st.caption("Change any number. Negative numbers and decimals work too, with a point or a comma.")
    x, sentence = from_table(table.values.tolist(), good.numbers)
    if sentence:  # beside the editor, where the person is looking
        st.warning(plain(sentence), icon=":material/warning:")
    return x
