"""What the address of the Lab page may say: an experiment, what was predicted, a training that was started here.

Prediction and training belong to one experiment. The visit remembers them of each, and the address has those of the
one on the screen.
"""

from __future__ import annotations

from typing import TypeVar

import streamlit as st

from core.experiments import listed
from core.experiments.experiment import Experiment
from pages.parts.lab.live_parts import live_parameters
from pages.parts.shared.address import RUN_ID, Parameter, Table, asked, choice_key, drop, write
from pages.parts.shared.rules import one_of, pattern

T = TypeVar("T", bound=str)

SHOWN = "shown"
"""In the place of a prediction: the visitor wanted to see it without one."""
ALL_SEEDS, HERE = "seeds", "here"
VIEWS = {ALL_SEEDS: "All seeds", HERE: "Trained here"}

SAID = Parameter("lab_said", pattern(f"[1-9]|{SHOWN}"), "")
RUN = Parameter("lab_run", pattern(RUN_ID), "")
"""A training that was started here; whoever knows this value sees it, and may stop it."""
VIEW = Parameter("lab_view", one_of(VIEWS), HERE)
"""Which table is shown where there is one of a training here."""
PICTURE = Parameter("lab_shown", pattern("[a-z]{1,20}"), "")
"""Which picture, of an experiment that has several: the name of one of its views."""
OF_ONE_EXPERIMENT = (SAID, RUN, VIEW, PICTURE)

_REMEMBERED = "lab remembered"


def experiments() -> dict[str, Experiment]:
    """Those of the page, by name, in order."""
    return {found.name: found for found in listed.EXPERIMENTS}


def experiment_parameter() -> Parameter[str]:
    """Which one is on the screen."""
    return Parameter("lab_experiment", one_of(experiments()), "")


def table() -> Table:
    """All of it."""
    live = [row for found in experiments().values() if found.live for row in live_parameters(found.name)]
    return [experiment_parameter(), *OF_ONE_EXPERIMENT, *live]


def recalled(parameter: Parameter[T], experiment: str) -> T:
    """Of an experiment: what the address says, else what this visit said before; both hold it from now on."""
    memory: dict[tuple[str, str], T] = st.session_state.setdefault(_REMEMBERED, {})
    key = (parameter.name, experiment)
    if (found := asked(parameter)) is not None:
        memory[key] = found
    value = memory.get(key, parameter.default)
    write(parameter, value)
    return value


def remember(parameter: Parameter[T], experiment: str, value: T) -> None:
    """Give it a value for an experiment, in the visit, and in the address where that one is on the screen.

    It may be another by now: a browser that has not heard that a choice has gone sends it once more.
    """
    st.session_state.setdefault(_REMEMBERED, {})[(parameter.name, experiment)] = value
    if st.session_state.get(choice_key(experiment_parameter())) == experiment:
        write(parameter, value)


def leave() -> None:
    """Before another experiment comes on the screen: what the address says of this one is not said of that."""
    for parameter in OF_ONE_EXPERIMENT:
        drop(parameter)
