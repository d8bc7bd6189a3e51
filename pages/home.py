"""What is this, what came out, where do I go first?"""

import streamlit as st

from core.catalogue import DATASETS, NORMS, SetNorm
from core.comparison.captions import settings_in_words
from core.comparison.methods import as_methods, single_runs
from core.comparison.study_findings import declared_family
from core.labels import variant_in_words
from core.normalization import product_in_words, set_count
from pages import only_by_the_app
from pages.parts.home.lab_links import lab_links
from pages.parts.home.set_pictures import set_picture
from pages.parts.shared.library import newest_race, own_runs, study_runs

only_by_the_app()

N, C, G = 4, 8, 4

st.title("Which numbers share a mean?")
st.markdown(
    "**BatchNorm, LayerNorm and GroupNorm use one formula.** In training they differ only in which numbers share a "
    f"mean and a variance. Below, {N} images (rows) with {C} channels (columns), H × W numbers in each square: "
    "everything coloured is averaged together."
)
with st.container(horizontal=True, vertical_alignment="center"):
    if st.button("Race them on MNIST", type="primary", icon=":material/directions_run:"):
        st.switch_page("pages/train.py")
    st.page_link("pages/statistics.py", label="Touch the numbers first", icon=":material/grid_on:")

EXPLAINED: tuple[SetNorm, ...] = ("bn", "ln", "gn")
with st.grid(len(EXPLAINED), min_column_width=230, border=True) as grid:
    for norm in EXPLAINED:
        row = NORMS[norm]
        with grid.cell():
            st.image(
                set_picture(norm, n=N, c=C, groups=G, color=row.color),
                width="stretch",
                alt=f"{N} by {C} tiles; the tiles that share one mean under {row.title} are coloured.",
            )
            count = f"{product_in_words(norm, row.numbering)} = {set_count(norm, (N, C, 1, 1), G)} means"
            st.markdown(f"**{row.title}**: {count}  \n{row.in_short.format(g=G, per=C // G)}")

st.subheader("Which one to choose?", anchor=False)
family = sorted(declared_family(as_methods(study_runs())), key=lambda method: EXPLAINED.index(method.config.norm))
if family:
    with st.grid(len(family), min_column_width=160, border=True) as grid:
        for method in family:
            values = method.accuracies
            with grid.cell():
                st.metric(method.config.label, f"{sum(values) / len(values):.2f} %")
                st.caption(f"lowest to highest of {len(values)} seeds: {min(values):.2f} to {max(values):.2f}")
    config = family[0].config
    spread = max(max(method.accuracies) - min(method.accuracies) for method in family)
    after = "1 epoch" if config.epochs == 1 else f"{config.epochs} epochs"
    st.markdown(
        f"Mean test accuracy on {DATASETS[config.dataset].title} after {after}. The seeds of one method differ by up "
        f"to {spread:.2f} points: is the highest one better, or lucky?"
    )
    st.caption(
        "The variants of a common exercise: "
        + "; ".join(f"{method.config.label} is {variant_in_words(method.config)}" for method in family)
        + "."
    )
    st.page_link("pages/compare.py", label="See the tests", icon=":material/show_chart:")
    st.page_link("pages/misclassified.py", label="See what they got wrong", icon=":material/image_search:")
lab_links()
own = own_runs()
if ids := newest_race([record for record in own if record.status == "complete"]):
    race = single_runs([record for run_id in ids for record in own if record.run_id == run_id])
    results = ", ".join(f"{method.label} {method.accuracies[0]:.2f} %" for method in race)
    st.markdown(f"**Latest finished race on this server**: {results} ({settings_in_words(race)}).")
    st.page_link(
        "pages/compare.py", label="Compare its runs", icon=":material/flag:", query_params={"compare_runs": ids}
    )
elif not family and not own:
    st.markdown("Nothing has been trained on this server yet: the first race is yours.")

# not a caption: links in one are too pale to read
st.markdown(
    ":small[MNIST is by Yann LeCun, Corinna Cortes and Christopher J.C. Burges, CC BY-SA 3.0. Papers: "
    "[BatchNorm](https://arxiv.org/abs/1502.03167), [LayerNorm](https://arxiv.org/abs/1607.06450), "
    "[GroupNorm](https://arxiv.org/abs/1803.08494).]"
)
