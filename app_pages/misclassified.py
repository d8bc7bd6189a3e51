"""What does each variant still get wrong? A 5x2 grid of misclassified test images a run."""

from functools import partial

import streamlit as st

from app_pages.components.run_picker import run_picker
from app_pages.components.shared import (
    full_record,
    is_one_of,
    is_whole,
    kept_runs,
    nothing_trained,
    rejected_parameters,
    show_rejected,
)
from core import pictures
from core.config import DATASET_TITLES, distinct_labels
from core.data import CLASS_NAMES

TILE_FACTOR = 4

st.title("What they get wrong")
rejected = rejected_parameters(
    {
        "wrong_order": is_one_of(list(pictures.ORDERS.values())),
        "wrong_seed": is_whole(0, 9999),
    }
)
records = kept_runs()
if not records:
    nothing_trained()
    st.stop()

show_rejected(rejected)
chosen = run_picker(records, param="wrong_runs")
with st.container(horizontal=True, vertical_alignment="bottom"):
    order = st.segmented_control(
        "Which ten",
        list(pictures.ORDERS),
        default="confident",
        required=True,
        format_func=pictures.ORDERS.__getitem__,
        key="wrong_order",
        bind="query-params",
    )
    seed = 0
    if order == "random":
        seed = int(st.number_input("Draw", 0, 9999, 0, key="wrong_seed", bind="query-params", width=140))
if not chosen:
    st.info("Choose at least one run above.", icon=":material/arrow_upward:")
    st.stop()

labels = distinct_labels(record.config for record in chosen)
for summary, label in zip(chosen, labels, strict=True):
    record = full_record(summary.run_id)
    st.subheader(label, anchor=False)
    if record is None or record.predictions is None:
        st.warning("The record of this run is gone or damaged; train it again to see its images.")
        continue
    predictions = record.predictions
    wrong, total = len(predictions.wrong_index), len(predictions.true)
    if not wrong:
        st.success(f"All {total:,} test images of {DATASET_TITLES[record.config.dataset]} are right.")
        continue
    positions = pictures.choose(predictions, order, seed=seed)
    few = "" if wrong >= pictures.PER_GRID else f" These are all {wrong}."
    st.markdown(
        f"{wrong:,} of {total:,} test images of {DATASET_TITLES[record.config.dataset]} wrong, "
        f"{predictions.accuracy:.2f} % right.{few}"
    )
    classes = CLASS_NAMES[record.config.dataset]
    with st.grid(pictures.COLUMNS, min_column_width=130, border=True) as grid:
        for position in positions:
            true, predicted, confidence = pictures.annotation(predictions, position, classes)
            with grid.cell():
                st.image(
                    pictures.enlarge(255 - predictions.wrong_image[position], TILE_FACTOR),
                    alt=f"Test image {predictions.wrong_index[position]}, true {true}, predicted {predicted}",
                )
                st.markdown(f"true **{true}**, predicted **{predicted}**  \n{confidence} confident")
    st.download_button(
        "This grid as PNG",
        # drawn when it is asked for, not at every rerun
        partial(pictures.grid_png, record, positions, classes, order=order),
        file_name=f"misclassified_{record.config.norm}_{record.run_id}.png",
        mime="image/png",
        icon=":material/download:",
        key=f"wrong_png_{record.run_id}",
        on_click="ignore",
    )
