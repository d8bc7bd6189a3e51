"""How deep can you go?, live: activations and gradients by layer, in networks that have learned nothing yet."""

from __future__ import annotations

import streamlit as st
from torch import Tensor

from core.catalogue import DATASETS, QUICK
from core.data.datasets import load
from core.experiments.depth_start import BATCH, WIDTH, as_table, at_start, first_batch
from core.experiments.depth_start_shown import (
    QUANTITIES,
    activations_in_words,
    gradients_in_words,
    outside_in_words,
    start_alt,
    start_figure,
)
from core.experiments.experiment import Row
from core.experiments.positions import Positions
from core.experiments.settings import LEAST_DEPTH, MOST_DEPTH
from core.experiments.training import no_denormals
from pages.parts.lab.ahead import measure_ahead, places_beside, someone_is_here
from pages.parts.lab.look import picture_first
from pages.parts.shared.address import Parameter
from pages.parts.shared.charts import NO_TOOLBAR
from pages.parts.shared.ready import about, ready
from pages.parts.shared.rules import whole

DEPTH = Parameter("lab_depth", whole(LEAST_DEPTH, MOST_DEPTH), 20, bound=True)
PARAMETERS = (DEPTH,)
SEED = 0
DEPTHS = range(LEAST_DEPTH, MOST_DEPTH + 1)
ABOUT = (
    "One batch of {batch} images of {data}; the race's network with {width} and {twice} channels and more convolutions "
    "behind its five. Both scales stay as they are, so that it is the lines that move."
)


def live() -> None:
    """A slider over the depth, and what it does to both pictures."""
    st.html(picture_first("lab_depth_live", "lab_depth_activation"))
    here = st.container(key="lab_depth_live")
    depth = here.slider("Convolutions", LEAST_DEPTH, MOST_DEPTH, DEPTH.default, **DEPTH.widget())
    if ready(_batch) is None:
        return
    someone_is_here()
    table = as_table(_rows().at(depth))
    for place, quantity in zip(here.columns(len(QUANTITIES), gap="medium"), QUANTITIES, strict=True):
        place.plotly_chart(
            start_figure(table, depth, quantity),
            key=f"lab_depth_{quantity}",
            config=NO_TOOLBAR,
            alt=start_alt(table, depth, quantity),
        )
    st.markdown(f"{activations_in_words(table, depth)} {gradients_in_words(table, depth)}")
    outside = outside_in_words(table, depth)
    measured = ABOUT.format(batch=BATCH, data=DATASETS[QUICK].title, width=WIDTH, twice=2 * WIDTH)
    about(f"{outside} {measured}" if outside else measured)
    for (near,) in places_beside("depth", (DEPTHS,), (depth,)):
        measure_ahead([(_rows(), near)])


@st.cache_resource(show_spinner=False, max_entries=1)
def _rows() -> Positions[int, list[Row]]:
    batch = _batch()

    def measure(depth: int) -> list[Row]:
        with no_denormals():
            return at_start(depth, SEED, QUICK, batch)

    return Positions(measure, len(DEPTHS))


@st.cache_resource(show_spinner="Reading the images", max_entries=1)
def _batch() -> tuple[Tensor, Tensor]:
    """Nobody changes it."""
    return first_batch(load(QUICK))
