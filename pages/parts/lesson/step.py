"""What every step has in common: its module's form, the options of a prediction, and what was said beside what is so.

A step is a module of this room, of the name that ``core.lesson.order`` gives it, with ``PARAMETERS`` (what it reads
from the address besides its prediction; often nothing) and ``draw``. The page makes two columns, ``picture`` and
``words``; on a phone the picture comes first. ``draw`` fills them, before the prediction and after it, with the same
live object in the same place, so that the reveal is something that happens to it. The sentence to take home follows.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Protocol, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.lesson.order import STEPS
from pages.parts.lesson.address import SHOWN, say
from pages.parts.shared.address import Table

PREDICT = "**Predict first.** {question}"
RIGHT = ":material/check_circle: **Right: {answer}.**"
WRONG = ":material/cancel: You said: {said}. **The answer: {answer}.**"
ANSWER = "**The answer: {answer}.**"
"""Where nothing was predicted."""


class Step(Protocol):
    """What the module of a step has."""

    PARAMETERS: Table

    def draw(self, said: str, picture: DeltaGenerator, words: DeltaGenerator) -> None:
        """Draw the step. said: the prediction, ``SHOWN`` where there was none, empty before it."""
        ...


def step(number: int) -> Step:
    """The module of a step, which a number from an address chooses among those that are listed."""
    return cast("Step", importlib.import_module(f"pages.parts.lesson.{STEPS[number].name}"))


def ask(number: int, question: str, options: Sequence[str]) -> None:
    """The question and its options; a choice is kept as its number, counted from 1, and reveals."""
    key = f"lesson_options{number}"
    st.markdown(PREDICT.format(question=question))
    st.pills(
        question,
        range(len(options)),
        format_func=options.__getitem__,
        label_visibility="collapsed",
        key=key,
        on_change=_choose,
        args=(number, key),
        wrap=True,
    )
    just_show(number)


def just_show(number: int, label: str = "Show me") -> None:
    """A way to see it without a prediction. label: what it shows, where that is more than the one question."""
    st.button(label, type="tertiary", key=f"lesson_show{number}", on_click=say, args=(number, SHOWN))


def _choose(number: int, key: str) -> None:
    chosen = st.session_state[key]
    if chosen is not None:
        say(number, str(chosen + 1))


def chosen(number: int, said: str, options: Sequence[str]) -> int | None:
    """The option that was said, counted from 0; None where none was. What is no option leaves the address."""
    if said == SHOWN:
        return None
    if said.isascii() and said.isdigit() and 1 <= int(said) <= len(options):
        return int(said) - 1
    say(number, SHOWN)
    return None


def outcome(number: int, said: str, options: Sequence[str], right: int, asked: str = "") -> None:
    """What was said beside what is so, ``right`` counted from 0.

    asked: the question again, in few words, where the screen has room for it.
    """
    found = chosen(number, said, options)
    if asked:
        with st.container(key=f"lesson_wide_only_asked{number}"):
            st.markdown(f":small[{asked}]")
    if found is not None:
        template = RIGHT if found == right else WRONG
        st.markdown(template.format(said=options[found], answer=options[right]))
    else:
        st.markdown(ANSWER.format(answer=options[right]))
