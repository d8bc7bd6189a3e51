"""Which normalization should I choose, and how sure can I be? Any runs together, annotated and tested."""

import streamlit as st

from core.catalogue import DATASET_TITLES
from core.comparison import graphs
from core.comparison.curves import AXIS_TITLES
from core.comparison.headline import headline
from core.comparison.methods import Metric
from core.comparison.study_findings import PUBLISHED
from pages.parts.compare.downloads import IMAGE_FORMATS, chart_config, downloads
from pages.parts.compare.findings import findings_view, is_study, shipped_findings
from pages.parts.compare.picker import method_picker
from pages.parts.compare.results import accuracy_graph, findings_of, loss_graph, table_of, with_arrays
from pages.parts.compare.uploads import upload_control
from pages.parts.shared.library import kept_runs, nothing_trained
from pages.parts.shared.links import is_one_of, rejected_parameters, show_rejected

ZOOMS = {"auto": None, "all": (0.0, 100.0), "98 to 100 %": (98.0, 100.0), "99 to 100 %": (99.0, 100.0)}
LOSS_AXES = ("linear", "log")
ACCURACIES: dict[str, Metric] = {"test": "test_accuracy", "training": "train_accuracy"}

st.title("Compare the runs")
page, upload_place = st.container(), st.container()
with upload_place, st.expander("Add runs from a file", icon=":material/upload:"):
    upload_control()

rejected = rejected_parameters(
    {
        "compare_zoom": is_one_of(list(ZOOMS)),
        "compare_loss": is_one_of(LOSS_AXES),
        "compare_x": is_one_of(list(AXIS_TITLES)),
        "compare_accuracy": is_one_of(list(ACCURACIES)),
        "compare_seeds": is_one_of(("true", "false", "True", "False")),
        "compare_published": is_one_of(("true", "false", "True", "False")),
        "compare_format": is_one_of(IMAGE_FORMATS),
    }
)
records = kept_runs()
with page:
    if not records:
        nothing_trained()
        st.stop()
    show_rejected(rejected)
    picked = method_picker(records, param="compare_runs")
    if not picked:
        st.info("Choose at least one method or run above.", icon=":material/arrow_upward:")
        st.stop()
    methods = [method for summary in picked if (method := with_arrays(summary)) is not None]
    if len(methods) < len(picked):
        st.warning("Some of these records are gone or damaged; they are left out.", icon=":material/warning:")
    if not methods:
        st.stop()
    found = findings_of(methods)
    st.markdown(headline(methods, found))
    datasets = {method.config.dataset for method in methods}
    if len(datasets) > 1:
        names = " and ".join(DATASET_TITLES[name] for name in sorted(datasets))
        st.warning(f"These runs were tested on different data sets ({names}); their values do not compare.")

    with st.container(horizontal=True):
        loss_axis = st.segmented_control(
            "Loss", list(LOSS_AXES), default="linear", required=True, key="compare_loss", bind="query-params"
        )
        accuracy = st.segmented_control(
            "Accuracy", list(ACCURACIES), default="test", required=True, key="compare_accuracy", bind="query-params"
        )
        zoom = st.segmented_control(
            "Accuracy from", list(ZOOMS), default="auto", required=True, key="compare_zoom", bind="query-params"
        )
        x = st.segmented_control(
            "Over", list(AXIS_TITLES), default="epochs", required=True, key="compare_x", bind="query-params"
        )
    with st.container(horizontal=True):
        each_seed = st.toggle("Each seed", key="compare_seeds", bind="query-params")
        published = st.toggle("Published results", True, key="compare_published", bind="query-params")
    # its control stands below: at the first run only the address knows
    asked = st.session_state.get("compare_format") or st.query_params.get("compare_format")
    image_format = asked if asked in IMAGE_FORMATS else IMAGE_FORMATS[0]

    metric = ACCURACIES[accuracy]
    graph1 = loss_graph(methods, axis=x, log_y=loss_axis == "log", each_seed=each_seed)
    graph2 = accuracy_graph(
        methods,
        metric=metric,
        axis=x,
        zoom=ZOOMS[zoom] or graphs.accuracy_range(methods, metric),
        each_seed=each_seed,
        published=PUBLISHED if published and datasets == {"mnist"} else None,
    )
    left, right = st.columns(2)
    for place, name, figure, drawn in ((left, "graph1", graph1, "test_loss"), (right, "graph2", graph2, metric)):
        place.plotly_chart(
            figure,
            key=f"compare_{name}",
            config=chart_config(name, image_format),
            alt=graphs.in_words(methods, drawn, x),
        )
    st.caption(graphs.reading_help(methods, metric, x))

    table, intervals = table_of(methods)
    shown = [(method, interval) for method, interval in zip(methods, intervals, strict=True) if interval is not None]
    if shown:
        st.plotly_chart(
            graphs.interval_figure(*zip(*shown, strict=True)),
            key="compare_intervals",
            config=chart_config("intervals", image_format),
            alt="Final test accuracy of each method with its 95 % interval: the values stand in the table below",
        )
        st.caption(
            "Symbol: the mean. Ticks: single seeds, equal ones on top of each other. Whiskers: 95 % interval of the "
            "mean, t over the seeds, so that single seeds may lie outside; Wilson's for a single run. Whether they "
            "overlap is not the test: that is below."
        )
    st.dataframe(
        table,
        hide_index=True,
        alt="The chosen methods with their final values",
        column_config={
            **{
                name: st.column_config.NumberColumn(format="%.2f")
                for name in table
                if "%" in name or "(points)" in name
            },
            "Test loss": st.column_config.NumberColumn(format="%.4f"),
            "Roughness, epochs 1 to 5 (nats)": st.column_config.NumberColumn(
                format="%.4f", help="Sum of all rises of the test loss from one epoch to the next."
            ),
            "Near zero (%)": st.column_config.NumberColumn(
                format="%.2f", help="Of all penalized weights: below 5 % of their filter's root mean square."
            ),
            "Seconds": st.column_config.NumberColumn(
                format="%.1f", help="As recorded, tests included. The shipped runs were trained three at a time."
            ),
        },
    )
    st.subheader("What the tests show", anchor=False)
    study = shipped_findings()
    if study and is_study(methods):
        findings_view(study)
    else:
        findings_view(found)
        if study:
            with st.expander("What the study that comes with the app says", icon=":material/science:"):
                findings_view(study)
    with st.expander("Take it with you", icon=":material/download:"):
        st.segmented_control(
            "The camera in a graph's toolbar saves",
            list(IMAGE_FORMATS),
            default=IMAGE_FORMATS[0],
            required=True,
            key="compare_format",
            bind="query-params",
        )
        downloads({"Graph 1": graph1, "Graph 2": graph2}, table, methods)
    st.page_link(
        "pages/misclassified.py",
        label="See what these runs got wrong",
        icon=":material/image_search:",
        query_params={"wrong_runs": [method.records[0].run_id for method in methods]},
    )
