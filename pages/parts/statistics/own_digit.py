"""One's own image on the Statistics page: how it comes in, what became of it, and what trained networks take it for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.catalogue import CLASSES, DATASETS, SIDE
from core.four_images.activations import Images
from core.four_images.answers import NO_NETWORK, NO_WEIGHTS, in_words, which_networks
from core.four_images.networks import WITHOUT_RUNS, inner_side, study_runs
from core.four_images.own_images import ImageRefused, own_image, read_drawing, with_pale_border
from core.four_images.source import IMAGES
from core.misclassified.grid import enlarge
from core.misclassified.matrix import probabilities_figure
from core.records.answers import Answer, answers
from core.records.record import RunRecord, RunSummary
from pages.parts.shared.charts import NO_TOOLBAR
from pages.parts.shared.library import full_record, newest_race, own_runs, run_names, shipped_runs
from pages.parts.shared.query import rerun
from pages.parts.statistics.draw_image import draw_image

DIGITS = tuple(str(digit) for digit in range(CLASSES))
SMALL, LARGE = 84, 112
"""Pixels along a side of the two pictures on the screen: where an image is chosen, and with its answer."""
REFUSED = "{reason} The images stay as they were."
ORIGINAL = "What you sent"
SEEN, SEEN_INSIDE = "What the network gets, {side} × {side}", "What the network gets: the inner {side} × {side}"
DRAWN = "Your drawing, {side} × {side}, as the network gets it"
DRAWN_INSIDE = "Your drawing; the network gets the inner {side} × {side}"
FRAME = "The network gets what lies within the dashed frame."
PICTURE = "The {side} by {side} picture that the network gets"
PICTURE_INSIDE = "The picture of {whole} by {whole}, of which the network gets the inner {side} by {side}"
ALT = "Ten probabilities of image {number}, your own, under each network. {answer}"
WAYS = ("draw", "upload")
YOUR_OWN = "Image {number} is your own. {answer}"
_STATE = "stats own digit"


@dataclass
class _Kept:
    """Of one visit. originals: by place, of uploads.  seen: the file that was read last.

    refused: why the newest one was, in a sentence, or empty.  way: how it came.
    newest: where the last accepted one is.
    """

    originals: dict[int, NDArray[np.uint8]] = field(default_factory=dict)
    seen: str = ""
    refused: str = ""
    way: str = ""
    newest: int | None = None


def own_images(own: dict[int, Images]) -> None:
    """Let a person put an image of their own into one of four places; what became of it, or why it was refused."""
    kept: _Kept = st.session_state.setdefault(_STATE, _Kept())
    st.markdown("**Your own**, in the place of:")
    with st.container(horizontal=True):
        place = st.segmented_control(
            "Place",
            range(IMAGES),
            default=0,
            required=True,
            format_func=lambda i: f"image {i + 1}",
            key="stats_own_place",
            label_visibility="collapsed",
        )
        way = st.segmented_control(
            "How", WAYS, default="draw", required=True, key="stats_own_way", label_visibility="collapsed"
        )
    notice = st.container()
    left, right = st.columns(2)
    with left:
        if way == "draw":
            _drawn(kept, own, place)
        else:
            _uploaded(kept, own, place)
    if kept.refused and kept.way == way:
        notice.warning(REFUSED.format(reason=kept.refused), icon=":material/warning:")
    if place in own:
        _became(own[place], kept.originals.get(place), right)


def _drawn(kept: _Kept, own: dict[int, Images], place: int) -> None:
    inner = _inner_side()
    drawing = draw_image(key="stats_drawing", inner=inner)
    if inner < SIDE:
        st.caption(FRAME)
    if drawing is not None:
        _take(kept, own, place, "draw", lambda: (read_drawing(drawing), None))


def _uploaded(kept: _Kept, own: dict[int, Images], place: int) -> None:
    file = st.file_uploader(
        "An image of one figure, up to 8 MB", ["png", "jpg", "jpeg", "gif", "bmp", "webp"], key="stats_upload"
    )
    if file is None:
        if kept.way == "upload":
            kept.refused = ""
        return
    if kept.seen == file.file_id:
        return
    kept.seen = file.file_id  # before reading: a bad file is refused once, not at every run

    def read() -> tuple[Images, NDArray[np.uint8]]:
        found = own_image(file.getvalue())
        return found.picture, found.original

    _take(kept, own, place, "upload", read)


def own_answers(own: dict[int, Images]) -> None:
    """What trained networks take a person's own images for; that of the newest one is open."""
    kept: _Kept = st.session_state.setdefault(_STATE, _Kept())
    for place in sorted(own):
        found = _answers(own[place])
        if not found.answers:
            st.caption(YOUR_OWN.format(number=place + 1, answer=NO_NETWORK))
            continue
        sentence = YOUR_OWN.format(number=place + 1, answer=in_words(found.answers, DIGITS))
        with st.expander(sentence, expanded=place == kept.newest):
            left, right = st.columns([1, 2])
            _pictures(own[place], kept.originals.get(place), LARGE, left)
            with right:
                _probabilities(found, place)


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
    kept.newest = place
    own[place] = picture
    kept.originals.pop(place, None)
    if original is not None:
        kept.originals[place] = original
    rerun()


