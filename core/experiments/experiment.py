"""What every experiment is: a claim with its source, the units of its work, a picture, and a verdict from data.

An experiment is plain data and pure functions, so that the page, the command line and a test draw, run and judge any
of them alike. Standard library only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from core.catalogue import DatasetName

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.data.datasets import Dataset
    from core.experiments.table import Table

Scalar = str | int | float | bool | None
Row = Mapping[str, Scalar]
"""One measured line of a table: what was varied, and what came out. Every row has its ``seed``."""

Answer = Literal["reproduced", "not at this scale", "contradicted"]

FULL_SEEDS = (3, 4, 5, 6, 7)
"""The seeds of the full form. All settings were chosen on others, 0 to 2, and on images held out of the training."""
QUICK_SEEDS = (0,)


class Settings(Protocol):
    """A frozen dataclass of plain values that says what one unit of work is: ``LabConfig``, for most."""

    @property
    def seed(self) -> int:
        """Of everything that is drawn."""
        ...


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a unit of work gets from where it runs.

    data: gives a data set.  tell: takes the share that is done, 0..1, and may raise to end the work.
    """

    data: Callable[[DatasetName], Dataset]
    tell: Callable[[float], None] = lambda share: None


Measure = Callable[[Any, Context], Sequence[Row]]
"""Does one unit of work: settings of the kind that the experiment's trials have, to rows."""


@dataclass(frozen=True)
class Trial:
    """One unit of work, which can travel to another process: an experiment's name, and settings."""

    experiment: str
    settings: Settings

    @property
    def key(self) -> str:
        """Names it within its experiment: canonical JSON of the settings."""
        values = asdict(self.settings)  # type: ignore[call-overload]  # every kind of settings is a dataclass
        return json.dumps(values, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a claim comes from.

    paper: authors and year in short.  arxiv: its number.  place: table, figure or section.
    published: what stands there, in a sentence with its numbers; empty where no paper gives any that compares.
    closest: then the claim that comes closest, in a sentence, with its source where that is another one.
    """

    paper: str
    arxiv: str
    place: str = ""
    published: str = ""
    closest: str = ""

    @property
    def url(self) -> str:
        """Its page."""
        return f"https://arxiv.org/abs/{self.arxiv}"


@dataclass(frozen=True, kw_only=True)
class View:
    """One of several pictures of the same table, of which a visitor sees one at a time.

    name: in the address.  title: in the choice.  picture, words, seen: as of an experiment.
    """

    name: str
    title: str
    picture: Callable[[Table], go.Figure]
    words: Callable[[Table], str]
    seen: Callable[[Table], str]


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """A question before the picture is shown, and which option the measured numbers say is right."""

    question: str
    options: tuple[str, ...]
    right: Callable[[Table], str]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One statement that every seed must bear out by a margin that is declared beforehand.

    difference: by seed, positive where the statement holds, in ``unit``.
    """

    statement: str
    margin: float
    difference: Callable[[Table], Mapping[int, float]]
    unit: str = "points"

    @property
    def rule(self) -> str:
        """The rule in a sentence."""
        return RULE.format(margin=f"{self.margin:g}", unit=self.unit)

    def answer(self, table: Table) -> Answer:
        """By ``judge``."""
        return judge(self.difference(table), self.margin)


RULE = (
    "Reproduced where every seed shows a difference above {margin} {unit}, contradicted where every seed shows one of "
    "the other sign past that margin, else not at this scale."
)
EVIDENCE = "By seed: {values} {unit}."
ASKED = "Asked for: more than {margin} {unit} in every seed."
ASKED_OF_ONE = "Asked for: more than {margin} {unit}."
MEASURED = "Measured: from {low} to {high}."
MEASURED_OF_ONE = "Measured: {low}."


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the numbers say of a check, by which rule, and on which evidence.

    asked: the margin that decides.  measured: what came out, beside it.
    """

    statement: str
    answer: Answer
    rule: str
    evidence: str
    asked: str
    measured: str


def judge(differences: Mapping[int, float], margin: float) -> Answer:
    """The rule of ``Check``; ``differences`` by seed, one at least. One that is no number bears out nothing."""
    if not differences:
        raise ValueError("there is no seed to judge by; give the difference of one at least")
    if all(value > margin for value in differences.values()):
        return "reproduced"
    if all(value < -margin for value in differences.values()):
        return "contradicted"
    return "not at this scale"


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One question that the lab answers.

    name: in addresses, on the command line and of its table's file.
    title, question: as the page has them.
    claim: what has been said, in a sentence.  source: by whom.
    prediction: what a visitor is asked first.
    trials: the units of work for some seeds, in the full form or (True) in the quick one.
    measure: does one of them.
    picture: of a table.  words: the same for those who do not see it.
    views: where a table has several pictures, all of them; the first is ``picture``.
    seen: what was seen and why, in sentences with the table's numbers: a conclusion and what explains it, as two
    paragraphs (``said``).
    checks: what is judged.
    terms: what is done otherwise than in the race, and the settings that hold for all, in a sentence.
    reduced: what the quick form leaves out, in a sentence.
    live: whether the page has a part that measures at once, without a training.
    """

    name: str
    title: str
    question: str
    claim: str
    source: Source
    prediction: Prediction
    trials: Callable[[Sequence[int], bool], Sequence[Settings]]
    measure: Measure = field(repr=False)
    picture: Callable[[Table], go.Figure]
    words: Callable[[Table], str]
    seen: Callable[[Table], str]
    checks: tuple[Check, ...]
    terms: str
    reduced: str
    live: bool = False
    views: tuple[View, ...] = ()

    def units(self, seeds: Sequence[int], *, quick: bool) -> tuple[Trial, ...]:
        """``trials`` as they travel."""
        return tuple(Trial(self.name, settings) for settings in self.trials(seeds, quick))

    @property
    def shown(self) -> tuple[View, ...]:
        """``views``, or the one that there is."""
        return self.views or (View(name="", title=self.title, picture=self.picture, words=self.words, seen=self.seen),)

    def verdicts(self, table: Table) -> tuple[Verdict, ...]:
        """What a table of this experiment says of each of its checks."""
        return tuple(_verdict(check, check.difference(table)) for check in self.checks)


def _verdict(check: Check, differences: Mapping[int, float]) -> Verdict:
    values = ", ".join(f"{value:+.3g} (seed {seed})" for seed, value in sorted(differences.items()))
    several = len(differences) > 1
    return Verdict(
        statement=check.statement if check.statement.endswith(".") else f"{check.statement}.",
        answer=judge(differences, check.margin),
        rule=check.rule,
        evidence=EVIDENCE.format(values=values, unit=check.unit),
        asked=(ASKED if several else ASKED_OF_ONE).format(margin=f"{check.margin:g}", unit=check.unit),
        measured=(MEASURED if several else MEASURED_OF_ONE).format(
            low=f"{min(differences.values()):+.3g}", high=f"{max(differences.values()):+.3g}"
        ),
    )
