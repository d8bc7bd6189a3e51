"""Grids of misclassified images: each with true label, prediction, confidence, and a way to look closer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.labels import summary
from core.misclassified.grid import (
    ORDERS,
    PER_GRID,
    Order,
    annotation,
    grid_png,
    on_page,
    page_count,
    ranked,
)
from core.records.record import Predictions
from pages.parts.misclassified.address import MOST_SEED, ORDER, SEED, SHOWN, image_code
from pages.parts.misclassified.state import Run, first_page, linked_page, open_image
from pages.parts.misclassified.wrong_tiles import Tile, wrong_tiles
from pages.parts.shared.address import start_choice, write_all

GRIDS_AT_ONCE = 3


def grid(run: Run, found: Predictions, positions: NDArray[np.int64], *, several_sets: bool) -> None:
    """The annotated images of ``positions`` (in ``wrong_index``), each to be opened under every run."""
    fingerprint = found.fingerprint if several_sets else ""
    wrong_tiles(
        [_tile(found, position, run.classes) for position in positions.tolist()],
        key=f"wrong_grid_{run.run_id}",
        on_open=lambda index: open_image(image_code(index, fingerprint)),
    )


def _tile(found: Predictions, position: int, classes: Sequence[str]) -> Tile:
    true, predicted, confidence = annotation(found, position, classes)
    index = int(found.wrong_index[position])
    return Tile(
        index,
        found.wrong_image[position],
        f"Test image {index}, true {true}, predicted {predicted}",
        (("true ", true), ("predicted ", predicted), (f"with {confidence}",)),
    )


def png_button(run: Run, found: Predictions, positions: NDArray[np.int64], order: Order, detail: str) -> None:
    """Download the grid as it is shown; drawn when it is asked for, not at every rerun."""
    # from what is on the page: the click is answered outside of the session, where its uploads cannot be found
    record = run.record()
    if record is None:
        return  # it went between two reads
    record = replace(record, predictions=found)
    st.download_button(
        "This grid as PNG",
        partial(grid_png, record, positions, run.classes, order=order, name=run.name, detail=detail),
        file_name=f"misclassified_{run.summary.config.norm}_{run.run_id}.png",
        mime="image/png",
        icon=":material/download:",
        key=f"wrong_png_{run.run_id}",
        on_click="ignore",
    )


def each_run(every: Sequence[tuple[Run, Predictions | None]]) -> None:
    """The grid of every run that is shown, one order and one page for all of them.

    every: all that are chosen, with their answers; without where the record is gone or damaged.
    """
    shown = _shown([run for run, _ in every])
    controls = st.container(horizontal=True, vertical_alignment="center", gap="small", key="wrong_order_and_page")
    with controls:
        order, seed = _order()
    found = [(run, predictions) for run, predictions in every if run in shown]
    # of all that are chosen, not only of those shown: an image opens under the runs of its own test set
    several_sets = len({p.test_set for _, p in every if p is not None}) > 1
    most = max((len(p.wrong_index) for _, p in found if p is not None), default=0)
    with controls:
        page, _ = linked_page(most)
    for place, (run, predictions) in zip(_places(len(found)), found, strict=True):
        with place:
            _one_run(run, predictions, order, seed, page, several_sets=several_sets)
    st.caption(
        "Each is one network with one seed; other seeds get other images wrong, so these counts do not rank the "
        "methods. Compare says what is more than chance."
    )


def _places(count: int) -> list[st.delta_generator.DeltaGenerator]:
    """A container for each run; the first has a name, by which a narrow window draws it before the controls."""
    return [st.container(key="wrong_first" if i == 0 else None) for i in range(count)]


def _one_run(
    run: Run, predictions: Predictions | None, order: Order, seed: int, page: int, *, several_sets: bool
) -> None:
    head = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"wrong_head_{run.run_id}")
    head.subheader(run.name, anchor=False, width="content")
    if predictions is None:
        st.warning("The record of this run is gone or damaged; train it again to see its images.")
        return
    wrong, total = len(predictions.wrong_index), len(predictions.true)
    if not wrong:
        st.success(f"All {total:,} test images of {run.dataset} are right.")
        return
    positions = on_page(ranked(predictions, order, seed=seed), page)
    own = page_count(wrong)
    head.markdown(
        f"{wrong:,} of {total:,} test images of {run.dataset} wrong, {predictions.accuracy:.2f} % right. "
        + _which(wrong, len(positions), page, own),
        width="content",
    )
    head.caption(summary(run.summary.config), width="content")
    if len(positions):
        grid(run, predictions, positions, several_sets=several_sets)
        png_button(run, predictions, positions, order, f"page {page} of {own}" if own > 1 else "")


def _which(wrong: int, shown: int, page: int, pages: int) -> str:
    if not shown:
        return f"They end on page {pages}."
    if pages == 1:
        return f"These are all {wrong}." if wrong < PER_GRID else ""
    first = (page - 1) * PER_GRID + 1
    return f"Here are {first} to {first + shown - 1}."


def _order() -> tuple[Order, int]:
    order = st.segmented_control(
        "In which order",
        list(ORDERS),
        default=ORDER.default,
        required=True,
        format_func=ORDERS.__getitem__,
        on_change=first_page,
        label_visibility="collapsed",
        wrap=True,
        **ORDER.widget(),
    )
    seed = 0
    if order == "random":
        seed = int(
            st.number_input(
                "Draw", 0, MOST_SEED, SEED.default, label_visibility="collapsed", width=140, **SEED.widget()
            )
        )
    return order, seed


def _shown(runs: Sequence[Run]) -> list[Run]:
    """All runs where they are few, else those that are picked: many grids would be a long page."""
    if len(runs) <= GRIDS_AT_ONCE:
        return list(runs)
    names = {run.run_id: run.name for run in runs}
    first = list(names)[:GRIDS_AT_ONCE]
    key = start_choice(SHOWN, names, lambda: first, len(names))
    st.session_state[key] = st.session_state[key] or first
    picked = st.pills(
        "Grids of",
        list(names),
        selection_mode="multi",
        format_func=names.__getitem__,
        key=key,
        on_change=first_page,
        label_visibility="collapsed",
    )
    write_all(SHOWN, picked)
    return [run for run in runs if run.run_id in picked]
