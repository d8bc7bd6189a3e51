"""Turn down the light, live: sliders, eight images as the networks see them, and the error of each network."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.catalogue import QUICK
from core.data.datasets import load
from core.experiments.light_live import (
    STRIP,
    LightTable,
    Predicted,
    errors,
    light_table,
    picture,
    predicted,
    predicted_anew,
    said,
    strip,
    where_from,
    words,
)
from core.experiments.light_shown import BATCH_NEW
from core.experiments.positions import Positions
from core.experiments.shifts import DIM, Shift
from core.experiments.study_networks import MOST_OTHERS
from pages.parts.lab.ahead import measure_ahead, places_beside, someone_is_here
from pages.parts.shared.address import Parameter, turn
from pages.parts.shared.charts import NO_TOOLBAR
from pages.parts.shared.pixels import as_url
from pages.parts.shared.ready import about, ready
from pages.parts.shared.rules import one_of, step
from pages.parts.shared.turned import acknowledge

LEAST_CONTRAST, MOST_BRIGHTNESS, MOST_NOISE, STEP = 0.05, 0.6, 0.5, 0.05
COUNTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, MOST_OTHERS)
STYLE = """<style>
@media (width < 640px) {
  .st-key-lab_light :has(.st-key-lab_light_seen), .st-key-lab_light :has(.st-key-lab_light_moved) { display: contents; }
  .st-key-lab_light_seen { order: -2; }
  .st-key-lab_light_moved { order: -1; }
}
</style>"""
"""On a phone, where the columns stand below each other: the picture, right below it its sliders, then the sentence."""
Strength = tuple[float, float, float]
"""Contrast, brightness and noise."""
AXES = (
    [round(STEP * i, 2) for i in range(1, 21)],
    [round(STEP * i, 2) for i in range(13)],
    [round(STEP * i, 2) for i in range(11)],
    COUNTS,
)
"""What the four sliders can be set to."""
POSITIONS = 512
"""Positions of the sliders whose answers are kept, for all visitors."""

CONTRAST = Parameter("lab_contrast", step(LEAST_CONTRAST, 1.0, STEP), DIM, bound=True)
"""It starts where the prediction asks: on the unchanged images there is nothing to see."""
BRIGHTNESS = Parameter("lab_brightness", step(0.0, MOST_BRIGHTNESS, STEP), 0.0, bound=True)
NOISE = Parameter("lab_noise", step(0.0, MOST_NOISE, STEP), 0.0, bound=True)
COUNT = Parameter("lab_count", one_of(COUNTS), MOST_OTHERS, bound=True)
PARAMETERS: tuple[Parameter[float] | Parameter[int], ...] = (CONTRAST, BRIGHTNESS, NOISE, COUNT)


@st.cache_resource(show_spinner="Reading the images", max_entries=1)
def _table() -> LightTable:
    return light_table(load(QUICK))


@st.cache_resource(show_spinner=False, max_entries=1)
def _as_they_are() -> Positions[Strength, Predicted]:
    table = _table()
    return Positions(lambda at: predicted(table, _shift(at)), POSITIONS)


@st.cache_resource(show_spinner=False, max_entries=1)
def _anew() -> Positions[tuple[Strength, int], NDArray[np.int8]]:
    table = _table()
    return Positions(lambda at: predicted_anew(table, _shift(at[0]), at[1]), POSITIONS)


def _shift(at: Strength) -> Shift:
    contrast, brightness, noise = at
    return Shift(contrast=contrast, brightness=brightness, noise=noise)


def live() -> None:
    """Controls on the left; strip, bars and what they say on the right."""
    table = ready(_table)
    if table is None:
        return
    st.html(STYLE)
    with st.container(key="lab_light"):
        left, right = st.columns([2, 5], gap="large")
    with left, st.container(key="lab_light_moved"):
        contrast, brightness, noise, count = _controls()
    strength = (contrast, brightness, noise)
    shift = _shift(strength)
    someone_is_here()
    found = {**_as_they_are().at(strength), BATCH_NEW: _anew().at((strength, count))}
    wrong = errors(found, table.labels)
    with right:
        with st.container(key="lab_light_seen"):
            st.image(as_url(strip(table, shift)), width="content", alt=f"{STRIP} test images as the networks see them")
            st.plotly_chart(picture(wrong), key="lab_light_bars", config=NO_TOOLBAR, alt=words(wrong))
        st.markdown(said(wrong, shift, count, len(table.labels)))
        about(where_from(table))
    with st.expander("As a table"):
        _as_table(table, found, wrong)
    for *next_strength, next_count in places_beside("light", AXES, (*strength, count)):
        near = tuple(next_strength)
        measure_ahead([(_as_they_are(), near), (_anew(), (near, next_count))])


def _controls() -> tuple[float, float, float, int]:
    contrast = st.slider("Contrast", LEAST_CONTRAST, 1.0, CONTRAST.default, STEP, **CONTRAST.widget())
    brightness = st.slider("Brightness", 0.0, MOST_BRIGHTNESS, BRIGHTNESS.default, STEP, **BRIGHTNESS.widget())
    noise = st.slider("Noise", 0.0, MOST_NOISE, NOISE.default, STEP, **NOISE.widget())
    count = st.select_slider("Images for the new statistics", COUNTS, COUNT.default, **COUNT.widget())
    acknowledge(*(row.name for row in PARAMETERS))
    st.button("Back to the test set", icon=":material/undo:", on_click=_back)
    # the browser's sliders count in steps of their own, whose sums end in other digits than the cache's keys
    return round(contrast, 2), round(brightness, 2), round(noise, 2), count


def _back() -> None:
    turn(CONTRAST, 1.0)
    turn(BRIGHTNESS, 0.0)
    turn(NOISE, 0.0)
    turn(COUNT, MOST_OTHERS)


def _as_table(table: LightTable, found: Predicted, wrong: dict[str, float]) -> None:
    names = list(wrong)
    frame = pd.DataFrame({"Network": ["What they are", *names], "Test error (%)": [None, *wrong.values()]})
    for i in range(STRIP):
        answers = [int(table.labels[i]), *(int(found[name][i]) for name in names)]
        frame[f"Image {i + 1}"] = [str(answer) for answer in answers]
    st.dataframe(
        frame,
        hide_index=True,
        alt="The error of each network, and its answers to the eight images",
        column_config={"Test error (%)": st.column_config.NumberColumn(format="%.1f")},
    )
