"""For a class: the steps with their addresses and minutes, a sheet of exercises, files to hand out, and a tidy server.

It takes the place of a step and is reached by a button at the foot of every step, so that it takes no room there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from core.four_images.source import DEFAULT_CHANNELS, MAX_SEED, Integers
from core.lesson.order import MINUTES, QUESTIONS, STEPS
from pages.parts.lesson.address import CLASS_ROOM, SHEET_SEED
from pages.parts.lesson.figures import figure_to_save
from pages.parts.lesson.keep_focus import keep_focus
from pages.parts.shared.address import asked, write
from pages.parts.shared.mine import mine_controls, say_forgotten

NOTEBOOK = Path(__file__).resolve().parents[3] / "assets" / "train_all.ipynb"
"""The exercise of the course in one notebook, saved with its output."""
GROUPS = 2
IPYNB = "application/x-ipynb+json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

ABOUT = (
    "Alone, the lesson takes about {minutes:g} minutes; with a class in which everybody predicts first, about three "
    "times as long. Each step opens by its address, and what is predicted stays in the address."
)
HEAD = "| step | minutes | to take home |\n| --- | --- | --- |"
STEP = "| {number}. [{question}](?step={number}) | {minutes:g} | {take_home} |"
LAST = "| [Ten questions](?step={number}) | {minutes} | Drawn anew each time; a wrong answer leads back to its step. |"
QUESTION_MINUTES = 5
SHEET = (
    "Ten exercises whose numbers are drawn from a seed: each class may have its own, and the same seed is always the "
    "same sheet. The solutions are files of their own; their notebook computes every number anew with torch."
)
HAND_OUT = (
    "The spreadsheet holds four images of the sheet's seed; every mean, variance and normalized value in it is a live "
    "formula. The notebook is the exercise of the course with its output: three networks, 20 epochs, both graphs."
)
SERVER = (
    "A race that you start on Train has a link for others, “Let others watch”: whoever opens it sees the race and "
    "cannot stop it. “Only my runs” leaves out what others have trained, on Train, Compare and Misclassified."
)


def foot(name: str) -> None:
    """The way to it, below a step, in the line of the version: it takes no height of its own.

    name: of what is above, for who comes to it by keys.
    """
    with st.container(key="lesson_foot", horizontal=True, horizontal_alignment="right"):
        keep_focus(("lesson_picture", "lesson_questions"), name=name, key="lesson_focus")
        st.button(
            "For a class",
            icon=":material/groups:",
            type="tertiary",
            key="lesson_class",
            on_click=write,
            args=(CLASS_ROOM, True),
        )


def opened() -> bool:
    """Whether it is on the screen: by the address alone, so that the page's own link leads to the lesson."""
    return asked(CLASS_ROOM) is True


def class_room() -> None:
    """Draw it."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title("For a class", width="content")
        st.button(
            "Back to the lesson",
            icon=":material/arrow_back:",
            key="class_back",
            on_click=write,
            args=(CLASS_ROOM, False),
        )
    say_forgotten()
    left, right = st.columns(2, gap="large")
    with left:
        _steps()
    with right:
        _sheet()
        _files()
        st.subheader("Runs on this server", anchor=False)
        st.markdown(SERVER)
        mine_controls()
    st.subheader("Pictures as SVG", anchor=False)
    figure_to_save()


def _steps() -> None:
    st.subheader("The steps", anchor=False)
    st.markdown(ABOUT.format(minutes=MINUTES))
    rows = [
        STEP.format(number=number, question=o.question, minutes=o.minutes, take_home=o.take_home)
        for number, o in STEPS.items()
    ]
    st.markdown("\n".join([HEAD, *rows, LAST.format(number=QUESTIONS, minutes=QUESTION_MINUTES)]))


def _sheet() -> None:
    st.subheader("A sheet of exercises", anchor=False)
    st.markdown(SHEET)
    seed = int(st.number_input("Seed of the sheet", 0, MAX_SEED, SHEET_SEED.default, width=160, **SHEET_SEED.widget()))
    for kind in ("exercises", "solutions"):
        with st.container(horizontal=True):
            name = f"{kind.capitalize()} {seed}"  # what is pressed says whose numbers come: the field may be ahead
            _download(f"{name} to print", f"{kind}_{seed}.html", "text/html", partial(page, kind, seed))
            _download(f"{name} as a notebook", f"{kind}_{seed}.ipynb", IPYNB, partial(notebook, kind, seed))


def _files() -> None:
    seed = st.session_state[SHEET_SEED.name]
    st.subheader("To hand out", anchor=False)
    st.markdown(HAND_OUT)
    with st.container(horizontal=True):
        _download("Spreadsheet of four images", "four_images.xlsx", XLSX, partial(spreadsheet, seed))
        if NOTEBOOK.is_file():
            _download("Notebook of the exercise", NOTEBOOK.name, IPYNB, NOTEBOOK.read_bytes)


def _download(label: str, name: str, mime: str, make: Callable[[], str | bytes]) -> None:
    """A button whose file is made when it is asked for, without a run of the page."""
    kind, _, form = name.rpartition(".")
    st.download_button(
        label,
        make,
        name,
        mime,
        icon=":material/download:",
        key=f"class_{kind.partition('_')[0]}_{form}",
        on_click="ignore",
    )


def page(kind: str, seed: int) -> str:
    """The printable page of "exercises" or of "solutions"."""
    from core.lesson.sheet import sheet
    from core.lesson.sheet_page import exercises_page, solutions_page

    return (exercises_page if kind == "exercises" else solutions_page)(sheet(seed))


def notebook(kind: str, seed: int) -> str:
    """The same as a notebook."""
    from core.lesson.sheet import sheet
    from core.lesson.sheet_notebook import exercises_notebook, solutions_notebook

    return (exercises_notebook if kind == "exercises" else solutions_notebook)(sheet(seed))


def spreadsheet(seed: int) -> bytes:
    """Four images of the seed under every norm, as a workbook."""
    from core.four_images.workbook import batch_workbook

    return batch_workbook(Integers(DEFAULT_CHANNELS, seed=seed).batch("bn", GROUPS), GROUPS)
