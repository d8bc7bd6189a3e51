"""What stands beside every picture of runs: their data set and settings, and which of them have not finished."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.catalogue import DATASETS
from core.comparison.methods import Method
from core.labels import listed, settings
from core.records.record import Status

STATES: dict[Status, str] = {"running": "running", "interrupted": "stopped", "diverged": "diverged"}
"""A word for each state that is not the usual one."""
NAMED = "{name}, {state}"

PROGRESS: dict[Status, str] = {
    "complete": "complete",
    "running": "running, {done} of {asked} epochs done",
    "interrupted": "stopped after {done} of {asked} epochs",
    "diverged": "diverged after {done} of {asked} epochs",
}
"""How far a run is, for a table."""

UNFINISHED: dict[Status, str] = {
    "running": "**{name}** is running: shown is its state after {done} of {asked} epochs, which is not tested against "
    "others.",
    "interrupted": "**{name}** stopped after {done} of {asked} epochs.",
    "diverged": "**{name}** diverged after {done} of {asked} epochs: shown is its state before that, which is not "
    "tested against others.",
}
"""The same in a sentence, below the name of a run."""

OWN_SETTINGS = "{names}: {settings}"


def state(method: Method) -> Status:
    """``complete`` where every run of it has all its epochs, else what the first is that has not."""
    return next((record.status for record in method.records if record.status != "complete"), "complete")


def finished(methods: Iterable[Method]) -> bool:
    """Whether all of them are complete."""
    return all(state(method) == "complete" for method in methods)


def at_rest(method: Method) -> bool:
    """Whether it is complete or was stopped: only then its last values are what its training led to."""
    return state(method) in ("complete", "interrupted")


def with_state(name: str, status: Status) -> str:
    """A run's name as a list has it: "BN" once it is complete, "BN, running" before."""
    return NAMED.format(name=name, state=STATES[status]) if status in STATES else name


def progress(method: Method) -> str:
    """How far it is: "complete", "running, 3 of 20 epochs done"."""
    return PROGRESS[state(method)].format(done=method.epochs, asked=method.config.epochs)


def unfinished(methods: Sequence[Method]) -> list[str]:
    """One sentence for each of them that is not complete, in Markdown."""
    return [
        UNFINISHED[status].format(name=method.label, done=method.epochs, asked=method.config.epochs)
        for method in methods
        if (status := state(method)) in UNFINISHED
    ]


def settings_in_words(methods: Sequence[Method]) -> str:
    """Data set and settings of these methods: first what all share, then what is each one's own.

    "MNIST, 20 epochs, batch 128, lr 0.1, seed 0; BN + L1: L1 0.0001". What a label says already is not repeated.
    """
    each = [[DATASETS[m.config.dataset].title, *settings(m.config, m.seeds)] for m in methods]
    shared = [part for part in each[0] if all(part in parts for parts in each)] if each else []
    own: dict[str, list[str]] = {}
    for method, parts in zip(methods, each, strict=True):
        said = [*shared, *method.label.split(", "), method.config.former_recipe]  # this every label says
        if rest := ", ".join(part for part in parts if part not in said):
            own.setdefault(rest, []).append(method.label)
    rests = [OWN_SETTINGS.format(names=listed(names), settings=rest) for rest, names in own.items()]
    return "; ".join([*([", ".join(shared)] if shared else []), *rests])
