"""Everything that is chosen before a race: data set, epochs, variants, and the settings that all of them share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import streamlit as st

from core.catalogue import DATASETS, DatasetName
from core.config import RunConfig
from core.jobs.limits import limits
from core.jobs.scaling import REFERENCE_BATCH, scaled
from core.labels import one_image
from core.model import fastest_precision
from pages.parts.shared import query
from pages.parts.shared.address import current, turn
from pages.parts.shared.turned import acknowledge
from pages.parts.train.address import (
    AUGMENT,
    BATCH_SIZE,
    BATCH_SIZES,
    DATASET,
    LEARNING_RATE,
    LEARNING_RATES,
    MORE,
    MOST_SEED,
    SCALE,
    SEED,
    epochs,
    more,
    strength,
    table,
)
from pages.parts.train.cards import Variant, fill_cards, preset_buttons, untouched_cards, variant_cards

SECTION = "Variants, batch size, learning rate, seed, augmentation"
SCALED_RATE = "The highest learning rate of this race is **{rate:g}**: {lr:g} × {batch} / {reference}."


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
        return [
            RunConfig(
                norm=variant["norm"],
                groups=variant["groups"],
                l1=strength(variant["l1"]),
                l2=strength(variant["l2"]),
                **self.settings,
                precision=precision,
            )
            for variant in self.variants
        ]


def race_form() -> Form:
    """Draw the form, a row and a closed section; what it holds."""
    with st.container(gap="small"):
        dataset_column, epochs_column, start_column = st.columns([2, 3, 2], vertical_alignment="bottom")
        dataset = dataset_column.selectbox(
            "Data set",
            list(DATASETS),
            list(DATASETS).index(DATASET.default),
            format_func=lambda name: DATASETS[name].title,
            help=" ".join(one_image(name) for name in DATASETS),
            **DATASET.widget(),
        )
        length = _epochs(epochs_column)
        start = start_column.button("Start the race", type="primary", icon=":material/play_arrow:", width="stretch")
        variants, settings = _more(dataset, length)
        acknowledge(*(row.name for row in table() if row.bound))
        estimate_place = st.container()
    return Form(variants, settings, start, estimate_place)


def fill_form(configs: Sequence[RunConfig]) -> None:
    """Make the form that of a race; in a callback, before the form is drawn."""
    shared = configs[0]
    turn(DATASET, shared.dataset)
    if limits().max_epochs > 1:
        turn(epochs(), shared.epochs)
    turn(BATCH_SIZE, shared.batch_size)
    turn(LEARNING_RATE, f"{shared.lr:g}")
    turn(SCALE, False)
    turn(SEED, shared.seed)
    turn(AUGMENT, shared.augment)
    fill_cards(configs)


def _more(dataset: DatasetName, length: int) -> tuple[list[Variant], Settings]:
    """A section with the variants and all other settings. Its widgets are most of the page: who opens it gets them.

    They stay where anything in it was chosen: a widget that is not drawn forgets its value.
    """
    section = st.expander(SECTION, key=MORE, icon=":material/tune:", on_change="rerun")
    if not (section.open or any(query.values(row.name) or current(row) != row.default for row in more())):
        settings: Settings = {
            "dataset": dataset,
            "epochs": length,
            "batch_size": BATCH_SIZE.default,
            "lr": float(LEARNING_RATE.default),
            "seed": SEED.default,
            "augment": AUGMENT.default,
        }
        return untouched_cards(), settings
    with section:
        preset_buttons()
        return variant_cards(), _settings(dataset, length)


def _epochs(place: st.delta_generator.DeltaGenerator) -> int:
    row, most = epochs(), limits().max_epochs
    return place.slider("Epochs", 1, most, row.default, **row.widget()) if most > 1 else 1


def _settings(dataset: DatasetName, length: int) -> Settings:
    left, right = st.columns(2)
    batch_size = left.select_slider("Batch size", BATCH_SIZES, BATCH_SIZE.default, **BATCH_SIZE.widget())
    lr = float(
        left.select_slider("Highest learning rate", LEARNING_RATES, LEARNING_RATE.default, **LEARNING_RATE.widget())
    )
    seed = right.number_input("Seed", 0, MOST_SEED, SEED.default, **SEED.widget())
    scale = right.toggle(
        "Scale the learning rate with the batch size",
        SCALE.default,
        help=f"Named for batches of {REFERENCE_BATCH}, and in proportion at others: arXiv 1706.02677.",
        **SCALE.widget(),
    )
    augment = right.toggle(
        "Augmentation", AUGMENT.default, help="Rotation, shift, brightness, contrast.", **AUGMENT.widget()
    )
    rate = scaled(lr, batch_size) if scale else lr
    if scale:
        left.caption(SCALED_RATE.format(rate=rate, lr=lr, batch=batch_size, reference=REFERENCE_BATCH))
    return {
        "dataset": dataset,
        "epochs": length,
        "batch_size": batch_size,
        "lr": rate,
        "seed": int(seed),
        "augment": augment,
    }
