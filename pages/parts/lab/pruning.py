"""What can be thrown away, at once: weights by their size, and the size of a whole convolution."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st
from torch import Tensor

from core.catalogue import DATASETS, QUICK
from core.data.datasets import load
from core.experiments import pruned_live, scaled, scaled_shown
from core.experiments.positions import Positions
from core.experiments.pruned import study_input
from core.experiments.pruned_live import Judged
from core.experiments.pruning_networks import BN, BN_L1, METHODS
from core.experiments.scaled import CASES, FACTORS, Pass
from core.experiments.settings import LEAST_DEPTH
from core.experiments.trained import shipped_network
from core.labels import listed
from core.model import NormNet
from pages.parts.lab.ahead import measure_ahead, places_beside, someone_is_here
from pages.parts.lab.look import picture_first
from pages.parts.shared.address import Parameter
from pages.parts.shared.charts import NO_TOOLBAR
from pages.parts.shared.ready import about, ready
from pages.parts.shared.rules import one_of, whole

TESTS, OWN, BATCH = 1000, 500, 256
"""Test images that are judged, training images for statistics, and test images of the batch that is scaled."""
SEED = 0
"""Of the networks: every method has it."""

PARTS = ("Remove small weights", "Scale a convolution")
LAYERS = tuple(f"Conv {i + 1}" for i in range(LEAST_DEPTH))
MOST_REMOVED = 95

PART = Parameter("lab_pruning", one_of(PARTS), PARTS[0], bound=True)
SHARE = Parameter("lab_pruning_share", whole(0, MOST_REMOVED), 80, bound=True)
NETWORK = Parameter("lab_pruning_network", one_of([of.method for of in METHODS]), BN_L1, bound=True)
LAYER = Parameter("lab_pruning_layer", one_of(LAYERS), LAYERS[1], bound=True)
SCALED_LAYER = Parameter("lab_scaled_layer", one_of(LAYERS), LAYERS[0], bound=True)
FACTOR = Parameter("lab_scaled_factor", one_of([f"{factor:g}" for factor in FACTORS]), "10", bound=True)
PARAMETERS: tuple[Parameter[object], ...] = (PART, SHARE, NETWORK, LAYER, SCALED_LAYER, FACTOR)  # type: ignore[assignment]  # of any kind

ABOUT_PRUNING = (
    "Seed {seed} of each method, on {tests:,} test images of {data}: one image is {one:g} points. BN's statistics are "
    "re-estimated on {own} training images. Kernels: one cell a weight, grey where it is removed."
)
ABOUT_SCALING = (
    "Seed {seed} of each method without a penalty, {batch} test images of {data} as one batch. Where few answers "
    "change but the logits move far, ReLU has handed the factor on to all logits alike. What the smaller gradient "
    "means: [arXiv:1706.05350](https://arxiv.org/abs/1706.05350)."
)


class _Table(NamedTuple):
    """What lies ready for every position; nobody changes it: every measure takes copies of the networks.

    x: test images as the networks get them, labels: theirs.  own: training images.
    methods, cases: the networks of ``METHODS`` and of ``CASES``.
    """

    x: Tensor
    labels: Tensor
    own: Tensor
    methods: tuple[NormNet, ...]
    cases: tuple[NormNet, ...]


@st.cache_resource(show_spinner="Reading the images", max_entries=1)
def _table() -> _Table:
    data = load(QUICK)
    return _Table(
        study_input(data.test_images[:TESTS], data),
        data.test_labels[:TESTS],
        study_input(data.train_images[:OWN], data),
        tuple(shipped_network(of.norm, SEED, l1=of.l1, l2=of.l2) for of in METHODS),
        tuple(shipped_network(case.norm, SEED) for case in CASES),
    )


@st.cache_resource(show_spinner=False, max_entries=1)
def _judged() -> Positions[int, list[Judged]]:
    """By the share that is removed."""
    table = _table()
    images = (table.x, table.labels, table.own)

    def measure(share: int) -> list[Judged]:
        networks = zip(METHODS, table.methods, strict=True)
        return [one for of, model in networks for one in pruned_live.judged(of, model, share, *images)]

    return Positions(measure, MOST_REMOVED + 1)


@st.cache_resource(show_spinner=False, max_entries=1)
def _passes() -> Positions[tuple[int, float], list[Pass]]:
    """Of each of ``CASES``, by the layer, from 0, and the factor that it is scaled with."""
    table = _table()
    batch = (table.x[:BATCH], table.labels[:BATCH])
    networks = list(zip(CASES, table.cases, strict=True))

    def measure(at: tuple[int, float]) -> list[Pass]:
        return [scaled.once(model, case.mode, *at, *batch) for case, model in networks]

    return Positions(measure, len(LAYERS) * (1 + len(FACTORS)))


def live() -> None:
    """One of two parts, by the visitor's choice."""
    part = st.segmented_control(
        "What to do with the weights",
        PARTS,
        default=PART.default,
        required=True,
        label_visibility="collapsed",
        **PART.widget(),
    )
    table = ready(_table)
    if table is None:
        return
    if part == PARTS[0]:
        _throw_away(table)
    else:
        _scale()


