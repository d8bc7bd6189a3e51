"""The controls above the tensor: where the numbers come from, which norm, how many groups."""

from __future__ import annotations

from dataclasses import dataclass

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
    Source,
    cell_from_text,
    cell_to_text,
)
from core.four_images.two_layers import TwoLayers, enlarged_pictures
from core.normalization import SET_NORMS, Array, SetNorm, Statistics, effective_groups, statistics
from pages.parts.shared.links import (
    is_number,
    is_one_of,
    is_step,
    is_whole,
    plain,
    rejected_parameters,
    set_parameter,
)
from pages.parts.statistics.editor import integers_control
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
CELL, TENSOR = "stats_cell", "stats_tensor"
FIRST_CELL = "1.1.1.1"


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
        source, refused = integers_control(options)
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
