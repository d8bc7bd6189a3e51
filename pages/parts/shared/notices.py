"""What a page of results says of the chosen runs before it shows them: what a number or a picture would not tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from core.comparison.captions import unfinished
from core.comparison.methods import Method
from core.config import RunConfig
from core.labels import about_recipes, listed
from core.records.chance import at_chance
from core.records.record import Predictions
from pages.parts.shared.library import hidden_runs

CHANCE = "**{name}**: {sentence}"
HIDDEN = "{name} was trained on this server as well. Shown is the run of the same settings that comes with the app."
SEVERAL_HIDDEN = (
    "{names} were trained on this server as well. Shown are the runs of the same settings that come with the app."
)


def say_unfinished(methods: Sequence[Method]) -> None:
    """Name what still runs, has stopped or has diverged."""
    if found := unfinished(methods):
        st.info(_lines(found), icon=":material/hourglass:")


def say_chance(answers: Iterable[tuple[str, Predictions]]) -> None:
    """Name the runs that are at chance level; ``answers`` are names and what the networks say of the test images."""
    found = [CHANCE.format(name=name, sentence=said) for name, given in answers if (said := at_chance(given))]
    if found:
        st.warning(_lines(found), icon=":material/casino:")


def say_former_recipes(configs: Iterable[RunConfig]) -> None:
    """Say what a former recipe is where the name of a run says that it has one."""
    if found := about_recipes(configs):
        st.caption(" ".join(found))


def say_hidden(names: Mapping[str, str]) -> None:
    """Say where the shipped run is shown although this server has trained it, too; ``names`` of runs by id."""
    hidden = [names[run_id] for run_id in hidden_runs(names)]
    if hidden:
        template = HIDDEN if len(hidden) == 1 else SEVERAL_HIDDEN
        st.caption(template.format(name=hidden[0], names=listed(hidden)))


def _lines(sentences: Sequence[str]) -> str:
    return sentences[0] if len(sentences) == 1 else "\n".join(f"- {sentence}" for sentence in sentences)
