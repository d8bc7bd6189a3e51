"""Everything that is chosen before a race: data set, epochs, variants, and the settings that all of them share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import streamlit as st

from core.catalogue import DATASETS, DatasetName
from core.config import RunConfig
from core.jobs.limits import limits
from core.labels import one_image
from core.model import fastest_precision
from pages.parts.train.address import (
    AUGMENT,
    BATCH_SIZE,
    BATCH_SIZES,
    DATASET,
    LEARNING_RATE,
    LEARNING_RATES,
    MOST_SEED,
    SEED,
    epochs,
)
from pages.parts.train.cards import Variant, preset_buttons, variant_cards


class Settings(TypedDict):
    """The fields of a ``RunConfig`` that all variants share."""

    dataset: DatasetName
    epochs: int
    batch_size: int
    lr: float
    seed: int
    augment: bool


@dataclass(frozen=True)
class Form:
    """What is chosen, whether the race shall start, and where a word on its length belongs."""

    variants: list[Variant]
    settings: Settings
    start: bool
    estimate_place: st.delta_generator.DeltaGenerator

    def configs(self) -> list[RunConfig]:
        """One configuration a variant; raises ``ConfigError``."""
        precision = fastest_precision()
        return [RunConfig(**variant, **self.settings, precision=precision) for variant in self.variants]


def race_form(*, variants_open: bool) -> Form:
    """Draw the form; what it holds."""
    with st.container(border=True):
        preset_buttons()
        dataset_column, epochs_column, start_column = st.columns([2, 3, 2], vertical_alignment="bottom")
        dataset = dataset_column.selectbox(
            "Data set",
            list(DATASETS),
            list(DATASETS).index(DATASET.default),
            format_func=lambda name: DATASETS[name].title,
            **DATASET.widget(),
        )
        length = _epochs(epochs_column)
        start = start_column.button("Start the race", type="primary", icon=":material/play_arrow:", width="stretch")
        estimate_place = st.container()
        st.caption(one_image(dataset))
        with st.expander("Variants: norm, groups, L1, L2", expanded=variants_open, icon=":material/tune:"):
            variants = variant_cards()
        with st.expander("Batch size, learning rate, seed, augmentation", icon=":material/settings:"):
            settings = _settings(dataset, length)
    return Form(variants, settings, start, estimate_place)


def _epochs(place: st.delta_generator.DeltaGenerator) -> int:
    row, most = epochs(), limits().max_epochs
    return place.slider("Epochs", 1, most, row.default, **row.widget()) if most > 1 else 1


def _settings(dataset: DatasetName, length: int) -> Settings:
    left, right = st.columns(2)
    batch_size = left.select_slider("Batch size", BATCH_SIZES, BATCH_SIZE.default, **BATCH_SIZE.widget())
    lr = left.select_slider("Highest learning rate", LEARNING_RATES, LEARNING_RATE.default, **LEARNING_RATE.widget())
    seed = right.number_input("Seed", 0, MOST_SEED, SEED.default, **SEED.widget())
    augment = right.toggle(
        "Augmentation", AUGMENT.default, help="Rotation, shift, brightness, contrast.", **AUGMENT.widget()
    )
    return {
        "dataset": dataset,
        "epochs": length,
        "batch_size": batch_size,
        "lr": float(lr),
        "seed": int(seed),
        "augment": augment,
    }
