"""What does each variant still get wrong, do they get the same images wrong, and how sure are they?"""

import streamlit as st

from core.comparison.captions import with_state
from core.comparison.methods import single_runs
from core.labels import listed
from core.misclassified.overlap import by_test_set, method_order
from pages import only_by_the_app
from pages.parts.misclassified.address import TABLE, VIEW, VIEWS
from pages.parts.misclassified.confusion import confusion_view
from pages.parts.misclassified.grids import each_run
from pages.parts.misclassified.look import STYLE
from pages.parts.misclassified.one_image import one_image
from pages.parts.misclassified.overlap import across_runs
from pages.parts.misclassified.picker import run_picker
from pages.parts.misclassified.state import Run, first_page
from pages.parts.shared.address import read_address
from pages.parts.shared.mine import runs_to_choose
from pages.parts.shared.notices import say_chance, say_former_recipes, say_hidden, say_unfinished

only_by_the_app()

st.html(STYLE)
with st.container(key="wrong_title", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.title("What they get wrong", width="content")
    own = st.container(width="content")
read_address(TABLE)
records = runs_to_choose(own)

notice = st.container()
with st.container(horizontal=True, vertical_alignment="center", gap="small", key="wrong_controls"):
    chosen = run_picker(records)
    view = st.segmented_control(
        "Look at",
        VIEWS,
        default=VIEW.default,
        required=True,
        on_change=first_page,
        label_visibility="collapsed",
        wrap=True,
        **VIEW.widget(),
    )
if not chosen:
    st.info("Choose at least one run above.", icon=":material/arrow_upward:")
    st.stop()

methods = single_runs(chosen)
names = [with_state(method.label, record.status) for method, record in zip(methods, chosen, strict=True)]
runs = [Run(summary, name) for summary, name in zip(chosen, names, strict=True)]
found = [(run, run.predictions()) for run in runs]
readable = [(run, predictions) for run, predictions in found if predictions is not None]
say_unfinished(methods)
say_chance((run.name, predictions) for run, predictions in readable)
say_hidden({run.run_id: run.name for run in runs})
say_former_recipes(run.summary.config for run in runs)
# the runs of one test set each, the largest group first: only those are compared image by image
groups = [[readable[i] for i in group] for group in by_test_set([predictions for _, predictions in readable])]
groups = [[group[i] for i in method_order([run.summary for run, _ in group])] for group in groups]

if view == VIEWS[0]:
    each_run(found)
elif not readable:
    st.warning("The records of these runs are gone or damaged; train them again to see their images.")
else:
    gone = [run.name for run, predictions in found if predictions is None]
    if gone:
        st.warning(f"Left out, since the record is gone or damaged: {listed(gone)}.")
    if view == VIEWS[1]:
        others = [run.name for group in groups[1:] for run, _ in group]
        if others:
            st.info(f"Left out, since it was tested on other images: {listed(others)}.")
        across_runs(groups[0])
    else:
        confusion_view(readable, several_sets=len(groups) > 1)

if groups:
    one_image(groups, notice)
