"""What there is to do once a race is over: where to look next, once more, and its program to take away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.config import RunConfig
from core.jobs.snapshots import RaceSnapshot
from core.jobs.verdict import verdict
from core.standalone.program import notebook, script
from pages.parts.shared.address import turn
from pages.parts.train.address import SEED
from pages.parts.train.shown import start
from pages.parts.train.weights import race_weights

EXPERIMENTS = {
    "light": "Turn down the light",
    "set-size": "How many numbers are in a set?",
    "learning-rate": "How fast can you learn?",
    "depth": "How deep can you go?",
    "pruning": "What can be thrown away?",
}
"""Those of the lab that a verdict may name, with the titles that they have there."""
ABOUT_PROGRAM = (
    "The race as a program of its own: PyTorch alone, with the network, the recipe and the plots. On one machine, with "
    "as many threads, its losses are those of the race."
)


def next_steps(snapshot: RaceSnapshot) -> None:
    """A row of links and buttons."""
    found = verdict(snapshot)
    ids = _kept(snapshot)
    with st.container(key="train_next", horizontal=True, vertical_alignment="center", gap="small"):
        for name in found.look_at if found else ():
            st.page_link(
                "pages/lab.py",
                label=EXPERIMENTS[name],
                icon=":material/science:",
                query_params={"lab_experiment": name},
            )
        if ids:
            st.page_link(
                "pages/compare.py",
                label="Compare these runs",
                icon=":material/show_chart:",
                query_params={"compare_runs": ids},
            )
            st.page_link(
                "pages/misclassified.py",
                label="See what they got wrong",
                icon=":material/image_search:",
                query_params={"wrong_runs": ids},
            )
        if any(variant.rows for variant in snapshot.variants):
            st.button(
                "Again with another seed",
                icon=":material/casino:",
                key="train_again",
                on_click=_again,
                args=(snapshot,),
            )
        take_with_you([variant.config for variant in snapshot.variants])


def weights_of(snapshot: RaceSnapshot) -> None:
    """The closed section on what L1 did, where a variant has it and there are weights."""
    if _kept(snapshot) and any(variant.config.l1 for variant in snapshot.variants):
        race_weights(snapshot)


def take_with_you(configs: Sequence[RunConfig]) -> None:
    """Script and notebook of a race, made when somebody asks for one."""
    with st.popover("Take it with you", icon=":material/download:"):
        st.caption(ABOUT_PROGRAM)
        st.download_button(
            "PyTorch script",
            lambda: script(configs),
            "race.py",
            "text/x-python",
            key="train_script",
            on_click="ignore",
            icon=":material/code:",
        )
        st.download_button(
            "Notebook",
            lambda: notebook(configs),
            "race.ipynb",
            "application/x-ipynb+json",
            key="train_notebook",
            on_click="ignore",
            icon=":material/menu_book:",
        )


def _kept(snapshot: RaceSnapshot) -> list[str]:
    return [variant.run_id for variant in snapshot.variants if variant.rows and variant.kept]


def _again(snapshot: RaceSnapshot) -> None:
    configs = [replace(v.config, seed=(v.config.seed + 1) % 2**32) for v in snapshot.variants]
    if start(configs):
        turn(SEED, configs[0].seed)
