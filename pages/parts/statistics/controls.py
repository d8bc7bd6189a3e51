"""The controls above the tensor: where the numbers come from, which norm, how many groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import streamlit as st

from core.catalogue import BASIC_SET_NORMS, NORMS, SET_NORMS, SetNorm
from core.config import check_groups, divisors
from core.four_images.activations import Images
from core.four_images.source import IMAGES, Cell, Source, is_cell
from core.four_images.two_layers import CAPTION, TwoLayers, enlarged_pictures
from core.four_images.way import way_figure
from core.normalization import Array, Statistics, statistics
from pages.parts.shared.address import current, keep, kept, plain, refuse
from pages.parts.shared.charts import NO_TOOLBAR
from pages.parts.shared.rules import one_of
from pages.parts.shared.tensor_view import pinned_by_hand, typed_by_hand
from pages.parts.statistics.address import (
    CELL,
    GROUPS,
    LAYER_CHOICES,
    MORE,
    NORM,
    NORM_BY_TITLE,
    SOURCE,
    SOURCES,
    WHICH,
)
from pages.parts.statistics.editor import integers_control, take_typed
from pages.parts.statistics.images import image_controls, network_note
from pages.parts.statistics.look import WAY_WIDTH

TENSOR = "stats_tensor"
THE_WAY = (
    "**Image {image} on its way**, with {title} in training mode: four kernels make four channels; after ReLU each "
    "channel of the second layer is a weighted sum of these four."
)

NO_DIVISOR = "G = {before} does not divide {channels} channels, so G is {now} now."
OF_GROUP_NORM = "GroupNorm's number of groups: choose GroupNorm to change it."


@dataclass(frozen=True)
class Numbers:
    """The chosen source: its name, a note on it by norm and groups, its images, and what was refused.

    networks: a sentence on those that several norms are shown with.
    """

    source: Source
    name: str
    note: Callable[[SetNorm, int], str] = lambda norm, groups: ""
    thumbs: Images | None = None
    refused: list[str] = field(default_factory=list)
    networks: Callable[[Sequence[SetNorm], int], str] = lambda norms, groups: ""


@dataclass(frozen=True)
class Setting:
    """What the page shows now: the source, the norms to compare, the chosen one, and the batch that it receives."""

    kind: str
    source: Source
    norms: tuple[SetNorm, ...]
    norm: SetNorm
    groups: int
    x: Array
    stats: Statistics
    note: str
    name: str
    thumbs: Images | None
    networks: str


def controls(head: st.delta_generator.DeltaGenerator) -> tuple[Setting, list[str]]:
    """Draw the controls; the setting they make, and a sentence for everything that was refused.

    head: the row of the title, which has room for what opens on demand.
    """
    row = st.container(horizontal=True, vertical_alignment="center", gap="small", key="stats_controls")
    norms = _norms()
    with row:
        title = st.segmented_control(
            "Norm",
            [NORMS[norm].title for norm in norms],
            default=NORM.default,
            required=True,
            wrap=True,
            label_visibility="collapsed",
            width="content",
            **NORM.widget(),
        )
        chosen = st.selectbox(
            "Numbers", list(SOURCES), label_visibility="collapsed", width=134, filter_mode=None, **SOURCE.widget()
        )
        norm, kind = NORM_BY_TITLE[title], SOURCES[chosen]
        place = st.container(horizontal=True, vertical_alignment="center", width="content")
    numbers = {"integers": _integers, "layers": _two_layers, "images": _images}[kind](place)
    source = numbers.source
    with row, st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):
        # not a format of the slider's: the address would have to write it as well
        counts = NORMS[norm].grouping == "chosen"
        st.markdown("G", width="content", help=None if counts else OF_GROUP_NORM)
        groups, refused = _groups(source.channels, movable=counts)
    if kind == "layers":
        with head:
            _the_way(norm, groups)
    x = source.batch(norm, groups)
    note = numbers.note(norm, groups)
    stats = statistics(x, norm, groups)
    together = numbers.networks(norms, groups)
    setting = Setting(kind, source, norms, norm, groups, x, stats, note, numbers.name, numbers.thumbs, together)
    return setting, [*refused, *numbers.refused]


def _norms() -> tuple[SetNorm, ...]:
    """The norms to choose from and to compare: the basic ones, or all of them where a link or the toggle says so."""
    state = st.session_state
    wants_more = not NORMS[NORM_BY_TITLE[current(NORM)]].basic
    if wants_more and MORE.name not in state:  # a link to one of them
        state[MORE.name] = True
    if current(MORE):
        return SET_NORMS
    if wants_more:  # it was chosen, and then the others were put away
        state[NORM.name] = NORM.default
    return BASIC_SET_NORMS


def _integers(place: st.delta_generator.DeltaGenerator) -> Numbers:
    source, refused = integers_control(place)
    return Numbers(source, f"integers, seed {source.seed}", refused=refused)


def _two_layers(place: st.delta_generator.DeltaGenerator) -> Numbers:
    which = place.segmented_control(
        "In front of the",
        LAYER_CHOICES,
        default=WHICH.default,
        required=True,
        label_visibility="collapsed",
        **WHICH.widget(),
    )
    source = TwoLayers(LAYER_CHOICES.index(which))
    return Numbers(source, f"{which} of two layers", lambda norm, groups: CAPTION, enlarged_pictures())


def _the_way(norm: SetNorm, groups: int) -> None:
    """Kernels, and what the image of the pinned cell is between them."""
    cell = kept(CELL)
    image = cell[0] if cell[0] < IMAGES else 0
    with st.popover("Kernels", icon=":material/grid_on:", width="content"):
        st.markdown(THE_WAY.format(image=image + 1, title=NORMS[norm].title))
        with st.container(key="stats_way_box"):
            st.plotly_chart(
                way_figure(norm, groups, image),
                key="stats_way",
                width=WAY_WIDTH,
                config=NO_TOOLBAR,
                alt=f"Kernels, and every tensor of image {image + 1} between the two layers, a row for each channel",
            )


def _images(place: st.delta_generator.DeltaGenerator) -> Numbers:
    source, networks, own, refused = image_controls(place)
    note = partial(network_note, source, networks, own=own)
    return Numbers(source, f"layer {source.layer + 1} of the network", note, source.images, refused, networks.all_of)


def _groups(channels: int, *, movable: bool) -> tuple[int, list[str]]:
    allowed = divisors(channels)
    here = replace(GROUPS, rule=one_of(allowed), default=2 if 2 in allowed else 1)
    refused: list[str] = []
    if here.name not in st.session_state:
        refused = refuse(here)
    elif (before := st.session_state[here.name]) not in allowed:  # left by a click on another shape: not the link's
        st.session_state[here.name] = here.default
        if movable:
            st.toast(NO_DIVISOR.format(before=before, channels=channels, now=here.default), icon=":material/groups:")
    # there for all norms, since what compares all four counts GroupNorm's sets, and so that nothing jumps; but moved
    # for GroupNorm alone, whose picture it changes
    groups = st.select_slider(
        f"Groups G of GroupNorm: 1 is LN, {channels} is IN",
        allowed,
        value=here.default,
        width=90,
        label_visibility="collapsed",
        disabled=not movable,
        **here.widget(),
    )
    check_groups(groups, channels)
    return groups, refused


def pinned_cell(shape: tuple[int, ...]) -> tuple[Cell, list[str]]:
    """The pinned cell: kept in this visit, else the link's, else the first; visit and address keep it."""
    of_the_link = CELL.name not in st.session_state
    cell = kept(CELL)
    if is_cell(cell, shape):
        return cell, []
    keep(CELL, CELL.default)
    if not of_the_link:  # a cell of this visit that a new shape no longer has needs no words
        return CELL.default, []
    return CELL.default, [f"The link pins the cell {plain(repr(CELL.text(cell)))}, which this tensor does not have."]


def take_typed_numbers() -> None:
    """Take what was typed into the picture, or moved on its number line; the last cell is pinned then."""
    for cell, text in typed_by_hand(TENSOR):
        take_typed(cell, text)
        st.session_state[CELL.name] = cell


def take_pinned() -> None:
    """Keep the cell that was just pinned in the picture; ``pinned_cell`` checks it against the shape."""
    cell = pinned_by_hand(TENSOR)
    if cell is not None:
        st.session_state[CELL.name] = cell
