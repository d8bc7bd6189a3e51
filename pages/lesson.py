"""Teach me, in fifteen minutes: seven steps, each a prediction and a reveal, and ten questions at the end."""

import streamlit as st

from core.lesson.order import QUESTIONS, STEPS
from pages import only_by_the_app
from pages.parts.lesson import questions
from pages.parts.lesson.address import STEP, said, say, table
from pages.parts.lesson.bar import bar
from pages.parts.lesson.class_room import class_room, foot, opened
from pages.parts.lesson.look import STYLE
from pages.parts.lesson.step import step
from pages.parts.shared.address import current, kept, read_address

only_by_the_app()

st.html(STYLE)
number = current(STEP)
shown = step(number) if number in STEPS and not opened() else None
read_address(table(shown.PARAMETERS if shown else questions.PARAMETERS))
number = kept(STEP)
if opened():
    class_room()
    st.stop()
bar(number)
if shown is None or number == QUESTIONS:
    questions.draw()
    foot(questions.TITLE)
    st.stop()

st.title(STEPS[number].question)
left, right = st.columns([11, 9], gap="medium")
picture = left.container(key="lesson_picture")
words = right.container(key="lesson_words")
predicted = said(number)
shown.draw(predicted, picture, words)
if predicted:
    with words:
        with st.container(key="lesson_home"):
            st.markdown(f"**Take home.** {STEPS[number].take_home}")
        st.button(
            "Ask me again",
            icon=":material/replay:",
            type="tertiary",
            key="lesson_again",
            on_click=say,
            args=(number, ""),
        )
foot(STEPS[number].question)
