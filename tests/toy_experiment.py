"""An experiment whose trials take no time, and whose measuring a test may hold, break or count."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import plotly.graph_objects as go
import pytest

from core.experiments.experiment import FULL_SEEDS, Check, Context, Experiment, Prediction, Row, Source
from core.experiments.settings import LabConfig
from core.experiments.table import Done, Table

SIZES = (2, 8, 32)
LARGE = "with 32 images"
OPTIONS = ("with 2 images", "with 8 images", LARGE)
SEEN = "With {size} images the error is {error:g} %: the larger the batch, the smaller the error."


@dataclass
class Toy:
    """What a toy's measuring does, and what it has seen.

    act: called in each trial with its settings and a function that tells the share that is done.
    """

    act: Callable[[LabConfig, Callable[[float], None]], None] = lambda settings, tell: tell(0.5)
    came: list[int] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)

    def measure(self, settings: LabConfig, context: Context) -> Sequence[Row]:
        self.came.append(settings.batch_size)
        self.threads.add(threading.get_ident())
        context.data(settings.dataset)
        self.act(settings, context.tell)
        return [
            {"seed": settings.seed, "size": settings.batch_size, "error": error(settings.batch_size, settings.seed)}
        ]


def error(size: int, seed: int) -> float:
    """What a toy measures."""
    return 64 / size + seed


def _sizes(table: Table) -> list[float]:
    return [table.mean("error", size=size) for size in table.distinct("size")]


def _right(table: Table) -> str:
    best = min(SIZES, key=lambda size: table.mean("error", size=size))
    return OPTIONS[SIZES.index(best)]


def experiment(name: str = "toy", toy: Toy | None = None, **values: Any) -> Experiment:
    """An experiment of digits, three trials a seed."""
    made = Experiment(
        name=name,
        title=f"The title of {name}",
        question=f"What is the question of {name}?",
        claim="The error grows as the batch shrinks.",
        source=Source(
            paper="Wu and He 2018", arxiv="1803.08494", place="Table 2", published="34.7 % at 2, 23.6 at 32."
        ),
        prediction=Prediction(question="With how many images is the error smallest?", options=OPTIONS, right=_right),
        trials=lambda seeds, quick: tuple(
            LabConfig(norm="bn", dataset="digits", batch_size=size, seed=seed) for seed in seeds for size in SIZES
        ),
        measure=(toy or Toy()).measure,
        picture=lambda table: go.Figure(go.Bar(x=table.distinct("size"), y=_sizes(table))),
        words=lambda table: f"Errors: {_sizes(table)}.",
        seen=lambda table: SEEN.format(size=32, error=table.mean("error", size=32)),
        checks=(
            Check(
                statement="The error at 2 is above that at 32.",
                margin=10,
                difference=lambda table: table.difference("error", {"size": 2}, {"size": 32}),
            ),
            Check(
                statement="The error at 32 is above that at 8.",
                margin=5,
                difference=lambda table: table.difference("error", {"size": 32}, {"size": 8}),
            ),
            Check(
                statement="The error at 8 is above that at 32 by much.",
                margin=1000,
                difference=lambda table: table.difference("error", {"size": 8}, {"size": 32}),
            ),
        ),
        terms="Plain SGD without warm-up.",
        reduced="One seed instead of five, on digits.",
    )
    return replace(made, **values)


def full_table(of: Experiment) -> Table:
    """The table of a full form: each trial took 2 seconds."""
    return Table(
        of.name,
        False,
        {t.key: Done(tuple(of.measure(t.settings, _here())), 2.0) for t in of.units(FULL_SEEDS, quick=False)},
    )


def _here() -> Context:
    return Context(data=lambda name: None)  # type: ignore[arg-type, return-value]  # a toy looks at no image


def list_them(monkeypatch: pytest.MonkeyPatch, *experiments: Experiment) -> None:
    """Put ``experiments`` in the place of the project's."""
    monkeypatch.setattr("core.experiments.listed.EXPERIMENTS", experiments)
