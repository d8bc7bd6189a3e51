"""How the graphs of the Compare page are drawn: what the controls beside them choose."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.comparison.curves import AXIS_TITLES
from core.comparison.methods import Axis, Metric
from pages.parts.compare.address import (
    ACCURACIES,
    ACCURACY,
    EACH_SEED,
    FORMAT,
    IMAGE_FORMATS,
    LOSS,
    LOSS_AXES,
    PUBLISHED,
    ZOOM,
    ZOOMS,
    X,
)
from pages.parts.shared.address import current

SOURCE = "Dotted lines in the graph of test accuracy on MNIST: from a public solution of this exercise, one seed each."


@dataclass(frozen=True)
class Look:
    """metric: of Graph 2.  axis: below both graphs.  zoom: the range of Graph 2 in percent; None: what fits."""

    metric: Metric
    axis: Axis
    log_loss: bool
    zoom: tuple[float, float] | None
    each_seed: bool
    published: bool
    image_format: str


def look_controls() -> Look:
    """Draw the controls; what they choose."""
    with st.container(horizontal=True):
        loss = st.segmented_control("Loss", LOSS_AXES, default=LOSS.default, required=True, **LOSS.widget())
        accuracy = st.segmented_control(
            "Accuracy", list(ACCURACIES), default=ACCURACY.default, required=True, **ACCURACY.widget()
        )
        zoom = st.segmented_control("Accuracy from", list(ZOOMS), default=ZOOM.default, required=True, **ZOOM.widget())
        axis = st.segmented_control("Over", list(AXIS_TITLES), default=X.default, required=True, **X.widget())
    with st.container(horizontal=True):
        each_seed = st.toggle("Each seed", EACH_SEED.default, **EACH_SEED.widget())
        published = st.toggle("Published results", PUBLISHED.default, help=SOURCE, **PUBLISHED.widget())
    # the control of the format stands below the graphs, in ``format_control``
    return Look(ACCURACIES[accuracy], axis, loss == "log", ZOOMS[zoom], each_seed, published, current(FORMAT))


def format_control() -> None:
    """Which kind of image a graph's toolbar saves."""
    st.segmented_control(
        "The camera in a graph's toolbar saves",
        IMAGE_FORMATS,
        default=FORMAT.default,
        required=True,
        **FORMAT.widget(),
    )
