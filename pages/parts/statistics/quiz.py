"""Five short questions on another tensor than the one shown; each is answered before its answer can be seen."""

from __future__ import annotations

import streamlit as st

from core.catalogue import NORMS
from core.four_images.quiz import example, questions
from core.four_images.reasons import Question
from core.four_images.source import Cell
from pages.parts.statistics.controls import Setting

INTRODUCTION = "Five questions on **{title}**, with another tensor: (N, C, H, W) = **({shape})**."
SO_FAR = "**Score: {right} of {answered} right**"
ALL_RIGHT = "**Score: {right} of {answered} right: all of it.**"
SOME_WRONG = "**Score: {right} of {answered} right. The explanations above say why.**"


def check_yourself(setting: Setting, pinned: Cell) -> None:
    """The questions, the score, and a button for the next round."""
    number = st.session_state.setdefault("stats_quiz_round", 0)
    shape, groups = example(setting.x.shape, number)
    asked = questions(shape, setting.norm, groups, number)
    mark = f"{setting.norm}_{'x'.join(map(str, shape))}_{number}"
    st.markdown(INTRODUCTION.format(title=NORMS[setting.norm].title, shape=", ".join(map(str, shape))))
    given = [_ask(question, f"stats_quiz_{mark}_{i}", i) for i, question in enumerate(asked)]
    answered = [g for g in given if g is not None]
    if answered:
        right = sum(answered)
        finished = ALL_RIGHT if right == len(asked) else SOME_WRONG
        template = SO_FAR if len(answered) < len(asked) else finished
        st.markdown(template.format(right=right, answered=len(answered)))
    st.button("Other questions", icon=":material/refresh:", on_click=_next_round)


def _next_round() -> None:
    st.session_state["stats_quiz_round"] += 1


def _ask(question: Question, key: str, number: int) -> bool | None:
    """Whether the answer was right; None while there is none. The first answer counts."""
    kept = f"{key}_first"
    with st.container(border=True, key=f"{key}_box"):
        choice = st.radio(
            f"{number + 1}. {question.text}",
            question.options,
            index=None,
            horizontal=True,
            key=key,
            on_change=_keep,
            args=(key, kept),
        )
        first = st.session_state.get(kept, choice)
        if first is None:
            return None
        if question.right(first):
            st.success(f"Right, {question.answer}. {question.why}", icon=":material/check:")
        else:
            st.error(f"You said {first}; the answer is {question.answer}. {question.why}", icon=":material/close:")
        return question.right(first)


def _keep(key: str, kept: str) -> None:
    st.session_state.setdefault(kept, st.session_state[key])
