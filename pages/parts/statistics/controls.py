"""The controls above the tensor: where the numbers come from, which norm, how many groups."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.catalogue import NORM_TITLES
from core.config import check_groups, divisors
from core.four_images.activations import LAYER_CHANNELS, LAYERS, Images, layer_title
from core.four_images.figures import Split
from core.four_images.source import (
    CHANNELS,
    DEFAULT_CHANNELS,
    IMAGES,
    MAX_SEED,
    SIDES,
    Cell,
    Integers,
    Source,
    cell_from_text,
    cell_to_text,
    column_names,
    edits_from_text,
    edits_to_text,
    from_table,
    to_table,
)
from core.four_images.two_layers import TwoLayers, enlarged_pictures
from core.normalization import SET_NORMS, Array, SetNorm, Statistics, effective_groups, statistics
from pages.parts.shared.library import (
    binding,
    is_number,
    is_one_of,
    is_step,
    is_whole,
    plain,
    rejected_parameters,
    set_parameter,
)
from pages.parts.statistics.images import DEFAULT_LAYER, image_controls, network_note
from pages.parts.statistics.tensor_view import pinned_by_hand

SOURCES = {"Small integers": "integers", "Two layers": "layers", "Real images": "images"}
NORM_BY_TITLE: dict[str, SetNorm] = {NORM_TITLES[norm]: norm for norm in SET_NORMS}
LAYER_CHOICES = ("first norm", "second norm")
TABS = (
    "Arithmetic",
    "Who influences whom?",
    "Training and inference",
    "Before and after",
    "The cube",
    "Check yourself",
    "Take it with you",
)
MODES = ("training", "inference")
SPLITS: dict[str, Split] = {"each set": "set", "each image": "image", "each channel": "channel"}
TAB_OPTIONS = {"stats_tab": TABS, "stats_mode": MODES, "stats_split": tuple(SPLITS)}
BATCHES, REPLACED = "stats_batches", "stats_replaced"
COUNTS = {BATCHES: (10, 0, 200), REPLACED: (1, 1, 50)}
"""What buttons count: the default, the least and the most."""
EDITS, CELL, TENSOR = "stats_edit", "stats_cell", "stats_tensor"
FIRST_CELL = "1.1.1.1"
# by shape and seed: the last usable edits, those that the editor started from, and the editor's own number
_KEPT, _SHOWN, _MOUNT, _MOUNTED = "stats kept", "stats shown", "stats mount", "stats mounted"


@dataclass(frozen=True)
class Setting:
    """What the page shows now: the source, the chosen norm, and the batch that it receives."""

    kind: str
    source: Source
    norm: SetNorm
    groups: int
    x: Array
    stats: Statistics
    note: str
    name: str
    thumbs: Images | None

    @property
    def g(self) -> int:
        """G as the chosen norm has it: 1 for LN, C for IN and BN."""
        return effective_groups(self.norm, self.x.shape[1], self.groups)


def rejected() -> list[str]:
    """Sentences on the parameters of the link that cannot be followed; before the first bound widget."""

    asked = st.query_params.get("stats_channels", "")
    channels = int(asked) if is_whole(2, 8)(asked) else DEFAULT_CHANNELS
    kind = SOURCES.get(st.query_params.get("stats_source", "Small integers"), "integers")
    layers = [layer_title(i) for i in range(LAYERS)]
    asked = st.query_params.get("stats_layer", "")
    layer = layers.index(asked) if asked in layers else DEFAULT_LAYER
    groups = divisors({"integers": channels, "layers": TwoLayers.channels, "images": LAYER_CHANNELS[layer]}[kind])
    return rejected_parameters(
        {
            "stats_source": is_one_of(tuple(SOURCES)),
            "stats_norm": is_one_of(tuple(NORM_BY_TITLE)),
            # one that a click on another shape has left behind is not the link's
            **({} if "stats_groups" in st.session_state else {"stats_groups": is_one_of(groups)}),
            "stats_channels": is_one_of(CHANNELS),
            "stats_side": is_one_of(SIDES),
            "stats_seed": is_whole(0, MAX_SEED),
            "stats_which": is_one_of(LAYER_CHOICES),
            "stats_gamma": is_number(-3, 3),
            "stats_beta": is_number(-3, 3),
            "stats_momentum": is_step(0, 1, 0.05),
            **{name: is_one_of(options) for name, options in TAB_OPTIONS.items()},
            **{f"stats_image{i + 1}": is_whole(0, 9999) for i in range(IMAGES)},
            "stats_layer": is_one_of(layers),
            **{name: is_whole(low, high) for name, (_, low, high) in COUNTS.items()},
        }
    )


def controls() -> tuple[Setting, list[str]]:
    """Draw the controls; the setting they make, and a sentence for everything that was refused."""
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    with row:
        title = st.segmented_control(
            "Norm",
            list(NORM_BY_TITLE),
            default="BatchNorm",
            required=True,
            key="stats_norm",
            bind="query-params",
            wrap=True,
        )
        chosen = st.segmented_control(
            "Numbers",
            list(SOURCES),
            default="Small integers",
            required=True,
            key="stats_source",
            bind="query-params",
            wrap=True,
        )
        kind, norm = SOURCES[chosen], NORM_BY_TITLE[title]
        options = st.container(horizontal=True, vertical_alignment="bottom", width="content")
    refused: list[str] = []
    note, name, thumbs = "", "", None
    if kind == "integers":
        source, refused = _integers(options)
        name = f"integers, seed {source.seed}"
    elif kind == "layers":
        with options:
            which = st.segmented_control(
                "In front of the",
                LAYER_CHOICES,
                default=LAYER_CHOICES[0],
                required=True,
                key="stats_which",
                bind="query-params",
            )
        source = TwoLayers(LAYER_CHOICES.index(which))
        note = "3 × 3 images → convolution 2 × 2 → norm → ReLU → convolution 1 × 1 → norm."
        name = f"{which} of two layers"
        thumbs = enlarged_pictures()
    else:
        source, own, refused = image_controls(options)
        name, thumbs = f"layer {source.layer + 1} of the network", source.images
    with row:
        groups = _groups(source.channels)
    if kind == "images":
        note = network_note(source, norm, groups, own)
    x = source.batch(norm, groups)
    return Setting(kind, source, norm, groups, x, statistics(x, norm, groups), note, name, thumbs), refused


def _groups(channels: int) -> int:
    allowed = divisors(channels)
    default = 2 if 2 in allowed else 1
    if st.session_state.get("stats_groups") not in (None, *allowed):
        st.session_state["stats_groups"] = default
    # there for all norms, since what compares all four counts GroupNorm's sets, and so that nothing jumps
    groups = st.select_slider(
        f"Groups G: 1 is LN, {channels} is IN",
        allowed,
        value=default,
        key="stats_groups",
        bind="query-params",
        width=230,
        help="Only GroupNorm has a choice of G; below it is compared with the others. One group is LayerNorm, as many "
        "as channels are InstanceNorm.",
    )
    check_groups(groups, channels)
    return groups


def _integers(place: st.delta_generator.DeltaGenerator) -> tuple[Integers, list[str]]:
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


def pinned_cell(shape: tuple[int, ...]) -> tuple[Cell, list[str]]:
    """The pinned cell: kept in this visit, else the link's, else the first; visit and address keep it."""
    text = st.session_state.get(CELL) or st.query_params.get(CELL, FIRST_CELL)
    cell = cell_from_text(text, shape)
    refused = []
    if cell is None:
        cell = (0, 0, 0, 0)
        if CELL not in st.session_state:  # a cell of this visit that a new shape no longer has needs no words
            refused = [f"The link pins the cell {plain(repr(text[:24]))}, which this tensor does not have."]
    st.session_state[CELL] = cell_to_text(cell)
    set_parameter(CELL, "" if st.session_state[CELL] == FIRST_CELL else st.session_state[CELL])
    return cell, refused


def take_pinned() -> None:
    """Keep the cell that was just pinned in the picture; ``pinned_cell`` checks it against the shape."""
    cell = pinned_by_hand(TENSOR)
    if cell is not None:
        st.session_state[CELL] = cell_to_text(cell)


def kept_count(name: str) -> int:
    """One of ``COUNTS``: as counted in this visit, else the link's, else the default; the address follows it."""
    default, low, high = COUNTS[name]
    if name not in st.session_state:
        asked = st.query_params.get(name, "")
        st.session_state[name] = int(asked) if is_whole(low, high)(asked) else default
    count = st.session_state[name]
    set_parameter(name, "" if count == default else str(count))
    return count