def _throw_away(table: _Table) -> None:
    st.html(picture_first("lab_pruning_live", "lab_pruning_errors"))
    here = st.container(key="lab_pruning_live")
    left, middle, right = here.columns([3, 2, 1], vertical_alignment="bottom")
    share: int = left.slider("Weights removed, %", 0, MOST_REMOVED, SHARE.default, 1, **SHARE.widget())
    methods = [of.method for of in METHODS]
    method: str = middle.selectbox("Kernels of", methods, methods.index(NETWORK.default), **NETWORK.widget())
    layer: str = right.selectbox("Layer", LAYERS, LAYERS.index(LAYER.default), **LAYER.widget())

    someone_is_here()
    found = _judged().at(share)
    by_label = {one.label: one for one in found}
    plane = pruned_live.filters(table.methods[methods.index(method)], share, LAYERS.index(layer))
    errors, kernels = here.columns([3, 2], gap="medium")
    errors.plotly_chart(
        pruned_live.bars(found),
        key="lab_pruning_errors",
        config=NO_TOOLBAR,
        alt="Test error: " + listed([f"{one.label} {one.error:.1f} %" for one in found]),
    )
    kernels.plotly_chart(
        pruned_live.filters_figure(plane),
        key="lab_pruning_kernels",
        config=NO_TOOLBAR,
        alt=pruned_live.filters_in_words(plane, layer=layer, method=method),
    )
    st.markdown(pruned_live.sentence(by_label[BN], by_label[BN_L1], SEED))
    about(ABOUT_PRUNING.format(seed=SEED, tests=TESTS, data=DATASETS[QUICK].title, one=100 / TESTS, own=OWN))
    for (near,) in places_beside("pruning", (range(MOST_REMOVED + 1),), (share,)):
        measure_ahead([(_judged(), near)])


def _scale() -> None:
    st.html(picture_first("lab_scaled_live", "lab_scaled_changes"))
    here = st.container(key="lab_scaled_live")
    left, right = here.columns([1, 3], vertical_alignment="bottom")
    layer: str = left.selectbox("Layer", LAYERS, LAYERS.index(SCALED_LAYER.default), **SCALED_LAYER.widget())
    factor: str = right.select_slider(
        "All its weights times", [f"{factor:g}" for factor in FACTORS], FACTOR.default, **FACTOR.widget()
    )
    at = (LAYERS.index(layer), float(factor))
    someone_is_here()
    found = list(zip(CASES, map(scaled.change, _passes().at((at[0], 1.0)), _passes().at(at)), strict=True))
    chart, said = here.columns([3, 2], gap="medium")
    chart.plotly_chart(
        scaled_shown.figure(found),
        key="lab_scaled_changes",
        config=NO_TOOLBAR,
        alt=scaled_shown.in_words(found),
    )
    said.markdown("\n\n".join(scaled_shown.sentences(found, float(factor))))
    about(ABOUT_SCALING.format(seed=SEED, batch=BATCH, data=DATASETS[QUICK].title))
    for near_factor, near_layer in places_beside("scaled", (FACTORS, range(len(LAYERS))), (at[1], at[0])):
        measure_ahead([(_passes(), (near_layer, 1.0)), (_passes(), (near_layer, near_factor))])
