"""Whose networks the four images pass: those of the study's runs with one seed, or those of one race.

All norms that are shown for the same four images take theirs from one list of runs by one rule, ``run_of``, so that
what stands side by side was trained side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.catalogue import DATASETS, NORMS, SetNorm
from core.config import DEFAULT_GROUPS, RunConfig, place_in_study, terms
from core.four_images.activations import WIDTH, Network
from core.labels import summary
from core.model import get_model
from core.records.network import trained_model
from core.records.record import RunRecord, RunSummary

STUDY_SEED = 0
"""The seed of the study's runs that are shown where nothing else is asked for."""

TRAINED = "{label}, trained on {dataset} ({settings})"
STOPPED = "{label}, trained on {dataset} ({settings}; stopped after {done} of them)"
UNTRAINED = "{label}, not trained yet: random weights"
OTHER_GROUPS = "The layers of this network have G = {own}; the means and variances here are those of G = {groups}."


def usable(run: RunSummary) -> bool:
    """Whether a run has a network to look into: one that no longer changes, of the width that the layers here have."""
    return bool(run.epochs) and run.status != "running" and run.config.width == WIDTH


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


def untrained_network(norm: SetNorm, groups: int) -> Network:
    """A network as it is before training; ``groups`` where the layers of ``WIDTH`` channels can have so many."""
    config = RunConfig(norm=norm, groups=groups if WIDTH % groups == 0 else DEFAULT_GROUPS)
    return Network(get_model(config).eval(), UNTRAINED.format(label=config.label), trained=False, groups=config.groups)


def other_groups(network: Network, norm: SetNorm, groups: int) -> str:
    """A sentence where the network's own groups are not those that are shown; else ""."""
    if NORMS[norm].grouping != "chosen" or network.groups == groups:
        return ""
    return OTHER_GROUPS.format(own=network.groups, groups=groups)
