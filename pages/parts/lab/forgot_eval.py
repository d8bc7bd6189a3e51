"""You forgot ``model.eval()``, live: which images share a batch, and who is wrong in it."""

from __future__ import annotations

import streamlit as st

from core.catalogue import CLASSES, DATASETS, QUICK
from core.experiments.companies import BATCH, SHARES, SIZES
from core.experiments.forgot_eval_live import (
    FIRST_BATCH,
    Company,
    EvalTable,
    batch_picture,
    batch_words,
    by_share,
    share_picture,
    share_said,
    share_words,
    size_picture,
    size_said,
    size_words,
    where_from,
)
from core.experiments.positions import Positions
from pages.parts.lab.ahead import measure_ahead, places_beside, someone_is_here
from pages.parts.shared.address import Parameter
from pages.parts.shared.charts import NO_TOOLBAR
from pages.parts.shared.eval_curves import errors_by_size, measured_on
from pages.parts.shared.pixels import as_url
from pages.parts.shared.ready import about, ready
from pages.parts.shared.rules import one_of

NAMES = DATASETS[QUICK].classes

SIZE = Parameter("lab_size", one_of(SIZES), 2, bound=True)
SHARE = Parameter("lab_share", one_of(SHARES), 90, bound=True)
CLASS = Parameter("lab_class", one_of(NAMES), "7", bound=True)
PARAMETERS: tuple[Parameter[int] | Parameter[str], ...] = (SIZE, SHARE, CLASS)


@st.cache_resource(show_spinner=False, max_entries=1)
def _by_share() -> Positions[int, dict[int, Company]]:
    """By the class, whose every share is measured at once."""
    table = measured_on()
    return Positions(lambda digit: by_share(table, digit), CLASSES)


def live() -> None:
    """Two pictures, each below its sliders: random batches of a size, and a batch of which one class has a share."""
    table = ready(measured_on)
    if table is None:
        return
    left, right = st.columns(2, gap="large")
    with left:
        _size(table)
        about(where_from(table))
    with right:
        _share(table)


def _size(table: EvalTable) -> None:
    size = st.select_slider("Images in a random batch", SIZES, SIZE.default, **SIZE.widget())
    found = errors_by_size()
    st.plotly_chart(
        size_picture(table, found, size),
        key="lab_eval_sizes",
        config=NO_TOOLBAR,
        alt=size_words(table, found),
    )
    st.markdown(size_said(table, found, size))


def _share(table: EvalTable) -> None:
    with st.container(horizontal=True):
        share = st.select_slider(f"Percent of one class in a batch of {BATCH}", SHARES, SHARE.default, **SHARE.widget())
        name = st.selectbox("Class", NAMES, NAMES.index(CLASS.default), width=90, **CLASS.widget())
    someone_is_here()
    found = _by_share().at(NAMES.index(name))
    st.plotly_chart(
        share_picture(table, found, share),
        key="lab_eval_shares",
        config=NO_TOOLBAR,
        alt=share_words(table, found),
    )
    st.markdown(share_said(found[share], share, name))
    picture = as_url(batch_picture(table, found[share]))
    st.image(picture, width="content", alt=batch_words(found[share], share, name))
    st.caption(FIRST_BATCH)
    for (near,) in places_beside("forgot-eval", (range(CLASSES),), (NAMES.index(name),)):
        measure_ahead([(_by_share(), near)])
