"""Predict, then see: the question before the picture, and what was said beside what was measured."""

from __future__ import annotations

import streamlit as st

from core.experiments.experiment import Experiment
from core.experiments.partial import of_table
from core.experiments.table import Table
from core.experiments.words import outcome
from pages.parts.lab.address import SAID, SHOWN, recalled, remember
from pages.parts.shared.address import drop, say
from pages.parts.shared.page_row import WIDE

WIDTH = 840
"""Pixels: a line of the question that can be read in one go; nothing stands beside it that could answer it."""
STYLE = """<style>
.st-key-lab_ask [role="radiogroup"] { flex-direction: column; align-items: flex-start; gap: 0.5rem; }
.st-key-lab_ask [role="radio"] { max-width: 100%; height: auto; white-space: normal; text-align: left; }
</style>"""
"""The options one below the other, as on a sheet of questions, and on a phone in as many lines as they take."""
OUTCOME_STYLE = f"""<style>
@media (width < {WIDE}px) {{
  .st-key-lab_outcome {{ flex-direction: column; align-items: flex-start; gap: 0; }}
  .st-key-lab_outcome > :first-child:not(:only-child) {{ width: 100%; }}
}}
</style>"""
"""On a phone the sentence has the whole width, and the button is below it."""
NO_SUCH_OPTION = "The link names a prediction that this experiment does not have; choose one."


def prediction_of(experiment: Experiment) -> str:
    """What has been said: the number of an option, ``SHOWN``, or nothing yet."""
    said = recalled(SAID, experiment.name)
    if said.isdigit() and int(said) > len(experiment.prediction.options):
        drop(SAID)
        remember(SAID, experiment.name, "")
        say([NO_SUCH_OPTION])
        return ""
    return said


def ask(experiment: Experiment) -> None:
    """The question and its options; a choice reveals the picture."""
    prediction = experiment.prediction
    key = f"lab_options_{experiment.name}"
    st.html(STYLE)
    with st.container(border=True, width=WIDTH, key="lab_ask"):
        st.markdown(f"**Predict first.** {prediction.question}")
        st.pills(
            prediction.question,
            range(len(prediction.options)),
            format_func=prediction.options.__getitem__,
            label_visibility="collapsed",
            key=key,
            on_change=_choose,
            args=(experiment.name, key),
            wrap=True,
        )
        st.button("Show me", type="tertiary", key="lab_show", on_click=remember, args=(SAID, experiment.name, SHOWN))


def _choose(name: str, key: str) -> None:
    chosen = st.session_state[key]
    if chosen is not None:
        remember(SAID, name, str(chosen + 1))


def say_outcome(experiment: Experiment, said: str, table: Table | None) -> None:
    """What was said and what was measured, with a way to be asked again."""
    chosen = experiment.prediction.options[int(said) - 1] if said.isdigit() else ""
    right = of_table(experiment.prediction.right, table) if table is not None else None
    st.html(OUTCOME_STYLE)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False, key="lab_outcome"):
        if sentence := outcome(chosen, right or ""):
            # with what was asked: the page's title asks something wider
            st.markdown(f":small[{experiment.prediction.question} {sentence}]", width="stretch")
        st.button(
            "Ask again",
            type="tertiary",
            icon=":material/replay:",
            key="lab_again",
            help=experiment.prediction.question,
            on_click=remember,
            args=(SAID, experiment.name, ""),
        )
