"""The bar of steps: where one is, and the ways on and back."""

from __future__ import annotations

import streamlit as st

from core.lesson.order import QUESTIONS, STEPS
from pages.parts.lesson.address import STEP, go, said
from pages.parts.shared.address import take
from pages.parts.shared.choices import give

NAMES = {**{number: outline.short for number, outline in STEPS.items()}, QUESTIONS: "Questions"}
DONE, OPEN = ":material/check: {number} {name}", "{number} {name}"
MINUTES = "Step {number} of {last}"
LAST = "Ten questions"


def bar(number: int) -> None:
    """Draw it for the step on the screen."""
    with st.container(key="lesson_bar", horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Back",
            icon=":material/arrow_back:",
            key="lesson_back",
            disabled=number == 1,
            on_click=go,
            args=(number - 1,),
        )
        _steps(number)
        # in its place on a phone, which has no room for all steps in a row
        with st.container(key="lesson_where", width="content"):
            st.markdown(where(number), width="content")
        st.button(
            "Next",
            icon=":material/arrow_forward:",
            key="lesson_next",
            type="primary" if number in STEPS and said(number) else "secondary",
            disabled=number == QUESTIONS,
            on_click=go,
            args=(number + 1,),
        )


def _steps(number: int) -> None:
    key = "lesson_steps"
    give(key, number)  # at every run: the buttons and the address turn the step, too
    st.segmented_control(
        where(number),
        list(NAMES),
        format_func=_name,
        required=True,
        key=key,
        label_visibility="collapsed",
        on_change=_turn,
        args=(key,),
        width="content",
    )


def _name(number: int) -> str:
    done = number in STEPS and said(number)
    if number not in STEPS:
        return NAMES[number]
    return (DONE if done else OPEN).format(number=number, name=NAMES[number])


def _turn(key: str) -> None:
    take(STEP, st.session_state[key], key=key)


def where(number: int) -> str:
    """Where one is, in words."""
    if number not in STEPS:
        return LAST
    return MINUTES.format(number=number, last=len(STEPS))
