"""A line chart that grows while a race runs: redrawn in place, so it neither flickers nor loses its window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pages.parts.shared.front_end import front_end

Shape = Literal["circle", "square", "diamond"]


@dataclass(frozen=True)
class Line:
    """One line: x and y of equal length; ``dash`` is an SVG dash array, ``dots`` marks every point.

    shape, hollow: of its dots, which tell it from another line of the same colour and dash. named: in the legend.
    """

    label: str
    color: str
    dash: str
    x: Sequence[float]
    y: Sequence[float]
    dots: bool = False
    width: float = 2.5
    shape: Shape = "circle"
    hollow: bool = False
    named: bool = False


@dataclass(frozen=True)
class Cross:
    """Where a line breaks off, and why. y is None where the line has no point yet: the cross stands at the top."""

    label: str
    color: str
    x: float
    y: float | None
    reason: str


def live_curves(
    lines: Sequence[Line],
    *,
    crosses: Sequence[Cross] = (),
    title: str,
    note: str = "",
    x_range: tuple[float, float],
    y_range: tuple[float, float] | None = None,
    log_y: bool = False,
    unit: str = "",
    digits: int = 2,
    alone: bool = False,
    alt: str,
    key: str,
) -> None:
    """Draw ``lines`` over epochs, and ``crosses`` where some of them break off.

    y_range None fits the data; ``note`` stands behind the legend; ``alt`` says in words what is to be seen; ``alone``
    makes it higher in wide windows, for a chart that has the picture's place to itself.
    """
    front_end(Path(__file__).parent)(
        key=key,
        data={
            "lines": [asdict(line) for line in lines],
            "crosses": [asdict(cross) for cross in crosses],
            "title": title,
            "note": note,
            "xRange": list(x_range),
            "yRange": list(y_range) if y_range else None,
            "logY": log_y,
            "unit": unit,
            "digits": digits,
            "alone": alone,
            "alt": alt,
        },
    )
