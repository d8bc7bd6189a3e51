"""Step 2, what it does to numbers: six numbers to drag, their mean, their standard deviation and their x-hat."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.config import ConfigError
from core.four_images.arithmetic import steps, torch_output
from core.four_images.editing import check_number
from core.lesson.numbers import (
    AXIS,
    CHANGES,
    FAR,
    MORE,
    MOVED,
    ONE_MOVED,
    SHAPE,
    START,
    Numbers,
    as_tensor,
    movement,
    numbers_from_text,
    numbers_to_text,
    undoing,
)
from core.normalization import Array, statistics
from pages.parts.lesson.address import said
from pages.parts.lesson.step import ask, outcome
from pages.parts.shared.address import Parameter, Table, keep, kept, plain, take
from pages.parts.shared.choices import give
from pages.parts.shared.rules import flag, flag_text, whole
from pages.parts.shared.shown import Shown
from pages.parts.shared.tensor_view import pinned_by_hand, tensor_view, typed_by_hand

NUMBER = 2
PLAYED = Parameter[Numbers]("numbers", numbers_from_text, START, text=numbers_to_text)
"""Before the prediction: the numbers can be moved while one thinks."""
NUMBERS = Parameter[Numbers]("changed", numbers_from_text, CHANGES[ONE_MOVED].numbers, text=numbers_to_text)
"""After it: the reveal begins with one of them moved far away, whatever was done before."""
PLACE = Parameter("number", whole(1, len(START)), MOVED + 1)
UNDO = Parameter("undo", flag(), False, text=flag_text)
PARAMETERS: Table = (PLAYED, NUMBERS, PLACE, UNDO)
KEY = "lesson_tensor2"
_CHANGE, _UNDO, _REFUSED = "lesson_change", "lesson_undo", "lesson number refused"
TITLE = "Six numbers that share one mean and one standard deviation."
OPTIONS = ("doubling all six", f"adding {MORE} to all six", "moving one of them far away", "each of these")
RIGHT = 2
X_HAT = "x̂ = (x − μ) / σ".replace(" ", "\N{NO-BREAK SPACE}")
QUESTION = (
    f"Normalized, these six numbers become {X_HAT}: less their mean μ, and divided by their standard deviation σ. "
    "Which of these changes **their x̂**?"
)
IN_SHORT = "Six numbers: which of these changes their x̂?"
"""The question again, beside its answer."""
DRAG = "Drag the dots of the upper line, or move them by keys: x̂ follows on the lower line."
SEEN = (
    "Doubling or adding {more} leaves every x̂ as it is: μ and σ go along. With one of them at {far:g}, σ grows from "
    "{before:g} to {after:.2f}, and the x̂ of the others change by up to **{moved:.2f}**."
)
UNDO_IT = "With γ = σ, β = μ it is undone"
BY_TORCH = "{line} (torch:\N{NO-BREAK SPACE}{torch:z.5f})"
BY_TORCH_TOO = "{line} (torch:\N{NO-BREAK SPACE}{torch:z.5f}; ε guards against a division by 0)"
NOT_TAKEN = "{text} was not taken: {reason}. The number stays as it was."


def draw(predicted: str, picture: DeltaGenerator, words: DeltaGenerator) -> None:
    """Six numbers on a line and their x-hat below; after the prediction with one of them moved, and the arithmetic."""
    numbers = kept(_shown(predicted))
    place = kept(PLACE) - 1
    x = as_tensor(numbers)
    undone = bool(predicted) and kept(UNDO)
    gamma, beta = undoing(numbers) if undone else (1.0, 0.0)
    with picture:
        tensor_view(
            Shown(x, statistics(x, "ln"), gamma=np.array([gamma]), beta=np.array([beta])),
            (0, 0, 0, place),
            title=TITLE,
            key=KEY,
            lines=2,
            reach=AXIS,
            on_pin=_pinned,
            on_type=_typed,
        )
        if _REFUSED in st.session_state:
            st.warning(st.session_state.pop(_REFUSED), icon=":material/warning:")
    with words:
        if not predicted:
            ask(NUMBER, QUESTION, OPTIONS)
            st.caption(DRAG)
            return
        outcome(NUMBER, predicted, OPTIONS, RIGHT, IN_SHORT)
        _changes(numbers)
        st.markdown(_seen())
        _arithmetic(x, place, gamma, beta, undone)


def _seen() -> str:
    before, after = (statistics(as_tensor(CHANGES[i].numbers), "ln").var[0] ** 0.5 for i in (0, ONE_MOVED))
    return SEEN.format(more=MORE, far=FAR, before=before, after=after, moved=movement(CHANGES[ONE_MOVED]))


def _changes(numbers: Numbers) -> None:
    """The changes to try, the one that is shown marked."""
    made = [change.numbers for change in CHANGES]
    give(_CHANGE, made.index(numbers) if numbers in made else None)  # numbers can be moved by hand, too
    st.segmented_control(
        "What is done to the numbers",
        range(len(CHANGES)),
        format_func=lambda i: CHANGES[i].name,
        key=_CHANGE,
        on_change=_change,
        label_visibility="collapsed",
    )


def _change() -> None:
    chosen = st.session_state[_CHANGE]
    if chosen is not None:
        take(NUMBERS, CHANGES[chosen].numbers, key=_CHANGE)


def _arithmetic(x: Array, place: int, gamma: float, beta: float, undone: bool) -> None:
    """Formula, numbers and result for the chosen number, torch's result beside them, and the way back to x."""
    cell = (0, 0, 0, place)
    mean, variance, normalized, output = steps(x, statistics(x, "ln"), cell, gamma=gamma, beta=beta)
    with st.container(key="lesson_numbers_more"):
        st.markdown(mean.line)
        st.markdown(variance.line)
    theirs = torch_output(x, "ln", 1, np.array([gamma]), np.array([beta]))
    line, template = (output.line, BY_TORCH) if undone else (normalized.line, BY_TORCH_TOO)
    st.markdown(line if theirs is None else template.format(line=line, torch=theirs[cell]))
    give(_UNDO, undone)
    st.toggle(UNDO_IT, key=_UNDO, on_change=_undo)


def _undo() -> None:
    take(UNDO, st.session_state[_UNDO], key=_UNDO)


def _pinned() -> None:
    cell = pinned_by_hand(KEY)
    if cell is not None and cell[:3] == (0, 0, 0) and cell[3] < len(START):
        keep(PLACE, cell[3] + 1)


def _typed() -> None:
    """Take numbers that were moved or typed; what cannot be used is said at the next run."""
    for (*before, place), text in typed_by_hand(KEY):
        if before == [0, 0, 0] and place < SHAPE[3]:
            _take(place, text)


def _take(place: int, text: str) -> None:
    keep(PLACE, place + 1)
    try:
        value = check_number(text)
    except ConfigError as error:
        st.session_state[_REFUSED] = NOT_TAKEN.format(text=plain(repr(text)), reason=error)
        return
    shown = _shown(said(NUMBER))
    numbers = kept(shown)
    keep(shown, (*numbers[:place], value, *numbers[place + 1 :]))


def _shown(predicted: str) -> Parameter[Numbers]:
    """Where the numbers on the screen are kept."""
    return NUMBERS if predicted else PLAYED
