"""What a benchmark found: one object for a script, and the tables of the README."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.catalogue import NormName
from core.config import preset

TARGETS = {"seconds_to_99": 99.0, "seconds_to_994": 99.4}
"""Accuracies in percent, by the field of ``NormFigures`` that says how soon they are reached."""

NAMES: dict[NormName, str] = {config.norm: config.label for config in preset("assignment")}


@dataclass(frozen=True, kw_only=True)
class TimeTo:
    """How soon an accuracy is reached: by a schedule of ``epochs``, in the median of ``times``, one a seed."""

    seconds: float
    epochs: int
    accuracies: list[float]
    times: list[float]


@dataclass(frozen=True, kw_only=True)
class NormFigures:
    """One variant alone: images a second, and the time to an accuracy, None where not measured or not reached."""

    notebook_images_per_second: float
    single_images_per_second: float
    seconds_to_99: TimeTo | None = None
    seconds_to_994: TimeTo | None = None


@dataclass(frozen=True, kw_only=True)
class Result:
    """All figures of one benchmark.

    rounds: images a second of each round, by what was measured, such as "notebook bn".  norms: the medians of each
    variant.  Rates by batch size and by width are None where a quick benchmark left them out.
    """

    threads: int
    torch: str
    precision: str
    rounds: Mapping[str, Sequence[float]]
    race_images_per_second: float
    race_ratio: float
    gemm_peak_gflops: float
    training_mflop_per_image: Mapping[NormName, float]
    achieved_gflops: float
    assignment_20_epochs_minutes: float
    assignment_20_epochs_minutes_notebook: float
    norms: Mapping[NormName, NormFigures]
    images_per_second_by_batch_size: Mapping[int, float] | None = None
    images_per_second_by_width: Mapping[int, float] | None = None

    def to_json(self) -> dict[str, Any]:
        """A dictionary of plain values: each norm under its own name, and nothing that was left out."""
        values: dict[str, Any] = {}
        for name, value in asdict(self).items():
            if name == "norms":
                values |= value
            elif value is not None:
                values[name] = value
        return values


def table(result: Result) -> str:
    """The figures as the Markdown text of the README."""
    parts = [_rates(result), _sentences(result)]
    for title, rates in (
        ("batch size", result.images_per_second_by_batch_size),
        ("channels", result.images_per_second_by_width),
    ):
        if rates is not None:
            cells = (_rate(value) for value in rates.values())
            parts.append(_table([f"{title} ({NAMES['bn']})", *map(str, rates)], ["images a second", *cells]))
    return "\n\n".join(parts)


def _rates(result: Result) -> str:
    norms = [norm for norm in NAMES if norm in result.norms]

    def spread(kind: str, rate: Callable[[NormFigures], float]) -> list[str]:
        rounds = {norm: result.rounds[f"{kind} {norm}"] for norm in norms}
        return [f"{_rate(rate(result.norms[n]))} ({_rate(min(rounds[n]))} to {_rate(max(rounds[n]))})" for n in norms]

    rows = [
        ["the notebook way", *spread("notebook", lambda figures: figures.notebook_images_per_second)],
        ["one variant alone", *spread("single", lambda figures: figures.single_images_per_second)],
    ]
    if result.images_per_second_by_width is not None:  # a quick one has not measured them
        rows += [
            ["time to 99.0 %", *(_reached(result.norms[norm].seconds_to_99) for norm in norms)],
            ["time to 99.4 %", *(_reached(result.norms[norm].seconds_to_994) for norm in norms)],
        ]
    return _table(["images a second", *(NAMES[norm] for norm in norms)], *rows)


def _sentences(result: Result) -> str:
    low, high = (_rate(f(result.rounds["race"])) for f in (min, max))
    return (
        f"A race of the three trains {_rate(result.race_images_per_second)} ({low} to {high}) images a second in "
        f"all, {result.race_ratio:.1f} times the mean of the notebook way ({result.threads} threads, "
        f"{result.precision}). The three for 20 epochs, tests left out: "
        f"{result.assignment_20_epochs_minutes:.1f} minutes, the notebook way "
        f"{result.assignment_20_epochs_minutes_notebook:.1f}. Arithmetic: {result.achieved_gflops:.0f} Gflop/s, "
        f"where a matrix multiplication in fp32 reaches {result.gemm_peak_gflops:.0f}."
    )


def _table(head: list[str], *rows: list[str]) -> str:
    import pandas as pd  # slow to import, and needed for the text alone

    return pd.DataFrame(rows, columns=head).to_markdown(tablefmt="github", index=False, disable_numparse=True)


def _rate(value: float) -> str:
    return f"{value:,.0f}"


def _reached(value: TimeTo | None) -> str:
    if value is None:
        return "not within 20 epochs"
    return f"{value.seconds:.0f} s ({value.epochs} epoch{'s' if value.epochs > 1 else ''})"
