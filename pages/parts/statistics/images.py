"""Which four real images, which layer, and the network they pass through."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.catalogue import DATASETS, FALLBACK, DatasetName, SetNorm
from core.config import ConfigError
from core.data.datasets import Dataset, load
from core.data.download import DataError
from core.four_images.activations import Images, LayerImages, Network, network_for
from core.four_images.source import IMAGES
from pages.parts.shared.address import asked, drop, whole
from pages.parts.shared.library import kept_networks, newest_dataset
from pages.parts.shared.runtime import store
from pages.parts.statistics.address import IMAGE, LAYER, LAYER_TITLES
from pages.parts.statistics.own_digit import own_images

OWN = "stats own images"
"""Where the session keeps a person's own images, by place."""


@st.cache_resource(show_spinner="Reading the images", max_entries=3, ttl=900)
def dataset_of(name: DatasetName) -> tuple[Dataset, str]:
    """The data set, or digits and the sentence that says why."""
    try:
        return load(name), ""
    except (DataError, ConfigError) as error:
        return load(FALLBACK), f"{error} The page goes on with {DATASETS[FALLBACK].title}."


@st.cache_resource(show_spinner=False, max_entries=16)
def _network(norm: SetNorm, groups: int, dataset: DatasetName, signature: object) -> Network:
    return network_for(norm, groups, kept_networks(), dataset)


def image_controls(place: st.delta_generator.DeltaGenerator) -> tuple[LayerImages, int, list[str]]:
    """Draw the choice of layer and images; the source, how many images are a person's own, what was refused."""
    data, problem = dataset_of(newest_dataset())
    refused = [problem] if problem else []
    with place:
        title = st.selectbox(
            "Layer (channels × height × width)",
            LAYER_TITLES,
            index=LAYER_TITLES.index(LAYER.default),
            width=230,
            **LAYER.widget(),
        )
        with st.popover("Choose the images", icon=":material/imagesmode:"):
            first = st.container()
            images, own, beyond = _four(data)
            with first:
                own_images(st.session_state[OWN])
    refused += beyond
    signature = store().signature()

    def networks(norm: SetNorm, groups: int) -> Network:
        return _network(norm, groups, data.name, signature)

    return LayerImages(images, LAYER_TITLES.index(title), networks, data), own, refused


def network_note(source: LayerImages, norm: SetNorm, groups: int, own: int) -> str:
    """Which network and which images these are."""
    note = f"Network: {source.networks(norm, groups).origin}. Images: {DATASETS[source.data.name].title}"
    return note + (f", and {own} of your own, which the address of this page does not hold." if own else ".")


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
        st.session_state[IMAGE[i].name] = int(position)
    st.session_state.get(OWN, {}).clear()


def _spread(data: Dataset) -> list[int]:
    """Positions of four test images of different classes: the first of each of the classes 0, 1, 2, 3."""
    labels = data.test_labels.numpy()
    return [int(np.flatnonzero(labels == label)[0]) for label in range(IMAGES)]
