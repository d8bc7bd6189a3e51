"""What the page of errors knows between two runs of its script, and how the address brings it back.

Choices whose options depend on the chosen runs are not bound: a bound widget writes its labels to the
address. They are kept there by code instead: run ids, "4-9" for a kind of error, "101" for a combination.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from core.catalogue import CLASS_NAMES, DATASET_TITLES
from core.misclassified.grid import page_count
from core.records.record import Predictions, RunRecord, RunSummary
from pages.parts.shared.library import full_record
from pages.parts.shared.links import is_one_of, plain, rejected_parameters, set_parameter, show_rejected

PAGE, IMAGE, LAYERS_OF = "wrong_page", "wrong_image", "wrong_layers"
_MOUNT, _START = "wrong_page_mount", "wrong_page_start"
_IMAGE_CODE = re.compile(r"([0-9]{1,7})(?:-([0-9a-f]{8}))?")


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
        return CLASS_NAMES[self.summary.config.dataset]

    @property
    def dataset(self) -> str:
        """Its data set in words."""
        return DATASET_TITLES[self.summary.config.dataset]

    def record(self) -> RunRecord | None:
        """The whole record; None where it is gone or damaged."""
        return full_record(self.run_id)

    def predictions(self) -> Predictions | None:
        """Its answers; None where the record is gone or damaged."""
        record = self.record()
        return record.predictions if record is not None else None


def linked_select(
    label: str,
    options: Sequence[str],
    *,
    param: str,
    name: Callable[[str], str],
    on_change: Callable[[], None] | None = None,
    width: int | Literal["stretch"] = "stretch",
) -> str:
    """A select box whose choice stands in the address under ``param``; the first option is the default."""
    key = choice_key(param)
    state = st.session_state
    if key not in state:
        show_rejected(rejected_parameters({param: is_one_of(options)}))
        state[key] = st.query_params.get(param, options[0])
    # other runs may have been chosen meanwhile; set at every run, so that the browser, which sends names, learns of
    # one that has changed
    state[key] = state[key] if state[key] in options else options[0]
    value = st.selectbox(label, options, format_func=name, key=key, on_change=on_change or "rerun", width=width)
    set_parameter(param, "" if value == options[0] else value)
    return value


def choice_key(param: str) -> str:
    """Where the select box of ``param`` keeps its value."""
    return f"{param}_choice"


def first_page() -> None:
    """Back to page 1: for whatever changes which images are shown, or in which order."""
    # a new widget that starts there: setting the old one's value would be a second default, of which Streamlit warns
    st.session_state[_MOUNT] = st.session_state.get(_MOUNT, 0) + 1
    set_parameter(PAGE, "")


def linked_page(images: int) -> tuple[int, int]:
    """Draw the page numbers for ``images`` images; the chosen page, from 1, and how many there are."""
    pages = page_count(images)
    state = st.session_state
    key = f"{PAGE}_{state.get(_MOUNT, 0)}"
    if key not in state:
        asked = st.query_params.get(PAGE, "1")
        wanted = int(asked) if re.fullmatch("[1-9][0-9]{0,6}", asked) else 0
        state[_START] = min(max(wanted, 1), pages)
        if wanted != state[_START]:
            there = f"there are {pages}" if pages > 1 else "there is one"
            st.warning(
                f"The link asks for page {plain(repr(asked[:40]))}; {there}. Page {state[_START]} is shown instead.",
                icon=":material/link_off:",
            )
    page = st.pagination(pages, default=min(state[_START], pages), key=key) if pages > 1 else 1
    set_parameter(PAGE, "" if page == 1 else str(page))
    return page, pages


def image_code(index: int, fingerprint: str = "") -> str:
    """How the address names a test image; with the start of the fingerprint where runs saw different test sets."""
    return f"{index}-{fingerprint[:8]}" if fingerprint else str(index)


def read_image_code(text: str) -> tuple[int, str] | None:
    """The inverse of ``image_code``: index and start of the fingerprint, if any; None for anything else."""
    found = _IMAGE_CODE.fullmatch(text)
    return (int(found[1]), found[2] or "") if found else None


def open_image(code: str) -> None:
    """Show an image under every run, from the next run of the script on."""
    st.query_params[IMAGE] = code


def close_image() -> None:
    """Show no single image any more."""
    set_parameter(IMAGE, "")
    set_parameter(LAYERS_OF, "")