def _became(picture: Images, original: NDArray[np.uint8] | None, place: st.delta_generator.DeltaGenerator) -> None:
    """In ``place``: what was sent beside what the networks get, and their answer in words."""
    _pictures(picture, original, SMALL, place)
    found = _answers(picture)
    place.markdown(in_words(found.answers, DIGITS) if found.answers else NO_NETWORK)


def _pictures(
    picture: Images, original: NDArray[np.uint8] | None, side: int, place: st.delta_generator.DeltaGenerator
) -> None:
    inner = _inner_side()
    if inner == SIDE:
        caption, alt = DRAWN if original is None else SEEN, PICTURE
    else:
        caption, alt = DRAWN_INSIDE if original is None else SEEN_INSIDE, PICTURE_INSIDE
    with place.container(horizontal=True):
        if original is not None:
            st.image(original, caption=ORIGINAL, width=side, alt="The image that was sent, in grey")
        st.image(
            enlarge(with_pale_border(255 - picture, inner), side // SIDE),
            caption=caption.format(side=inner),
            width=side,
            alt=alt.format(side=inner, whole=SIDE),
        )


def _probabilities(found: _Found, place: int) -> None:
    """Ten probabilities under each network."""
    table = np.stack([answer.probabilities for answer in found.answers])  # (networks, 10)
    names = [answer.name for answer in found.answers]
    st.plotly_chart(
        probabilities_figure(names, table, DIGITS, -1, dark=st.context.theme.type == "dark"),
        key=f"stats_own_probabilities{place}",
        config=NO_TOOLBAR,
        alt=ALT.format(number=place + 1, answer=in_words(found.answers, DIGITS).replace("**", "")),
    )
    st.caption(found.networks)
    with st.popover("As a table", icon=":material/table:"):
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


def _inner_side() -> int:
    """Height and width of the part of an image that the networks get that answer; without one, that a new one would."""
    asked = _asked()
    return inner_side(asked[0].config if asked else WITHOUT_RUNS)


def _asked() -> list[RunSummary]:
    """The networks that answer: of each norm the first that the study has with its first seed.

    Where no study ships, those of the newest race on digits here.
    """
    by_norm: dict[str, RunSummary] = {}
    for run in study_runs(shipped_runs()):
        by_norm.setdefault(run.config.norm, run)
    if by_norm:
        return list(by_norm.values())
    trained = [run for run in own_runs() if DATASETS[run.config.dataset].classes == DIGITS]
    chosen = newest_race(trained)
    return [run for run in trained if run.run_id in chosen]
