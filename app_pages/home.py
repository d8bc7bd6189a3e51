"""What is this, what came out, where do I go first?"""

import streamlit as st

from app_pages.components.set_pictures import set_picture
from app_pages.components.shared import kept_runs, newest_race
from core.config import DATASET_TITLES, distinct_labels
from core.figures import NORM_COLORS
from core.normalization import set_count

N, C, G = 4, 8, 4

st.title("Which numbers share a mean?")
st.markdown(
    "**BatchNorm, LayerNorm and GroupNorm use one formula.** They differ only in which numbers share a mean and a "
    f"variance. Below, {N} images (rows) with {C} channels (columns): everything coloured is averaged together."
)
with st.container(horizontal=True, vertical_alignment="center"):
    if st.button("Race them on MNIST", type="primary", icon=":material/directions_run:"):
        st.switch_page("app_pages/train.py")
    st.page_link("app_pages/statistics.py", label="Touch the numbers first", icon=":material/grid_on:")

EXPLAINED = (
    ("bn", "BatchNorm", "One mean a channel, over **all images** of the batch: your result depends on the others."),
    ("ln", "LayerNorm", "One mean an image, over **all its channels**: the other images do not matter."),
    ("gn", "GroupNorm", f"One mean an image and **group of channels**, here {G} groups of {C // G}."),
)
COUNT = {"bn": "C", "ln": "N", "gn": "N x G"}
with st.grid(3, min_column_width=230, border=True) as grid:
    for norm, title, sentence in EXPLAINED:
        with grid.cell():
            st.image(
                set_picture(norm, n=N, c=C, groups=G, color=NORM_COLORS[norm]),
                width="stretch",
                alt=f"{N} by {C} tiles; the tiles that share one mean under {title} are coloured.",
            )
            st.markdown(f"**{title}**: {COUNT[norm]} = {set_count(norm, (N, C, 1, 1), G)} means  \n{sentence}")

records = kept_runs()
ids = newest_race(records)
st.subheader("Latest result", anchor=False)
if ids:
    runs = [record for run_id in ids for record in records if record.run_id == run_id]
    labels = distinct_labels(record.config for record in runs)
    with st.grid(len(runs), min_column_width=160, border=True):
        for record, label in zip(runs, labels, strict=True):
            last = record.epochs[-1]
            st.metric(label, f"{last.test_accuracy:.2f} %", help="Test accuracy after the last epoch")
    config, last = runs[0].config, runs[0].epochs[-1]
    st.caption(f"Test accuracy on {DATASET_TITLES[config.dataset]} after {last.epoch} epochs, one run each.")
    st.page_link("app_pages/compare.py", label="Compare them", icon=":material/show_chart:")
    st.page_link("app_pages/misclassified.py", label="See what they got wrong", icon=":material/image_search:")
else:
    st.markdown("Nothing has been trained on this server yet: the first race is yours.")

# not a caption: links in one are too pale to read
st.markdown(
    ":small[MNIST is by Yann LeCun, Corinna Cortes and Christopher J.C. Burges, CC BY-SA 3.0. Papers: "
    "[BatchNorm](https://arxiv.org/abs/1502.03167), [LayerNorm](https://arxiv.org/abs/1607.06450), "
    "[GroupNorm](https://arxiv.org/abs/1803.08494).]"
)
