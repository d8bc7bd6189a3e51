"""When does the choice matter? One experiment at a time: predict, see, and the verdict from data."""

import streamlit as st

from pages import only_by_the_app
from pages.parts.lab.address import experiments, table
from pages.parts.lab.evidence import evidence
from pages.parts.lab.live_parts import live_part
from pages.parts.lab.picker import question_and_picker
from pages.parts.lab.prediction import ask, prediction_of, say_outcome
from pages.parts.lab.results import results
from pages.parts.shared.address import read_address
from pages.parts.shared.lab_tables import full_table

only_by_the_app()

read_address(table())
if not experiments():
    st.title("When does the choice matter?")
    st.info("This version of the app comes without experiments.", icon=":material/science:")
    st.stop()

experiment = question_and_picker()
full, problem = full_table(experiment)
said = prediction_of(experiment)
if not said:
    ask(experiment)
    st.stop()

if experiment.live:
    say_outcome(experiment, said, full)
    live_part(experiment.name).live()
    st.subheader("Measured on all seeds", anchor=False)
shown = results(experiment, full, problem, "" if experiment.live else said)
if shown is not None:
    evidence(experiment, shown)
