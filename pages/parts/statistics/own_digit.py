"""One's own image on the Statistics page: how it comes in, what became of it, and what trained networks take it for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.catalogue import CLASSES, DATASETS
from core.comparison.methods import in_first_race, in_study_order
from core.four_images.activations import Images
from core.four_images.answers import NO_NETWORK, NO_WEIGHTS, in_words, which_networks
from core.four_images.own_images import ImageRefused, own_image, read_drawing
from core.four_images.source import IMAGES
from core.misclassified.grid import enlarge
from core.misclassified.matrix import probabilities_figure
from core.records.answers import Answer, answers
from core.records.record import RunRecord, RunSummary
from pages.parts.shared.library import full_record, newest_race, own_runs, run_names, shipped_runs
from pages.parts.statistics.draw_image import draw_image

NO_TOOLBAR = {"displayModeBar": False}
DIGITS = tuple(str(digit) for digit in range(CLASSES))
SIDE = 112
"""Pixels of the two pictures on the screen."""
REFUSED = "{reason} The images stay as they were."
ORIGINAL, SEEN, DRAWN = (
    "What you sent",
    "What the network gets, 28 × 28",
    "Your drawing, 28 × 28, as the network gets it",
)
IN_SHORT = "Image {number} is your own. {answer}"
_STATE = "stats own digit"


@dataclass
class _Kept:
    """Of one visit. originals: by place, of uploads.  seen: the file that was read last.

    refused: why the newest one was, in a sentence, or empty.  way: how the newest one came.
    """

    originals: dict[int, NDArray[np.uint8]] = field(default_factory=dict)
    seen: str = ""
    refused: str = ""
    way: str = ""


def own_images(own: dict[int, Images]) -> None:
    """Let a person put an image of their own into one of four places; what became of it, or why it was refused."""
    st.markdown("**Or your own**, in the place of:")
    place = st.segmented_control(
        "Place",
        range(IMAGES),
        default=0,
        required=True,
        format_func=lambda i: f"image {i + 1}",
        key="stats_own_place",
        label_visibility="collapsed",
    )
    way = st.segmented_control("How", ("draw", "upload"), default="draw", required=True, key="stats_own_way")
    kept: _Kept = st.session_state.setdefault(_STATE, _Kept())
    if way == "draw":
        drawing = draw_image(key="stats_drawing")
        if drawing is not None:
            _take(kept, own, place, way, lambda: (read_drawing(drawing), None))
    else:
        file = st.file_uploader(
            "An image of one figure, up to 8 MB", ["png", "jpg", "jpeg", "gif", "bmp", "webp"], key="stats_upload"
        )
        if file is None:
            kept.refused = ""
        elif kept.seen != file.file_id:
            kept.seen = file.file_id  # before reading: a bad file is refused once, not at every run

            def read() -> tuple[Images, NDArray[np.uint8]]:
                found = own_image(file.getvalue())
                return found.picture, found.original

            _take(kept, own, place, way, read)
    if kept.refused and kept.way == way:
        st.warning(REFUSED.format(reason=kept.refused), icon=":material/warning:")
    if place in own:
        _became(own[place], kept.originals.get(place))


def answers_in_short(own: dict[int, Images]) -> None:
    """A line a person's own image: what the networks take it for."""
    for place in sorted(own):
        found = _answers(own[place])
        if found.answers:
            st.markdown(IN_SHORT.format(number=place + 1, answer=in_words(found.answers, DIGITS)))


def _take(
    kept: _Kept,
    own: dict[int, Images],
    place: int,
    way: str,
    read: Callable[[], tuple[Images, NDArray[np.uint8] | None]],
) -> None:
    """Put what ``read`` gives into ``place`` and draw the page anew, or keep the sentence that says why not."""
    kept.way = way
    try:
        picture, original = read()
    except ImageRefused as error:
        kept.refused = str(error)
        return
    kept.refused = ""
    own[place] = picture
    kept.originals.pop(place, None)
    if original is not None:
        kept.originals[place] = original
    st.rerun()


def _became(picture: Images, original: NDArray[np.uint8] | None) -> None:
    """What was sent beside what the networks get, and their answers."""
    with st.container(horizontal=True):
        if original is not None:
            st.image(original, caption=ORIGINAL, width=SIDE, alt="The image that was sent, in grey")
        st.image(
            enlarge(255 - picture, SIDE // picture.shape[0]),
            caption=DRAWN if original is None else SEEN,
            width=SIDE,
            alt="The 28 by 28 picture that the network gets",
        )
    found = _answers(picture)
    if not found.answers:
        st.caption(NO_NETWORK)
        return
    st.markdown(in_words(found.answers, DIGITS))
    table = np.stack([answer.probabilities for answer in found.answers])  # (networks, 10)
    names = [answer.name for answer in found.answers]
    st.plotly_chart(
        probabilities_figure(names, table, DIGITS, -1, dark=st.context.theme.type == "dark"),
        key="stats_own_probabilities",
        config=NO_TOOLBAR,
        alt=f"Ten probabilities of your image under each network. {in_words(found.answers, DIGITS).replace('**', '')}",
    )
    st.caption(found.networks)
    with st.expander("As a table"):
        frame = pd.DataFrame(100 * table, columns=list(DIGITS))
        frame.insert(0, "Network", names)
        st.dataframe(
            frame,
            hide_index=True,
            alt="Percent of each class under every network",
            column_config=dict.fromkeys(DIGITS, st.column_config.NumberColumn(format="%.2f")),
        )


@dataclass(frozen=True, eq=False)
class _Found:
    answers: list[Answer]
    networks: str


def _answers(picture: Images) -> _Found:
    names = run_names(asked := _asked())
    records = [(names[run.run_id], full_record(run.run_id)) for run in asked]
    there = [(name, record) for name, record in records if record is not None]
    return _said(tuple((name, record.digest) for name, record in there), there, picture.tobytes(), picture)


@st.cache_resource(show_spinner=False, max_entries=16, scope="session")
def _said(
    marks: tuple[tuple[str, str], ...], _there: list[tuple[str, RunRecord]], content: bytes, _picture: Images
) -> _Found:
    # of one visitor: the image is theirs, and a record may be an upload
    found, missing = answers(_there, _picture)
    if not found:
        return _Found([], "")
    used = {name: record.config for name, record in _there if name not in missing}
    sentences = [which_networks(list(used.values()), list(used))]
    if missing:
        sentences.append(NO_WEIGHTS.format(names=", ".join(missing)))
    return _Found(found, " ".join(sentences))


def _asked() -> list[RunSummary]:
    """The networks that answer: of each norm the first in the study, of the seed of its first race.

    Where no study ships, those of the newest race on digits here.
    """
    shipped = shipped_runs()
    if race := in_first_race(shipped):
        first = race[0].config
        by_norm: dict[str, RunSummary] = {}
        for run in in_study_order(shipped):
            if (run.config.seed, run.config.dataset, run.status) == (first.seed, first.dataset, "complete"):
                by_norm.setdefault(run.config.norm, run)
        return list(by_norm.values())
    trained = [run for run in own_runs() if DATASETS[run.config.dataset].classes == DIGITS]
    chosen = newest_race(trained)
    return [run for run in trained if run.run_id in chosen]
