"""Step 6, when the choice matters: BN's error over the batch size, drawn first and measured then."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.experiments.figures import Axis, Line, in_words
from core.experiments.set_size import SET_SIZE
from core.experiments.set_size_shown import PUBLISHED, PUBLISHED_IN_WORDS
from core.lesson.batch_size import (
    HIGHEST,
    LOWEST,
    PLACES,
    SIZES,
    TICKS,
    Measured,
    MeasuredError,
    about_curves,
    about_guess,
    as_text,
    at_places,
    from_text,
    measured,
    whole,
)
from pages.parts.lesson.address import SAID, SHOWN, say
from pages.parts.lesson.draw_guess import draw_guess, drawn_by_hand
from pages.parts.lesson.step import PREDICT, just_show
from pages.parts.shared.address import Parameter, Table, keep, kept, take
from pages.parts.shared.choices import give
from pages.parts.shared.lab_tables import full_table
from pages.parts.shared.rules import flag, flag_text

NUMBER = 6
KEY = "lesson_drawn"
TOGGLE = "lesson_published"


def _drawn(text: str) -> str | None:
    return text if from_text(text) else None


def _guess(text: str) -> str | None:
    drawn = from_text(text)
    return text if text == SHOWN or (drawn and whole(drawn)) else None


GUESS = Parameter(SAID[NUMBER].name, _guess, "")
"""The prediction, by its own rule."""
SKETCH = Parameter("sketch", _drawn, "")
"""What is drawn so far, before it is the prediction."""
SHOW_PUBLISHED = Parameter("published", flag(), False, text=flag_text)
PARAMETERS: Table = (GUESS, SKETCH, SHOW_PUBLISHED)

QUESTION = (
    "Before its last norm this network takes the maximum of each channel: **one number per image** is left, and with "
    "batch size 2 BN's mean is over 2 numbers. How many percent of **BN's** answers are wrong at each batch size? "
    "**Draw it**; GN's line is given."
)
HOW = "One stroke of mouse or finger; or click into the chart and use the arrow keys."
TITLE = "Wrong answers (%, log axis), trained with this batch size"
X_TITLE = "Batch size"
DRAWN = "BN's error"
GIVEN = "Given is {line}."
NO_SEEN = "What was measured cannot be shown. {problem}"


def draw(said: str, picture: DeltaGenerator, words: DeltaGenerator) -> None:
    """A chart to draw in, with GN's line; after the prediction with the measured curves, and the published ones."""
    curves, problem = _curves()
    if curves is None:
        picture.warning(NO_SEEN.format(problem=problem), icon=":material/table_view:")
        if not said:
            with words:
                just_show(NUMBER)
        return
    if said:
        _reveal(said, curves, picture, words)
    else:
        _ask(curves, picture, words)


def _curves() -> tuple[Measured | None, str]:
    table, problem = full_table(SET_SIZE)
    if table is None:
        return None, problem
    try:
        return measured(table), ""
    except MeasuredError as error:
        return None, str(error)


def _ask(curves: Measured, picture: DeltaGenerator, words: DeltaGenerator) -> None:
    sketch = from_text(kept(SKETCH)) or (None,) * len(SIZES)
    with picture:
        _chart(SIZES, sketch, [curves.gn], editable=True, note=curves.terms)
    with words:
        st.markdown(PREDICT.format(question=QUESTION))
        st.caption(HOW)
        st.button(
            "Show the measured curve",
            icon=":material/visibility:",
            type="primary",
            key="lesson_measured",
            disabled=whole(sketch) is None,
            on_click=_predict,
        )
        just_show(NUMBER)


def _reveal(said: str, curves: Measured, picture: DeltaGenerator, words: DeltaGenerator) -> None:
    guess = whole(from_text(said) or ())
    published = kept(SHOW_PUBLISHED)
    with picture:
        _chart(
            PLACES,
            at_places(guess or (None,) * len(SIZES)),
            [curves.one, curves.own, curves.gn, curves.gn_own],
            published=PUBLISHED if published else (),
            editable=False,
            note=curves.terms,
        )
    with words:
        with st.container(key="lesson_phone_small"):
            measured_says = about_curves(curves)
            st.markdown(f"{about_guess(guess, curves)}\n\n{measured_says}" if guess else measured_says)
        give(TOGGLE, published)
        st.toggle("ImageNet by images per GPU (arXiv 1803.08494)", key=TOGGLE, on_change=_turn)
        if published:
            st.markdown(f":small[{PUBLISHED_IN_WORDS}]")


def _chart(
    places: Sequence[int],
    guess: Sequence[float | None],
    lines: Sequence[Line],
    *,
    published: Sequence[Line] = (),
    editable: bool,
    note: str,
) -> None:
    axes = {"x": Axis(title=X_TITLE), "y": Axis(title=TITLE)}
    draw_guess(
        places,
        guess,
        lines,
        published=published,
        editable=editable,
        drawn=DRAWN,
        span=(LOWEST, HIGHEST),
        ticks=TICKS,
        title=TITLE,
        x_title=X_TITLE,
        note=note,
        alt=f"{in_words(lines, **axes)} {PUBLISHED_IN_WORDS if published else ''}".strip(),
        key=KEY,
        on_drawn=_sketched,
    )


def _sketched() -> None:
    if (drawn := drawn_by_hand(KEY, len(SIZES))) is not None:
        keep(SKETCH, as_text(drawn))


def _predict() -> None:
    say(NUMBER, kept(SKETCH))
    keep(SKETCH, "")


def _turn() -> None:
    take(SHOW_PUBLISHED, st.session_state[TOGGLE], key=TOGGLE)
