"""The small integers of the four images: shape, seed, and single numbers changed by hand."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.four_images.source import (
    CHANNELS,
    DEFAULT_CHANNELS,
    IMAGES,
    MAX_SEED,
    SIDES,
    Integers,
    column_names,
    edits_from_text,
    edits_to_text,
    from_table,
    to_table,
)
from core.normalization import Array
from pages.parts.shared.links import binding, is_whole, plain, set_parameter

EDITS = "stats_edit"


# by shape and seed: the last usable edits, those that the editor started from, and the editor's own number
_KEPT, _SHOWN, _MOUNT, _MOUNTED = "stats kept", "stats shown", "stats mount", "stats mounted"


def integers_control(place: st.delta_generator.DeltaGenerator) -> tuple[Integers, list[str]]:
    """Draw shape, seed and the editor; the source they make, and a sentence for everything that was refused."""
    with place, st.popover("Shape and numbers", icon=":material/tune:"):
        with st.container(horizontal=True):
            channels = st.segmented_control(
                "Channels C",
                CHANNELS,
                default=DEFAULT_CHANNELS,
                required=True,
                key="stats_channels",
                bind="query-params",
            )
            side = st.segmented_control(
                "Height and width H = W", SIDES, default=2, required=True, key="stats_side", bind="query-params"
            )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            bind = binding("stats_seed", is_whole(0, MAX_SEED))
            seed = st.number_input("Seed", 0, MAX_SEED, key="stats_seed", bind=bind, width=160)
            st.button("New numbers", icon=":material/casino:", on_click=_next_seed)
        source = Integers(channels, side, int(seed))
        source, refused = _edited(source)
    return source, refused


def _next_seed() -> None:
    st.session_state["stats_seed"] = (int(st.session_state.get("stats_seed") or 0) + 1) % (MAX_SEED + 1)


def _edited(source: Integers) -> tuple[Integers, list[str]]:
    """Let a person change single numbers; what cannot be used is said and leaves the last good number."""
    state = st.session_state
    place = (source.channels, source.side, source.seed)
    refused: list[str] = []
    if _KEPT not in state:  # the first run of this visit: the link may bring edits
        edits, sentences = edits_from_text(st.query_params.get(EDITS, ""), source.base.size)
        refused = [plain(sentence) for sentence in sentences]
        state[_KEPT] = state[_SHOWN] = (place, edits)
    elif state[_KEPT][0] != place:
        state[_KEPT] = state[_SHOWN] = (place, ())
    key = f"stats_numbers_{state.setdefault(_MOUNT, 0)}"
    if key not in state or state[_SHOWN][0] != state.get(_MOUNTED):
        # a new editor starts from the edited numbers: the old one's changes went with it
        state[_MOUNT] += 1
        key = f"stats_numbers_{state[_MOUNT]}"
        state[_SHOWN], state[_MOUNTED] = state[_KEPT], place
    x = _editor(Integers(*place, edits=state[_SHOWN][1]), Integers(*place, edits=state[_KEPT][1]), key)
    edited = Integers(*place).edited(x)
    state[_KEPT] = (place, edited.edits)
    set_parameter(EDITS, edits_to_text(edited.edits))
    return edited, refused


def _editor(shown: Integers, good: Integers, key: str) -> Array:
    frame = pd.DataFrame(
        # as text, so that a person may type anything and hear what is wrong with it
        [[f"{value:.12g}" for value in row] for row in to_table(shown.batch("ln", 1))],
        columns=column_names(shown.channels, shown.side),
        index=[f"image {i + 1}" for i in range(IMAGES)],
        dtype=str,
    )
    alt = "The numbers of the four images, one image a row; every cell can be edited"
    table = st.data_editor(frame, key=key, alt=alt, width="stretch")
    st.caption("Change any number. Decimals and negative numbers work too.")
    x, problems = from_table(table.values.tolist(), good.batch("ln", 1))
    for problem in problems[:3]:  # beside the editor, where the person is looking
        st.warning(plain(problem), icon=":material/warning:")
    return x
