"""Which normalization should I choose, and how sure can I be? Any runs together, annotated and tested."""

import streamlit as st

from core.catalogue import DATASETS
from core.comparison.captions import at_rest
from core.comparison.headline import headline_parts
from pages import only_by_the_app
from pages.parts.compare.address import FORMAT, TABLE
from pages.parts.compare.charts import HOW_TO_READ, graphs_help, interval_chart, table_view, two_graphs
from pages.parts.compare.dark import dark_buttons
from pages.parts.compare.downloads import downloads
from pages.parts.compare.findings import evidence_view, questions_view
from pages.parts.compare.look import STYLE, look_controls
from pages.parts.compare.norms_alone import norms_alone_view
from pages.parts.compare.pairs import pairs_view
from pages.parts.compare.picker import method_picker
from pages.parts.compare.results import matrix_of, run_labels, table_of, with_arrays
from pages.parts.compare.uploads import foreign_curves, upload_control
from pages.parts.shared.address import current, read_address
from pages.parts.shared.mine import runs_to_choose
from pages.parts.shared.notices import say_chance, say_former_recipes, say_hidden, say_unfinished

only_by_the_app()

NOTHING_ENDED = "None of these runs has ended with a result, so there is no final accuracy to name and nothing to test."

st.html(STYLE)
dark_buttons()
head = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
with head:
    st.title("Compare the runs", width="content")
    own = st.container(width="content")
    with st.popover("Add results", icon=":material/upload:"):
        upload_control()
read_address(TABLE)
records = runs_to_choose(own)
picked = method_picker(records)
if not picked:
    st.info("Choose at least one method or run above.", icon=":material/arrow_upward:")
    st.stop()
methods = [method for summary in picked if (method := with_arrays(summary)) is not None]
if len(methods) < len(picked):
    st.warning("Some of these records are gone or damaged; they are left out.", icon=":material/warning:")
if not methods:
    st.stop()
ended = [method for method in methods if at_rest(method)]
tested = matrix_of(ended)
with st.container(key="compare_answer"):
    lead, *rest = headline_parts(ended, tested.findings) if ended else [NOTHING_ENDED]
    st.markdown(lead)
    if rest:
        st.markdown(f":small[{' '.join(rest)}]")
    norms_alone_view(ended, records)
say_unfinished([method for method in methods if not at_rest(method)])  # the headline names what was stopped
runs = [(name, record) for method in methods for name, record in run_labels(method)]
say_chance((name, record.predictions) for name, record in runs)
say_hidden({record.run_id: name for name, record in runs})
say_former_recipes(record.config for _, record in runs)
datasets = {method.config.dataset for method in methods}
if len(datasets) > 1:
    names = " and ".join(DATASETS[name].title for name in sorted(datasets))
    st.warning(f"These runs were tested on different data sets ({names}); their values do not compare.")

table, intervals = table_of(methods)
if ended:
    left, right = st.columns([11, 9], gap="medium")
    with left, st.container(key="compare_picture"):
        interval_chart(methods, intervals, current(FORMAT))
    with right, st.container(key="compare_pairs"):
        opened = pairs_view(ended, tested)
    if opened is not None:
        with st.container(key="compare_evidence"):
            evidence_view(opened.finding)
questions_view(ended)

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.subheader("How they got there", anchor=False, width="content")
    look = look_controls()
graph1, graph2 = two_graphs(methods, look, foreign_curves())
with st.expander("How to read the graphs", icon=":material/help:"):
    st.caption(graphs_help(methods, look))
    st.caption(HOW_TO_READ)
table_view(table, methods)
with st.expander("Take it with you", icon=":material/download:"):
    downloads({"Graph 1": graph1, "Graph 2": graph2}, table, methods)
st.page_link(
    "pages/misclassified.py",
    label="See what these runs got wrong",
    icon=":material/image_search:",
    query_params={"wrong_runs": [method.records[0].run_id for method in methods]},
)
