"""How the Compare page lies in the window, and how its graphs start: what a link or the settings choose.

Each graph has the same choices as buttons inside it, which act in the browser and keep the zoom. The settings are for
the keyboard, and for a link that is to show them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from core.comparison.curves import AXIS_TITLES
from core.comparison.interactive import SPLITS, ZOOMS, Start
from pages.parts.compare.address import (
    ACCURACY,
    EACH_SEED,
    FORMAT,
    IMAGE_FORMATS,
    LOSS,
    LOSS_AXES,
    LOSSES,
    PUBLISHED,
    ZOOM,
    X,
)
from pages.parts.shared.address import Parameter

Name = TypeVar("Name", bound=str)
SOURCE = (
    "Dotted lines in the graph of test accuracy: a published solution of the exercise that this app grew from, "
    "one seed each."
)
WHY = "The buttons in the graphs keep the zoom. What is set here is in the address, too."
STYLE = """<style>
.st-key-compare_answer { row-gap: 0.4rem; }
.st-key-compare_norms_alone > :first-child { flex: 1 1 20rem; }
.st-key-compare_evidence { row-gap: 0.25rem; }
.st-key-compare_questions details { border-width: 0 0 1px; border-radius: 0; }
.st-key-compare_questions summary { padding: 0.3rem 0; min-height: 0; }
</style>"""


@dataclass(frozen=True)
class Look:
    """How the two graphs start, and what kind of image their toolbars save."""

    loss: Start
    accuracy: Start
    image_format: str


def look_controls() -> Look:
    """Draw the settings of the graphs; what they choose."""
    with st.popover("Settings of the graphs", icon=":material/tune:", help=WHY):
        axis = _choice("Over", list(AXIS_TITLES), X)
        losses = _choice("Loss of", list(SPLITS), LOSSES)
        scale = _choice("Loss axis", LOSS_AXES, LOSS)
        accuracies = _choice("Accuracy of", list(SPLITS), ACCURACY)
        zoom = _choice("Accuracy from", list(ZOOMS), ZOOM)
        each_seed = st.toggle("Each seed", EACH_SEED.default, **EACH_SEED.widget())
        published = st.toggle("Published results", PUBLISHED.default, help=SOURCE, **PUBLISHED.widget())
        image_format = _choice("The camera in a graph's toolbar saves", IMAGE_FORMATS, FORMAT)
    return Look(
        Start(split=losses, axis=axis, log_y=scale == "log", each_seed=each_seed),
        Start(split=accuracies, axis=axis, zoom=zoom, each_seed=each_seed, published=published),
        image_format,
    )


def _choice(label: str, options: Sequence[Name], parameter: Parameter[Name]) -> Name:
    return st.segmented_control(label, options, default=parameter.default, required=True, **parameter.widget())
