"""Whose networks the real images pass: the study's, or those of the runs that the address names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from core.catalogue import DATASETS, NORMS, SIDE, DatasetName, SetNorm
from core.config import RunConfig
from core.four_images.activations import LayerShape, Network
from core.four_images.networks import (
    STUDY_SEED,
    WITHOUT_RUNS,
    inner_side,
    on_equal_terms,
    other_groups,
    run_of,
    study_runs,
    trained_network,
    untrained_network,
    usable,
)
from core.labels import listed, summary
from core.model import layer_shapes
from core.records.record import RecordError, RunSummary
from pages.parts.shared.address import drop, refuse, start_choice, write_all
from pages.parts.shared.choices import give, heed
from pages.parts.shared.library import ReadOnce, Shipped, run_names
from pages.parts.shared.rules import one_of
from pages.parts.shared.runtime import store
from pages.parts.statistics.address import DATA, RUNS

MOST_RUNS = 6
OF_THE_STUDY = "Network: {origin}, of the study that comes with the app."
OF_THE_ADDRESS = "Network: {origin}, one of the runs that the address names."
NOT_IN_THE_STUDY = "Network: {origin}. The study that comes with the app has no {title} with seed {seed}."
NOT_IN_THE_ADDRESS = "Network: {origin}. The address names no usable run with {title}."
OTHER_TERMS = (
    "Networks stand side by side here where they differ in nothing but norm, groups and penalties: shown is what goes "
    "with {first}, and not {others}."
)
WITH_SETTINGS = "{label} ({dataset}, {settings})"
INNER_PART = "This network gets the inner {side} × {side} pixels of every image."
ALL_NORMS = "Each norm has a network of its own here. {networks}."
ONE_OF_THEM = "{title}: {origin}"


@dataclass(frozen=True)
class Networks:
    """The networks that all norms are shown with.

    runs: whose they are.  study: whether nobody has named any.  places: where each run is read.
    """

    runs: Sequence[RunSummary]
    study: bool
    places: dict[str, ReadOnce]

    @property
    def data(self) -> DatasetName:
        """The data set that they were trained on."""
        return self._like.dataset

    @property
    def shapes(self) -> Sequence[LayerShape]:
        """(C, H, W) of what each norm receives, the same in all of them."""
        return layer_shapes(self._like)

    @property
    def _like(self) -> RunConfig:
        return self.runs[0].config if self.runs else WITHOUT_RUNS

    def network(self, norm: SetNorm, groups: int) -> Network:
        """The network of one norm; an untrained one where none of the runs has it."""
        run = run_of(self.runs, norm, groups)
        if run is not None:
            place = self.places[run.run_id]
            try:
                return _trained(place.root, run.run_id, place.folder.modified(run.run_id), place)
            except RecordError:
                pass  # damaged or gone since it was listed: as if it were not there, and said so
        return _untrained(norm, groups, self._like)

    def note(self, norm: SetNorm, groups: int) -> str:
        """Which network this is, in sentences."""
        network = self.network(norm, groups)
        if network.trained:
            template = OF_THE_STUDY if self.study else OF_THE_ADDRESS
        else:
            template = NOT_IN_THE_STUDY if self.study else NOT_IN_THE_ADDRESS
        sentence = template.format(origin=network.origin, title=NORMS[norm].title, seed=STUDY_SEED)
        side = inner_side(self._like)
        inner = INNER_PART.format(side=side) if side < SIDE else ""
        return " ".join(filter(None, (sentence, inner, other_groups(network, norm, groups))))

    def all_of(self, norms: Sequence[SetNorm], groups: int) -> str:
        """The networks of several norms that are shown together, in one sentence."""
        lines = [
            ONE_OF_THEM.format(title=NORMS[norm].title, origin=self.network(norm, groups).origin) for norm in norms
        ]
        return ALL_NORMS.format(networks="; ".join(lines))


@st.cache_resource(show_spinner=False, max_entries=32)
def _trained(root: str, run_id: str, modified: int | None, _place: ReadOnce) -> Network:
    return trained_network(_place.load(run_id))


@st.cache_resource(show_spinner=False, max_entries=32)
def _untrained(norm: SetNorm, groups: int, like: RunConfig) -> Network:
    return untrained_network(norm, groups, like)


def networks_control() -> tuple[Networks, list[str]]:
    """Draw the choice of runs, by default the study's; the networks that they make, and what was refused.

    A run that ships is read from what ships, so that nobody's race takes its place. No uploads: what is made of these
    records is shared by all visitors.
    """
    shipped, own = Shipped(), ReadOnce(store())
    listed_in = {place: [run for run in place.summaries()[0] if usable(run)] for place in (own, shipped)}
    places = {run.run_id: place for place, runs in listed_in.items() for run in runs}  # what ships has the last word
    by_id = {run.run_id: run for place, runs in listed_in.items() for run in runs if places[run.run_id] is place}
    refused = refuse(replace(RUNS, rule=one_of(by_id)))  # here, where it can be said below the controls
    key = start_choice(RUNS, by_id, list, MOST_RUNS)
    refused += _on_equal_terms(key, by_id)
    names = run_names(list(by_id.values()))
    with st.popover("Networks", icon=":material/hub:"):
        chosen = st.multiselect(
            "Runs of one race",
            list(by_id),
            format_func=lambda run_id: names[run_id],
            max_selections=MOST_RUNS,
            key=key,
            placeholder=f"the study, seed {STUDY_SEED}",
            on_change=heed,
            args=(key, partial(drop, DATA)),
            help="Each norm takes the first of them that has it, with the same groups before others. Without a choice, "
            "the networks are those of the study that comes with the app.",
        )
    write_all(RUNS, chosen)
    runs = [by_id[run_id] for run_id in chosen] or study_runs(listed_in[shipped])
    return Networks(runs, not chosen, places), refused


def _on_equal_terms(key: str, by_id: dict[str, RunSummary]) -> list[str]:
    """Before the widget ``key``: leave only the runs in its choice that go with the first; a sentence on the others."""
    chosen = [by_id[run_id] for run_id in st.session_state[key]]
    fitting = on_equal_terms(chosen)
    if len(fitting) == len(chosen):
        return []
    give(key, [run.run_id for run in fitting])
    first, *others = (
        WITH_SETTINGS.format(label=run.label, dataset=DATASETS[run.config.dataset].title, settings=summary(run.config))
        for run in chosen
        if run is chosen[0] or run not in fitting
    )
    return [OTHER_TERMS.format(first=first, others=listed(others))]
