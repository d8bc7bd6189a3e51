"""Which four real images, which layer, and the network they pass through."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.config import DATASET_TITLES, DatasetName
from core.data import DataError, Dataset, load
from core.four_images import IMAGES
from core.layer_images import LAYERS, LayerImages, Network, layer_title, network_for
from core.normalization import SetNorm
from pages.components.shared import kept_runs, store


@st.cache_resource(show_spinner="Reading the images", max_entries=3, ttl=900)
def _data(name: DatasetName) -> tuple[Dataset, str]:
    """The data set, or digits and the sentence that says why."""
    try:
        return load(name), ""
    except DataError as error:
        return load("digits"), f"{error} The page goes on with {DATASET_TITLES['digits']}."


@st.cache_resource(show_spinner=False, max_entries=16)
def _network(norm: SetNorm, groups: int, dataset: DatasetName, signature: object) -> Network:
    return network_for(norm, groups, store(), dataset)


def _newest_dataset() -> DatasetName:
    for record in kept_runs():
        if record.status == "complete":
            return record.config.dataset
    return "digits"


def image_controls(
    place: st.delta_generator.DeltaGenerator, norm: SetNorm, groups: int
) -> tuple[LayerImages, str, list[str]]:
    """Draw the choice of layer and images; the source, a note on the network, and what was refused."""
    with place:
        titles = [layer_title(i) for i in range(LAYERS)]
        title = st.selectbox(
            "Layer (channels × height × width)", titles, index=2, key="stats_layer", bind="query-params", width=230
        )
    data, problem = _data(_newest_dataset())
    signature = store().signature()

    def networks(norm: SetNorm, groups: int) -> Network:
        return _network(norm, groups, data.name, signature)

    images = data.test_images[_spread(data)].numpy()
    source = LayerImages(np.ascontiguousarray(images), titles.index(title), networks, data)
    network = networks(norm, groups)
    note = f"Network: {network.origin}. Images: {DATASET_TITLES[data.name]}."
    return source, note, [problem] if problem else []


def _spread(data: Dataset) -> list[int]:
    """Positions of four test images of different classes: the first of each of the classes 0, 1, 2, 3."""
    labels = data.test_labels.numpy()
    return [int(np.flatnonzero(labels == label)[0]) for label in range(IMAGES)]
