"""Which numbers share a mean, which norm to take, and where to go first?"""

import streamlit as st

from core.catalogue import NORMS, SetNorm
from core.comparison.captions import settings_in_words
from core.comparison.methods import as_methods, single_runs
from core.comparison.norms_alone import alone
from core.comparison.study_findings import declared_family
from core.lesson.order import STEPS
from pages import only_by_the_app
from pages.parts.home.address import TABLE
from pages.parts.home.code import code
from pages.parts.home.shared_means import shared_means
from pages.parts.home.situation_table import situation_table
from pages.parts.shared.address import read_address
from pages.parts.shared.library import newest_race, own_runs, study_runs

only_by_the_app()

EXPLAINED: tuple[SetNorm, ...] = ("bn", "ln", "gn")
WITH_AND_WITHOUT = {
    "train_variants": "2",
    "train_1_norm": NORMS["bn"].title,
    "train_1_l1": "off",
    "train_2_norm": NORMS["none"].title,
}

SHORT = (
    "BN, LN, GN and IN are short for BatchNorm, LayerNorm, GroupNorm and InstanceNorm, which is GroupNorm with a group "
    "for each channel. GN (4) has 4 groups. BN + L1 adds L1 to the loss: the sum of all absolute weights, times a "
    "strength. Inference is the use of the trained network. A seed starts the random numbers of a run: first weights, "
    "order of the images."
)

st.title("Normalization layers: which numbers share a mean?")
read_address(TABLE)
shared_means(EXPLAINED, key="home_sets")
with st.container(key="home_first", horizontal=True, vertical_alignment="center", gap="small"):
    if st.button("Start the lesson", type="primary", icon=":material/school:"):
        st.switch_page("pages/lesson.py")
    if st.button("A norm against none", icon=":material/compare_arrows:"):
        st.switch_page("pages/train.py", query_params=WITH_AND_WITHOUT)
    if st.button("Race them on MNIST", icon=":material/directions_run:"):
        st.switch_page("pages/train.py")
    st.page_link("pages/statistics.py", label="Touch the numbers", icon=":material/grid_on:")
st.markdown(
    "**What does a norm do?** It subtracts from each number the mean of its set, and divides by the set's standard "
    "deviation. Then γ and β, learned for each channel, choose the scale and offset that suit the next layer.  \n"
    f"**Why at all?** {STEPS[1].take_home}  \n"
    "**In two minutes**: point at the tiles, then train a network with a norm and without one.  \n"
    "**In fifteen**: the lesson. Seven steps, each a prediction and what comes of it, and ten questions at the end."
)

st.subheader("Which one to take?", anchor=False)
study = as_methods(study_runs())
family = sorted(alone(declared_family(study), study), key=lambda method: EXPLAINED.index(method.config.norm))
st.markdown(f":small[{SHORT}]")
situation_table(family, key="home_situations")

st.subheader("How to write it", anchor=False)
code()

own = own_runs()
if ids := newest_race([record for record in own if record.status == "complete"]):
    race = single_runs([record for run_id in ids for record in own if record.run_id == run_id])
    results = ", ".join(f"{method.label} {method.accuracies[0]:.2f} %" for method in race)
    st.markdown(f"**Newest runs on this server**: {results} ({settings_in_words(race)}). One seed decides nothing.")
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
