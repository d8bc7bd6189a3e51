"""Step 5, inference: ``eval()`` forgotten on a trained network, and the running estimates that it would have taken."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.catalogue import QUICK
from core.data.datasets import load
from core.experiments.one_thread import in_one_thread
from core.lesson.inference import (
    BATCH_OR_STORED,
    GUESSES,
    SIZES,
    Answers,
    Estimates,
    about_network,
    answers,
    answers_alt,
    answers_figure,
    answers_said,
    estimates,
    estimates_alt,
    estimates_figure,
    estimates_said,
    guess_said,
)
from pages.parts.lesson.address import SHOWN, say
from pages.parts.lesson.chart import chart
from pages.parts.lesson.step import PREDICT, just_show
from pages.parts.shared.address import Parameter, Table, current, segments
from pages.parts.shared.eval_curves import errors_by_size, measured_on
from pages.parts.shared.ready import about, ready
from pages.parts.shared.rules import one_of

NUMBER = 5
SIZE = Parameter("lesson_images", one_of(SIZES), 1, bound=True)
GUESS = Parameter("lesson_guess", one_of(GUESSES), 500, bound=True)
ANSWERS, ESTIMATES = "Right answers", "Running estimates"
VIEWS = (ANSWERS, ESTIMATES)
VIEW = Parameter("lesson_estimates", one_of(VIEWS), ANSWERS)
PARAMETERS: Table = (SIZE, GUESS, VIEW)

QUESTION = (
    "In inference mode a trained BatchNorm network gets **{inference:,} of {total:,}** test images right. Somebody "
    "forgets `model.eval()`, which ends training mode, and sends them in **one at a time**. How many are right then?"
)
LABEL = "Right answers in training mode, one image at a time"
CONTROL = "Images in a batch"


def draw(said: str, picture: DeltaGenerator, words: DeltaGenerator) -> None:
    """Right answers over the size of a batch; once there is a prediction with the curve of training mode."""
    with picture:
        table = ready(measured_on)
        if table is None:
            return
        found = answers(table, errors_by_size())
    if not said:
        with words:
            supposed = _ask(found)
        with picture:
            _right_answers(found, None, supposed)
        return
    with picture:
        view = segments("What is shown", VIEWS, VIEW)
        size: int = st.select_slider(CONTROL, SIZES, SIZE.default, **SIZE.widget())
        seen = _estimates(size) if view == ESTIMATES else None
        if seen is None:
            _right_answers(found, size, _guess(said))
        else:
            chart(estimates_figure(seen), key="lesson_estimates_chart", alt=estimates_alt(seen))
    with words:
        guess = _guess(said)
        now = f"{answers_said(found, size)} {BATCH_OR_STORED}" if seen is None else estimates_said(seen)
        with st.container(key="lesson_phone_small"):
            st.markdown(now if guess is None else f"{guess_said(found, guess)}\n\n{now}")
        about(about_network(found))


def _ask(found: Answers) -> int:
    """The question and a slider; a button keeps the prediction as a number, and reveals."""
    st.markdown(PREDICT.format(question=QUESTION.format(inference=found.inference, total=found.total)))
    guess: int = st.select_slider(LABEL, GUESSES, GUESS.default, **GUESS.widget())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button("That is my prediction", type="primary", key="lesson_said5", on_click=_predict)
        just_show(NUMBER)
    return guess


def _predict() -> None:
    """What the slider says now: it may have been moved since the button was drawn."""
    say(NUMBER, str(current(GUESS)))


def _guess(said: str) -> int | None:
    """The number that was predicted; None where none was. What is no such number leaves the address."""
    if said == SHOWN:
        return None
    found = one_of(GUESSES)(said)
    if found is None:
        say(NUMBER, SHOWN)
    return found


def _right_answers(found: Answers, size: int | None, guess: int | None) -> None:
    chart(answers_figure(found, size, guess), key="lesson_answers_chart", alt=answers_alt(found, size))


def answers_to_save() -> tuple[go.Figure, str] | None:
    """The picture of the right answers with the curve of training mode, and what it says."""
    table = ready(measured_on)
    if table is None:
        return None
    found, size = answers(table, errors_by_size()), SIZE.default
    return answers_figure(found, size, None), answers_alt(found, size)


def estimates_to_save() -> tuple[go.Figure, str] | None:
    """The picture of the running estimates, and what it says."""
    seen = ready(lambda: _estimates(SIZE.default))
    return None if seen is None else (estimates_figure(seen), estimates_alt(seen))


@st.cache_data(show_spinner=False, max_entries=len(SIZES))
def _estimates(size: int) -> Estimates:
    table, data = measured_on(), load(QUICK)
    return in_one_thread(lambda: estimates(table, data, size))
