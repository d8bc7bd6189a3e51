"""The ten questions at the end: one at a time, then all of them on a page, each wrong answer led back to its step."""

from __future__ import annotations

import random
from dataclasses import replace

import streamlit as st

from core.comparison.methods import as_methods
from core.comparison.study_findings import declared_family
from core.lesson.order import STEPS
from core.lesson.questions import COUNT, LETTERS, Asked, chosen, fits, marks, ten
from core.lesson.study_question import StudyPair, study_pairs
from pages.parts.lesson.address import go
from pages.parts.lesson.step import RIGHT, WRONG
from pages.parts.shared import address
from pages.parts.shared.address import Parameter, Table, current, drop, keep, kept
from pages.parts.shared.library import study_runs
from pages.parts.shared.rules import pattern, whole
from pages.parts.shared.study import shipped_findings

LAST_ROUND = 999_999
SUMMARY = COUNT + 1
ROUND = Parameter("round", whole(1, LAST_ROUND), 0)
"""The seed of the questions; 0 where none was drawn yet."""
ANSWERS = Parameter("answers", pattern(f"[{LETTERS}]{{0,{COUNT}}}"), "")
PLACE = Parameter("question", whole(1, SUMMARY), 1)
"""The question on the screen, and after the last one the summary."""
PARAMETERS: Table = (ROUND, ANSWERS, PLACE)

TITLE = "Ten questions"
NO_ROUND = "The link has answers, but does not say to which questions; here are new ones."
PROGRESS = "Question {place} of {count}, {right} of {answered} right so far"
FIRST = "Question {place} of {count}"
QUESTION = "**{place}.** {text}"
SCORE = "**{right} of {count} right.** {advice}"
ALL_RIGHT = "That is the lesson."
SOME_WRONG = "Beside each wrong answer is the way back to its step; your answers here are kept."
LINE = "{icon} {place}. {text}"
ICONS = {True: ":material/check_circle:", False: ":material/cancel:"}
BACK_TO = "Step {number}: {name}"
STEP = "Step {number}"
WHERE_NEXT = "**Where next?**"
NEXT_PAGES = (
    ("pages/train.py", "Race the norms yourself", ":material/directions_run:"),
    ("pages/lab.py", "See where they part", ":material/science:"),
    ("pages/compare.py", "Read the study", ":material/show_chart:"),
)
"""Page, label and icon of each, the icons as the navigation has them."""


def draw() -> None:
    """The question at its place, or the summary."""
    asked = ten(_round(), pairs())
    here = replace(ANSWERS, rule=lambda text: text if fits(asked, text) else None)
    address.say(address.refuse(here))
    answers = kept(here)
    place = min(kept(PLACE), len(answers) + 1)
    st.title(TITLE)
    with st.container(key="lesson_questions"):
        if place == SUMMARY:
            _summary(asked, answers)
        else:
            _one(asked, answers, place)


def pairs() -> tuple[StudyPair, ...]:
    """What the study says of its pairs; empty where it does not come with this server."""
    return study_pairs(declared_family(as_methods(study_runs())), shipped_findings())


def _round() -> int:
    """The seed of the questions; drawn for a visit that names none, whose address then holds it."""
    if not current(ROUND):
        if current(ANSWERS):
            address.say([NO_ROUND])
            drop(ANSWERS)
        _new_round()
    return kept(ROUND)


def _new_round() -> None:
    keep(ROUND, random.randint(1, LAST_ROUND))
    _again()


def _again() -> None:
    keep(ANSWERS, "")
    keep(PLACE, 1)


def _one(asked: tuple[Asked, ...], answers: str, place: int) -> None:
    right = sum(marks(asked, answers))
    template = PROGRESS if answers else FIRST
    said = template.format(place=place, count=COUNT, right=right, answered=len(answers))
    st.progress(len(answers) / COUNT, text=said)
    question = asked[place - 1].question
    st.markdown(QUESTION.format(place=place, text=question.text))
    given = answers[place - 1 : place]
    key = f"lesson_answer_{kept(ROUND)}_{place}"
    if given:
        st.session_state[key] = chosen(question, given)
    st.pills(
        question.text,
        question.options,
        label_visibility="collapsed",
        key=key,
        disabled=bool(given),
        on_change=_answer,
        args=(key, question.options, answers),
        wrap=True,
    )
    if given:
        template = RIGHT if question.right(chosen(question, given)) else WRONG
        st.markdown(template.format(said=chosen(question, given), answer=question.answer))
        st.markdown(question.why)
    _ways(asked[place - 1], place, given)


def _answer(key: str, options: tuple[str, ...], answers: str) -> None:
    if st.session_state[key] is not None:
        keep(ANSWERS, answers + LETTERS[options.index(st.session_state[key])])


def _ways(one: Asked, place: int, given: str) -> None:
    """On, back, and to the step that a wrong answer asks for."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if given:
            label = "See all ten" if place == COUNT else "Next question"
            st.button(label, type="primary", key="lesson_question_next", on_click=keep, args=(PLACE, place + 1))
            if not one.question.right(chosen(one.question, given)):
                _to_step(one.step, BACK_TO.format(number=one.step, name=STEPS[one.step].question), place)
        if place > 1:
            st.button("Previous", type="tertiary", key="lesson_question_back", on_click=keep, args=(PLACE, place - 1))


def _to_step(step: int, label: str, place: int) -> None:
    st.button(label, icon=":material/school:", key=f"lesson_to_step_{place}", on_click=go, args=(step,))


def _summary(asked: tuple[Asked, ...], answers: str) -> None:
    found = marks(asked, answers)
    advice = ALL_RIGHT if all(found) else SOME_WRONG
    st.markdown(SCORE.format(right=sum(found), count=COUNT, advice=advice))
    with st.container(key="lesson_lines", gap=None):
        for place, (one, right) in enumerate(zip(asked, found, strict=True), start=1):
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"lesson_line_{place}"):
                st.button(
                    LINE.format(icon=ICONS[right], place=place, text=one.question.text),
                    type="tertiary",
                    key=f"lesson_open_{place}",
                    on_click=keep,
                    args=(PLACE, place),
                )
                if not right:
                    _to_step(one.step, STEP.format(number=one.step), place)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button("Other questions", icon=":material/shuffle:", key="lesson_other_questions", on_click=_new_round)
        st.button("The same again", icon=":material/replay:", type="tertiary", key="lesson_same", on_click=_again)
    with st.container(key="lesson_where_next", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(WHERE_NEXT, width="content")
        for page, label, icon in NEXT_PAGES:
            st.page_link(page, label=label, icon=icon)
