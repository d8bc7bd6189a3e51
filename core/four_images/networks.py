"""Whose networks the four images pass: those of the study's runs with one seed, or those of one race.

All norms that are shown for the same four images take theirs from one list of runs by one rule, ``run_of``, so that
what stands side by side was trained side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from core.catalogue import DATASETS, FALLBACK, NORMS, SIDE, SetNorm
from core.config import DEFAULT_GROUPS, RunConfig, place_in_study, terms
from core.four_images.activations import Network
from core.labels import summary
from core.model import get_model
from core.records.network import trained_model
from core.records.record import RunRecord, RunSummary

STUDY_SEED = 0
"""The seed of the study's runs that are shown where nothing else is asked for."""

WITHOUT_RUNS = RunConfig(norm="none", dataset=FALLBACK)
"""What the shape of the networks follows where no run is there to follow."""

TRAINED = "{label}, trained on {dataset} ({settings})"
STOPPED = "{label}, trained on {dataset} ({settings}; stopped after {done} of them)"
UNTRAINED = "{label}, not trained yet: random weights"
OTHER_GROUPS = "The layers of this network have G = {own}; the means and variances here are those of G = {groups}."


def usable(run: RunSummary) -> bool:
    """Whether a run has a network to look into: one that no longer changes, of the width of the study's."""
    return bool(run.epochs) and run.status != "running" and run.config.width == RunConfig.width


def study_runs(runs: Iterable[RunSummary], seed: int = STUDY_SEED) -> list[RunSummary]:
    """Those of ``runs`` that the study has with ``seed``, race by race in its order, on the terms of the first."""
    placed = [(place_in_study(run.config), run) for run in runs if usable(run) and run.config.seed == seed]
    found = [(place, run) for place, run in placed if place is not None]
    return on_equal_terms([run for _, run in sorted(found, key=lambda pair: (pair[0], pair[1].run_id))])


def on_equal_terms(runs: Sequence[RunSummary]) -> list[RunSummary]:
    """Those of ``runs`` that differ from the first in nothing but norm, groups and penalties."""
    shared = [(terms(run.config), run.config.seed) for run in runs]
    return [run for run, own in zip(runs, shared, strict=True) if own == shared[0]]


def run_of(runs: Sequence[RunSummary], norm: SetNorm, groups: int) -> RunSummary | None:
    """The first of ``runs`` with this norm, one with the same groups before all others; None where there is none."""
    having = [run for run in runs if run.config.norm == norm]
    same = [run for run in having if run.config.groups == groups]
    return next(iter([*same, *having]), None)


def trained_network(record: RunRecord) -> Network:
    """The network of a record; ``RecordError`` where its weights are another one's."""
    config, done = record.config, len(record.epochs)
    template = TRAINED if done == config.epochs else STOPPED
    origin = template.format(
        label=record.label, dataset=DATASETS[config.dataset].title, settings=summary(config), done=done
    )
    return Network(trained_model(record), origin, trained=True, groups=config.groups)


def untrained_network(norm: SetNorm, groups: int, like: RunConfig) -> Network:
    """A network as it is before training, its layers of the sizes that a run of ``like`` has.

    groups: taken where they divide the channels of all layers.
    """
    config = RunConfig(
        norm=norm,
        groups=groups if like.width % groups == 0 else DEFAULT_GROUPS,
        width=like.width,
        dataset=like.dataset,
        recipe=like.recipe,
    )
    return Network(get_model(config).eval(), UNTRAINED.format(label=config.label), trained=False, groups=config.groups)


@lru_cache(maxsize=32)
def inner_side(config: RunConfig) -> int:
    """Height and width of the part of an image that a run's network gets: it may leave out a border."""
    return SIDE - 2 * get_model(config).border


def other_groups(network: Network, norm: SetNorm, groups: int) -> str:
    """A sentence where the network's own groups are not those that are shown; else ""."""
    if NORMS[norm].grouping != "chosen" or network.groups == groups:
        return ""
    return OTHER_GROUPS.format(own=network.groups, groups=groups)
