"""Step 1, why one normalizes: a race with and without a norm, and how large the numbers are after each layer."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.catalogue import DATASETS, QUICK
from core.config import ConfigError, RunConfig
from core.data.datasets import load
from core.experiments.one_thread import in_one_thread
from core.experiments.study_networks import TRAINED_ON
from core.jobs.queue import BusyError
from core.jobs.snapshots import RaceSnapshot
from core.jobs.words import headline
from core.lesson.why import (
    IMAGES,
    OPTIONS,
    SEEDS,
    Layers,
    after_epoch,
    at_start,
    layers_alt,
    layers_figure,
    layers_said,
    outcome,
    race_of,
    seed_of,
)
from pages.parts.lesson.chart import chart
from pages.parts.lesson.step import ask, chosen
from pages.parts.lesson.step import outcome as said_and_so
from pages.parts.shared.address import RUN_ID, Parameter, Table, keep, kept, segments
from pages.parts.shared.query import rerun
from pages.parts.shared.race.curves import accuracy_curves, accuracy_preview
from pages.parts.shared.ready import about, ready
from pages.parts.shared.rules import one_of, pattern, whole
from pages.parts.shared.runtime import owner, registry

NUMBER = 1
REFRESH_SECONDS = 0.5
RACE = Parameter("lesson_race", pattern(RUN_ID), "")
"""The race on the screen, by the name under which it can be stopped or by that under which others see it."""
SEED = Parameter("lesson_seed", whole(SEEDS[0], SEEDS[-1]), SEEDS[0])
ACCURACY, BEFORE, AFTER = "Accuracy", "Before training", "After training"
VIEWS = (ACCURACY, BEFORE, AFTER)
VIEW = Parameter("lesson_layers", one_of(VIEWS), ACCURACY)
PARAMETERS: Table = (RACE, SEED, VIEW)

_ASKED = "lesson why asked"
_REFUSED = "lesson why refused"
TRAINING = "Training four networks for one epoch: a few seconds."
QUESTION = (
    f"Two networks start from the same weights and learn from the same {DATASETS[QUICK].train_images:,} images for "
    "**one epoch**. One has a norm after every convolution, **BatchNorm (BN)**: it brings the numbers to mean 0 and "
    f"standard deviation 1. The other has **no norm**. How many of {DATASETS[QUICK].test_images:,} test images does it "
    "get right?"
)
IN_SHORT = "How many does the network without a norm get right?"
"""The question again, beside its answer."""
SAID = "You said: **{said}.** The curves will tell."
WATCH = "The curves will tell."
GONE = "This server does not know that race any more. Start it again: it takes a few seconds."
NOT_RUN = "The race has not been run yet. It takes a few seconds."
UNFINISHED = "The race was not finished, so it shows nothing. Start it again: it takes a few seconds."
ANOTHER_S = "{reason} Meanwhile you see the same race of somebody else."
WHY = f"**Why?** Turn to **{BEFORE}** and **{AFTER}**: the size of the numbers after each convolution."
ABOUT = (
    "Seed {seed}: {train:,} training images and {test:,} test images of MNIST, one epoch. The study of step 7 trains "
    "on {more:,} images for {epochs} epochs, so its networks get more right. After the first of several epochs, as on "
    "Train, the learning rate is still high and fewer are right; here it has fallen by the end of the one.\n\n"
    "Before and after training: the standard deviation of the numbers of {images} test images after each convolution "
    "with its norm and ReLU, in the two networks of the race and in two more. All start from torch's usual initial "
    "weights; those of He initialization are larger and keep the size of the numbers without a norm, too."
)


def draw(said: str, picture: DeltaGenerator, words: DeltaGenerator) -> None:
    """The race once there is a prediction; then the layers before it and after it."""
    if not said:
        st.session_state[_ASKED] = True
        keep(RACE, "")
        keep(VIEW, ACCURACY)
        with picture:
            accuracy_preview(race_of(kept(SEED)), key="lesson_race_preview", alone=True)
        with words:
            ask(NUMBER, QUESTION, OPTIONS)
        return
    if st.session_state.pop(_ASKED, False):  # a moment ago, in this visit: a link alone starts nothing
        _start(kept(SEED))
    race = _on_screen()
    with words:
        if refused := st.session_state.pop(_REFUSED, ""):
            st.warning(refused, icon=":material/hourglass_empty:")
    if race is not None and not race.ended:
        with picture:
            _live(kept(RACE))
        option = chosen(NUMBER, said, OPTIONS)
        words.markdown(WATCH if option is None else SAID.format(said=OPTIONS[option]))
        return
    with picture:
        layers = _picture(race)
    with words:
        _words(said, race, layers)


@st.fragment(run_every=REFRESH_SECONDS)
def _live(name: str) -> None:
    """The curves while they grow. name: of the race, as the address has it."""
    race = registry().snapshot(name) or registry().watch(name)
    if race is None or race.ended:
        rerun()
    accuracy_curves(race, key="lesson_race_live")
    with st.container(key="lesson_racing", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(headline(race), width="stretch")
        if name == race.race_id:
            st.button("Stop", icon=":material/stop:", key="lesson_race_stop", on_click=registry().cancel, args=(name,))
    st.progress(sum(variant.progress for variant in race.variants) / len(race.variants))


def _picture(race: RaceSnapshot | None) -> Layers | None:
    """The curves of a race that is over, or the layers, which are returned."""
    view, seed = segments("What is shown", VIEWS, VIEW), kept(SEED)
    layers = _layers(view, seed)
    if layers is not None:
        chart(layers_figure(layers), key="lesson_layers_chart", alt=layers_alt(layers))
    elif race is not None:
        accuracy_curves(race, key="lesson_race_chart")
    else:
        accuracy_preview(race_of(seed), key="lesson_race_preview", alone=True)
    return layers


def _layers(view: str, seed: int) -> Layers | None:
    """Those of a view; None where it has none, or they cannot be measured here."""
    return None if view == ACCURACY else ready(lambda: _before(seed) if view == BEFORE else _after(seed))


def layers_to_save(view: str) -> tuple[go.Figure, str] | None:
    """The picture of ``BEFORE`` or ``AFTER`` for the first seed, and what it says."""
    layers = _layers(view, SEED.default)
    return None if layers is None else (layers_figure(layers), layers_alt(layers))


def _about(seed: int) -> str:
    here, study = race_of(seed)[0], RunConfig(norm="bn")
    return ABOUT.format(
        seed=seed,
        images=IMAGES,
        train=DATASETS[here.dataset].train_images,
        test=DATASETS[here.dataset].test_images,
        more=DATASETS[TRAINED_ON].train_images,
        epochs=study.epochs,
    )


@st.cache_data(show_spinner="Measuring the layers", max_entries=len(SEEDS))
def _before(seed: int) -> Layers:
    data = load(QUICK)
    return in_one_thread(lambda: at_start(seed, data))


@st.cache_data(show_spinner=TRAINING, max_entries=len(SEEDS))
def _after(seed: int) -> Layers:
    data = load(QUICK)
    return in_one_thread(lambda: after_epoch(seed, data))


def _on_screen() -> RaceSnapshot | None:
    """The race that the address names; None where there is none, or this server does not know it as one of these."""
    name = kept(RACE)
    race = registry().snapshot(name) or registry().watch(name) if name else None
    seed = seed_of(race) if race is not None else None
    if seed is None:
        return None
    keep(SEED, seed)
    return race


def _start(seed: int) -> None:
    """Queue a race; where the queue is full, show the same of somebody else, if there is one."""
    try:
        keep(RACE, registry().submit(race_of(seed), owner()))
        keep(SEED, seed)
        keep(VIEW, ACCURACY)
    except (ConfigError, BusyError) as error:
        others = [job for job in registry().jobs() if isinstance(job, RaceSnapshot) and seed_of(job) is not None]
        seen = [race for race in others if race.status == "complete" or not race.ended]
        keep(RACE, seen[-1].watch_id if seen else "")
        st.session_state[_REFUSED] = ANOTHER_S.format(reason=error) if seen else str(error)


def _words(said: str, race: RaceSnapshot | None, layers: Layers | None) -> None:
    found = outcome(race, DATASETS[QUICK].test_images) if race is not None else None
    if found is None and layers is None:
        st.info(UNFINISHED if race is not None else GONE if kept(RACE) else NOT_RUN, icon=":material/info:")
    if found is not None:
        said_and_so(NUMBER, said, OPTIONS, found.right, IN_SHORT)
        if layers is None:
            st.markdown(found.in_words())
    st.markdown(WHY if layers is None else layers_said(layers))
    with st.container(horizontal=True, gap="small"):
        seed = kept(SEED)
        st.button(
            "Start the race" if found is None else "Another seed",
            icon=":material/play_arrow:" if found is None else ":material/casino:",
            type="primary" if found is None else "secondary",
            key="lesson_race_start",
            on_click=_start,
            args=(seed if found is None else (seed + 1) % len(SEEDS),),
        )
        about(_about(seed))
