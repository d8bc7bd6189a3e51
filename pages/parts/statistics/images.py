"""Which four real images, which layer, and the network they pass through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from core.catalogue import DATASETS, FALLBACK, DatasetName, SetNorm
from core.config import ConfigError
from core.data.datasets import Dataset, load, on_disk
from core.data.download import DataError, reason_for_visitors
from core.four_images.activations import Images, LayerImages, LayerShape, layer_title
from core.four_images.source import IMAGES
from pages.parts.shared.address import asked, choice_key, current, drop, keep, refuse, take, turn
from pages.parts.shared.choices import give
from pages.parts.shared.rules import one_of, whole
from pages.parts.shared.turned import acknowledge
from pages.parts.statistics.address import DATA, IMAGE, LAYER
from pages.parts.statistics.networks import Networks, networks_control
from pages.parts.statistics.own_digit import own_images

SHOWN_IMAGES = "Images: {data}."
IMAGES_NOT_HERE = "Images: {data}, since {wanted} is not on this server; a race on {wanted} fetches it."
OWN_IMAGES = "{own} of your own among them, which the address of this page does not hold."
LAYER_WIDTH = 150
"""Pixels of the choice of a layer."""
OWN = "stats own images"
"""Where the session keeps a person's own images, by place."""


@st.cache_resource(show_spinner="Reading the images", max_entries=3, ttl=900)
def dataset_of(name: DatasetName) -> tuple[Dataset, str]:
    """The data set, or the one that always works and the sentence that says why."""
    try:
        return load(name), ""
    except (DataError, ConfigError) as error:
        return load(FALLBACK), f"{reason_for_visitors(error)} The page goes on with {DATASETS[FALLBACK].title}."


def image_controls(place: st.delta_generator.DeltaGenerator) -> tuple[LayerImages, Networks, int, list[str]]:
    """Draw the choice of layer, networks and images.

    The source, its networks, how many images are a person's own, and what was refused.
    """
    with place:
        for_layer, for_images = st.container(width=LAYER_WIDTH), st.container(width="content")
        networks, other_terms = networks_control()
        with for_layer:
            layer, no_layer = _layer(networks.shapes)
        data, no_data = data_of(networks)
        with for_images, st.popover("Images", icon=":material/imagesmode:"):
            first = st.container()
            images, own, beyond = _four(data)
            with first:
                own_images(st.session_state[OWN])
    refused = [*no_layer, *other_terms, *no_data, *beyond]
    return LayerImages(images, layer, networks.shapes[layer][0], networks.network, data), networks, own, refused


def _layer(shapes: Sequence[LayerShape]) -> tuple[int, list[str]]:
    """Draw the choice of a norm: its number, counted from 0, and what was refused.

    Not bound, since a bound one writes what it shows, and the sizes are those of this network: the address holds the
    number alone.
    """
    numbers = [str(i + 1) for i in range(len(shapes))]
    here = replace(LAYER, rule=one_of(numbers))
    refused = refuse(here)
    known = asked(here) or current(here)  # the address first: the browser's history changes it
    key = choice_key(here)
    give(key, known if known in numbers else here.default)
    chosen = st.selectbox(
        "Layer (channels × height × width)",
        numbers,
        format_func=lambda number: layer_title(numbers.index(number), shapes[numbers.index(number)]),
        key=key,
        on_change=lambda: take(here, st.session_state[key]),
        width=LAYER_WIDTH,
        label_visibility="collapsed",
    )
    keep(here, chosen)
    return numbers.index(chosen), refused


def data_of(networks: Networks) -> tuple[Dataset, list[str]]:
    """The data set whose images are shown: that of the address, else the networks' own, else the one that always works.

    None is downloaded for it. The address says which it is, unless it is the networks' own. And what was refused.
    """
    here = replace(DATA, rule=one_of([name for name in DATASETS if on_disk(name)]))
    refused = refuse(here)
    wanted = (name for name in (current(here), networks.data) if name is not None and on_disk(name))
    data, problem = dataset_of(next(wanted, FALLBACK))
    keep(DATA, None if data.name == networks.data else data.name)
    return data, [*refused, *([problem] if problem else [])]


def images_note(networks: Networks, data: Dataset) -> str:
    """Of which data set the images are, and why where it is not that of the networks."""
    shown, wanted = (DATASETS[name].title for name in (data.name, networks.data))
    template = SHOWN_IMAGES if on_disk(networks.data) else IMAGES_NOT_HERE
    return template.format(data=shown, wanted=wanted)


def network_note(source: LayerImages, networks: Networks, norm: SetNorm, groups: int, own: int) -> str:
    """Which network and which images these are."""
    sentences = [networks.note(norm, groups), images_note(networks, source.data)]
    if own:
        sentences.append(OWN_IMAGES.format(own=own))
    return " ".join(sentences)


def _four(data: Dataset) -> tuple[Images, int, list[str]]:
    """The four images, by position in the test set or a person's own; how many are own; what was refused."""
    own: dict[int, Images] = st.session_state.setdefault(OWN, {})
    last = len(data.test_images) - 1
    st.markdown("**Or from the test set**, by position:")
    start = _spread(data)
    images, refused = [], []
    with st.container(horizontal=True):
        for i, first in enumerate(start):
            with st.container(width=110):
                position, sentences = _position(i, first, data)
                refused += sentences
                image = own.get(i, data.test_images[position].numpy())
                label = "your own" if i in own else data.classes[int(data.test_labels[position])]
                st.image(255 - image, caption=label, width=84, alt=f"Image {i + 1}: {label}")
                images.append(image)
    acknowledge(*(row.name for row in IMAGE))
    with st.container(horizontal=True):
        st.button("Four others", icon=":material/casino:", on_click=_others, args=(last,))
        if own:
            st.button("Back to the test set", icon=":material/undo:", on_click=own.clear)
    return np.ascontiguousarray(np.stack(images)), len(own), refused


def _position(i: int, first: int, data: Dataset) -> tuple[int, list[str]]:
    """Draw the position of one image in the test set, ``first`` by default; what was refused."""
    last = len(data.test_images) - 1
    here = replace(IMAGE[i], rule=whole(0, last), default=first)
    refused = []
    if here.name in st.session_state:
        if st.session_state[here.name] > last:  # left behind by a race on other data: not the link's
            st.session_state[here.name] = first
    elif (beyond := asked(IMAGE[i])) is not None and beyond > last:
        refused = [f"The link asks for test image {beyond}; {data.name} has 0 to {last}."]
        drop(here)
    return int(st.number_input(f"Image {i + 1}", 0, last, first, **here.widget())), refused


def _others(last: int) -> None:
    for i, position in enumerate(np.random.default_rng().choice(last + 1, IMAGES, replace=False)):
        turn(IMAGE[i], int(position))
    st.session_state.get(OWN, {}).clear()


def _spread(data: Dataset) -> list[int]:
    """Positions of four test images of different classes: the first of each of the classes 0, 1, 2, 3."""
    labels = data.test_labels.numpy()
    return [int(np.flatnonzero(labels == label)[0]) for label in range(IMAGES)]
