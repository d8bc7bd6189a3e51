"""One experiment at a time: its question as the title, and the way to the others."""

from __future__ import annotations

import streamlit as st

from core.experiments.experiment import Experiment
from pages.parts.lab.address import experiment_parameter, experiments, leave
from pages.parts.shared.address import select, turn
from pages.parts.shared.page_row import WIDE

NUMBERED = "{number}. {title}"
STYLE = f"""<style>
.st-key-lab_question h1 {{ font-size: 1.375rem; padding: 0 0 0.5rem; }}
@media (width >= {WIDE}px) {{ [data-testid="stMainBlockContainer"] {{ padding-top: 4.25rem; }} }}
</style>"""
"""The question in a line or two, close below the navigation: a picture and its words share a screen of 768."""


def question_and_picker() -> Experiment:
    """Draw the title of the chosen experiment and the choice of another; the chosen one."""
    question, picker = st.columns([3, 2], vertical_alignment="center")
    with picker:
        chosen = _pick()
    with question, st.container(key="lab_question", gap=None):
        st.html(STYLE)
        st.title(chosen.question, anchor=False)
    return chosen


def _pick() -> Experiment:
    listed = experiments()
    names = list(listed)
    titles = {name: NUMBERED.format(number=i, title=listed[name].title) for i, name in enumerate(names, start=1)}
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
        chosen = select(
            "Experiment",
            names,
            experiment_parameter(),
            name=titles.__getitem__,
            on_change=leave,
            label_visibility="collapsed",
        )
        place = names.index(chosen)
        for key, icon, word, other in (
            ("lab_previous", ":material/arrow_back:", "Previous", place - 1),
            ("lab_next", ":material/arrow_forward:", "Next", place + 1),
        ):
            there = 0 <= other < len(names)
            st.button(
                icon,
                key=key,
                help=f"{word}: {titles[names[other]]}" if there else word,
                disabled=not there,
                on_click=_go,
                args=(names[other] if there else chosen,),
            )
    return listed[chosen]


def _go(name: str) -> None:
    leave()
    turn(experiment_parameter(), name)
