"""Which variant does better? Graph 1 (test loss) and Graph 2 (test accuracy) of any runs, together."""

import pandas as pd
import streamlit as st

from app_pages.components.run_picker import run_picker
from app_pages.components.shared import (
    full_record,
    is_one_of,
    kept_runs,
    nothing_trained,
    rejected_parameters,
    show_rejected,
)
from core import figures
from core.config import DATASET_TITLES, distinct_labels
from core.findings import standard_error

ZOOMS = {"all": None, "98 to 100 %": (98.0, 100.0), "99 to 100 %": (99.0, 100.0)}

LOSS_AXES = ("linear", "log")

st.title("Compare the runs")
rejected = rejected_parameters({"compare_zoom": is_one_of(list(ZOOMS)), "compare_loss": is_one_of(LOSS_AXES)})
records = kept_runs()
if not records:
    nothing_trained()
    st.stop()

show_rejected(rejected)
chosen = run_picker(records, param="compare_runs")
if not chosen:
    st.info("Choose at least one run above.", icon=":material/arrow_upward:")
    st.stop()

labels = distinct_labels(record.config for record in chosen)
datasets = {record.config.dataset for record in chosen}
best = max(zip(chosen, labels, strict=True), key=lambda pair: pair[0].epochs[-1].test_accuracy)
full = full_record(best[0].run_id)
doubt = ""
if full is not None and full.predictions is not None:
    images = len(full.predictions.true)
    error = standard_error(best[0].epochs[-1].test_accuracy, images)
    doubt = (
        f" One run a variant does not settle which norm is better: with {images:,} test images one standard "
        f"error is {error:.2f} points."
    )
st.markdown(
    f"Highest final test accuracy: **{best[1]}** with **{best[0].epochs[-1].test_accuracy:.2f} %** "
    f"on {DATASET_TITLES[best[0].config.dataset]}.{doubt}"
)
if len(datasets) > 1:
    names = " and ".join(DATASET_TITLES[name] for name in sorted(datasets))
    st.warning(f"These runs were tested on different data sets ({names}); their values do not compare.")

with st.container(horizontal=True):
    loss_axis = st.segmented_control(
        "Loss axis", list(LOSS_AXES), default="linear", required=True, key="compare_loss", bind="query-params"
    )
    zoom = st.segmented_control(
        "Accuracy axis", list(ZOOMS), default="all", required=True, key="compare_zoom", bind="query-params"
    )


def say(metric: figures.Metric, unit: str) -> str:
    """The chart in one sentence, for those who do not see it."""
    ends = [f"{label} {getattr(r.epochs[-1], metric):.4g}{unit}" for r, label in zip(chosen, labels, strict=True)]
    return f"{figures.METRIC_TITLES[metric]} over epochs, final values: {'; '.join(ends)}"


CONFIG = {
    "displaylogo": False,
    "toImageButtonOptions": {"scale": 2, "filename": "normlens"},
    # a phone shows the toolbar all the time: only what is of use there
    "modeBarButtonsToRemove": ["pan2d", "zoomIn2d", "zoomOut2d", "autoScale2d", "select2d", "lasso2d"],
}
left, right = st.columns(2)
left.plotly_chart(
    figures.loss_figure(chosen, log_y=loss_axis == "log"), key="compare_graph1", config=CONFIG, alt=say("test_loss", "")
)
right.plotly_chart(
    figures.accuracy_figure(chosen, zoom=ZOOMS[zoom or "all"]),
    key="compare_graph2",
    config=CONFIG,
    alt=say("test_accuracy", " %"),
)
st.caption(
    "Rings mark the best epoch of each run. It is chosen on the test set, so it flatters; the final value does not."
)

table = pd.DataFrame(
    [
        {
            "Run": label,
            "Final test accuracy (%)": record.epochs[-1].test_accuracy,
            "Final test loss": record.epochs[-1].test_loss,
            "Best test accuracy (%)": record.best_epoch.test_accuracy,
            "in epoch": record.best_epoch.epoch,
            "Training accuracy (%)": record.epochs[-1].train_accuracy,
            "Seconds": sum(row.seconds for row in record.epochs),
            "Images a second": record.images_per_second,
            "Parameters": record.parameters,
            "Settings": figures.summary(record.config),
            "Status": record.status,
        }
        for record, label in zip(chosen, labels, strict=True)
    ]
)
st.dataframe(
    table,
    hide_index=True,
    alt="The chosen runs with their final and best values",
    column_config={
        **{name: st.column_config.NumberColumn(format="%.2f") for name in table if name.endswith("(%)")},
        "Final test loss": st.column_config.NumberColumn(format="%.4f"),
        "Seconds": st.column_config.NumberColumn(format="%.1f"),
        "Images a second": st.column_config.NumberColumn(format="%.0f"),
    },
)
st.page_link(
    "app_pages/misclassified.py",
    label="See what these runs got wrong",
    icon=":material/image_search:",
    query_params={"wrong_runs": [record.run_id for record in chosen]},
)
