"""What happens when I change the norm, the groups, the penalty? Several variants race on the same batches."""

import streamlit as st

from core.catalogue import DATASET_TITLES, DATASETS
from core.config import ConfigError, RunConfig
from core.jobs.limits import limits
from core.jobs.queue import BusyError
from core.model import fastest_precision
from pages.parts.shared.links import binding, is_one_of, is_whole, rejected_parameters, show_rejected
from pages.parts.shared.runtime import registry, store
from pages.parts.train.cards import preset_buttons, url_rules, variant_cards
from pages.parts.train.race import clock, race_view

BATCH_SIZES = (16, 32, 64, 128, 256, 512, 1024)
LEARNING_RATES = ("0.01", "0.03", "0.05", "0.1", "0.2", "0.5", "1")
RACE_PARAM = "race"


rejected = rejected_parameters(
    {
        **url_rules(),
        "train_dataset": is_one_of(tuple(DATASET_TITLES.values())),
        "train_epochs": is_whole(1, limits().max_epochs),
        "train_batch_size": is_one_of(BATCH_SIZES),
        "train_lr": is_one_of(LEARNING_RATES),
        "train_seed": is_whole(0, 2**32 - 1),
        "train_augment": is_one_of(("true", "false", "True", "False")),
    }
)

st.title("Race the norms")
st.markdown(
    "Each variant starts from the **same weights** and sees the **same batches**. Only the norm and the penalty differ."
)
show_rejected(rejected)

race_id = st.query_params.get(RACE_PARAM) or st.session_state.get("train_race")
if race_id:
    # back from another page the URL names the race again; after a refresh the session learns it from the URL
    st.query_params[RACE_PARAM] = st.session_state["train_race"] = race_id

with st.container(border=True):
    preset_buttons()
    dataset_column, epochs_column, start_column = st.columns([2, 3, 2], vertical_alignment="bottom")
    dataset = dataset_column.selectbox(
        "Data set", DATASETS, format_func=lambda name: DATASET_TITLES[name], key="train_dataset", bind="query-params"
    )
    epochs, most = 1, limits().max_epochs
    if most > 1:
        bind = binding("train_epochs", is_whole(1, most))
        epochs = epochs_column.slider("Epochs", 1, most, min(3, most), key="train_epochs", bind=bind)
    start = start_column.button("Start the race", type="primary", icon=":material/play_arrow:", width="stretch")
    estimate_place = st.container()
    with st.expander("Variants: norm, groups, L1, L2", expanded=not race_id, icon=":material/tune:"):
        variants = variant_cards()
    with st.expander("Batch size, learning rate, seed, augmentation", icon=":material/settings:"):
        left, right = st.columns(2)
        batch_size = left.select_slider("Batch size", BATCH_SIZES, 128, key="train_batch_size", bind="query-params")
        lr = left.select_slider("Highest learning rate", LEARNING_RATES, "0.1", key="train_lr", bind="query-params")
        bind = binding("train_seed", is_whole(0, 2**32 - 1))
        seed = right.number_input("Seed", 0, 2**32 - 1, 0, key="train_seed", bind=bind)
        augment = right.toggle(
            "Augmentation",
            True,
            key="train_augment",
            bind="query-params",
            help="Rotation, shift, brightness, contrast.",
        )

try:
    configs = [
        RunConfig(
            **variant,
            epochs=epochs,
            batch_size=batch_size,
            lr=float(lr),
            seed=int(seed),
            dataset=dataset,
            augment=augment,
            precision=fastest_precision(),
        )
        for variant in variants
    ]
    seconds = registry().estimate(configs)
    if seconds is not None:
        estimate_place.caption(f"About {clock(seconds)} at the rate of the last race on this server.")
    if start:
        race_id = registry().submit(configs)
        st.session_state["train_race"] = st.query_params[RACE_PARAM] = race_id
        st.rerun()
except (ConfigError, BusyError) as error:
    st.error(str(error), title="The race cannot start", icon=":material/error:")

if race_id:
    race_view(race_id)
elif busy := registry().busy():
    st.caption(f"{busy} race{'s' if busy > 1 else ''} on this server right now; yours would wait for its turn.")

kept = store()
st.caption(
    f"Finished runs are kept on this server in `{kept.root}`, at most {kept.keep} of them, oldest out first. "
    "Everyone who uses this server sees them. The address of this page finds a running race again."
)
