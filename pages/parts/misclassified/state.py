"""What the page of errors knows between two runs of its script, and how the address brings it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.catalogue import DATASETS
from core.comparison.captions import settings_in_words
from core.comparison.methods import as_methods
from core.misclassified.grid import page_count
from core.records.record import Predictions, RunRecord, RunSummary
from pages.parts.misclassified.address import IMAGE, LAYERS_OF, PAGE, ImageCode
from pages.parts.shared.address import asked, say, write
from pages.parts.shared.library import full_record

_MOUNT, _START = "wrong_page_mount", "wrong_page_start"


@dataclass(frozen=True, eq=False)
class Run:
    """A chosen run: its summary and the name that tells it from the others."""

    summary: RunSummary
    name: str

    @property
    def run_id(self) -> str:
        """Id of the record."""
        return self.summary.run_id

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names of its data set."""
        return DATASETS[self.summary.config.dataset].classes

    @property
    def dataset(self) -> str:
        """Its data set in words."""
        return DATASETS[self.summary.config.dataset].title

    def record(self) -> RunRecord | None:
        """The whole record; None where it is gone or damaged."""
        return full_record(self.run_id)

    def predictions(self) -> Predictions | None:
        """Its answers; None where the record is gone or damaged."""
        record = self.record()
        return record.predictions if record is not None else None


def run_settings(runs: Sequence[Run]) -> str:
    """Data set and settings of several runs in one line: what all share, then each one's own."""
    return settings_in_words(as_methods([run.summary for run in runs]))


def first_page() -> None:
    """Back to page 1: for whatever changes which images are shown, or in which order."""
    # a new widget that starts there: setting the old one's value would be a second default, of which Streamlit warns
    st.session_state[_MOUNT] = st.session_state.get(_MOUNT, 0) + 1
    write(PAGE, PAGE.default)


def linked_page(images: int) -> tuple[int, int]:
    """Draw the page numbers for ``images`` images; the chosen page, from 1, and how many there are."""
    pages = page_count(images)
    state = st.session_state
    key = f"{PAGE.name}_{state.get(_MOUNT, 0)}"
    if key not in state:
        wanted = asked(PAGE) or PAGE.default
        state[_START] = min(wanted, pages)
        if wanted > pages:
            there = f"there are {pages}" if pages > 1 else "there is one"
            say([f"The link asks for page '{wanted}'; {there}. Page {pages} is shown instead."])
    page = st.pagination(pages, default=min(state[_START], pages), key=key) if pages > 1 else 1
    write(PAGE, page)
    return page, pages


def open_image(code: ImageCode) -> None:
    """Show an image under every run, from the next run of the script on."""
    write(IMAGE, code)


def close_image() -> None:
    """Show no single image any more."""
    write(IMAGE, IMAGE.default)
    write(LAYERS_OF, LAYERS_OF.default)
