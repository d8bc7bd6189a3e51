"""Step 6: BN's error over the batch size, as somebody draws it and as the experiment ``set-size`` measured it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.catalogue import DATASETS, NormName
from core.experiments.figures import Line, line
from core.experiments.set_size_seen import BROKEN, HARMED
from core.experiments.set_size_shown import BATCHES, FEW, MOST, ONE, PUBLISHED
from core.experiments.set_size_trained import trials
from core.experiments.settings import LabConfig
from core.experiments.table import Table

SIZES = tuple(size for size in BATCHES if size >= FEW)
"""Images a batch of the guess: with one, torch refuses a set of one number an image."""
PLACES = BATCHES
"""Images a batch of all that is measured; the published curves end earlier."""
LOWEST, HIGHEST = 1.0, 100.0
"""Errors that can be drawn, in percent; the axis is logarithmic."""
TICKS = (1, 2, 5, 10, 20, 50, 100)
CLOSE = 1.0
"""Points within which a guess counts as right."""
_NOT_YET = "-"
_BETWEEN = "_"
_VALUE = re.compile(r"[0-9]{1,3}(\.[0-9])?")

Drawn = tuple[float | None, ...]
"""An error in percent for each of ``SIZES``; None where none was drawn yet."""


def rounded(error: float) -> float:
    """As a guess is kept: within the axis, tenths below 10 % and whole percent above."""
    error = min(max(error, LOWEST), HIGHEST)
    return round(error, 1) if error < 10 else float(round(error))


def as_text(drawn: Drawn) -> str:
    """``drawn`` for an address: "52_3.1_-_2_2_2_2"; empty where nothing was drawn."""
    if not any(drawn):
        return ""
    return _BETWEEN.join(_NOT_YET if error is None else f"{rounded(error):g}" for error in drawn)


def from_text(text: str) -> Drawn | None:
    """What ``as_text`` wrote; None for any other text."""
    parts = text.split(_BETWEEN)
    if len(parts) != len(SIZES) or not all(part == _NOT_YET or _VALUE.fullmatch(part) for part in parts):
        return None
    drawn = tuple(None if part == _NOT_YET else float(part) for part in parts)
    return drawn if any(drawn) and all(error is None or LOWEST <= error <= HIGHEST for error in drawn) else None


def at_places(drawn: Drawn) -> Drawn:
    """``drawn`` at ``PLACES``."""
    errors = dict(zip(SIZES, drawn, strict=True))
    return tuple(errors.get(size) for size in PLACES)


def whole(drawn: Drawn) -> tuple[float, ...] | None:
    """``drawn`` as a guess at every size; None where one lacks."""
    errors = tuple(error for error in drawn if error is not None)
    return errors if len(errors) == len(SIZES) else None


@dataclass(frozen=True)
class Measured:
    """What step 6 shows of a table, over ``PLACES``: error in percent, for each size those of all seeds.

    one: BN where a set of the last norm has one number an image, over ``SIZES``.  own: BN in the network as it is,
    where a set has ``numbers`` an image.  gn, gn_own: GN in the network of ``one``, and in that of ``own``.
    steps: of a training with the largest batches.  terms: data and seeds, in words.
    """

    one: Line
    own: Line
    gn: Line
    gn_own: Line
    numbers: int
    steps: int
    terms: str


ONE_NUMBER, MORE_NUMBERS = "{norm}, maximum (1 number)", "{norm}, usual ({numbers} numbers)"
"""Of a curve of BN: the network, and how many numbers a channel of an image has there before the last norm."""
MAXIMUM, USUAL = "{norm}, maximum", "{norm}, usual"
"""Of the curves of GN in the same two networks: its sets are of several channels, so that a number would be wrong."""
TERMS = "{dataset}, {images:,} training images, {epochs} epochs: means and ranges of {seeds} seeds."


class MeasuredError(ValueError):
    """A table does not hold what step 6 shows. The message is a sentence."""


def measured(table: Table) -> Measured:
    """The curves of a table of all seeds; ``MeasuredError`` where a size lacks."""
    found = table.distinct("numbers", norm="bn", kind="batches", pooled=False, images=SIZES[0])
    if len(found) != 1 or not isinstance(found[0], int) or found[0] < SIZES[0]:
        raise MeasuredError(INCOMPLETE)
    numbers = found[0] // SIZES[0]
    first = trials(table.seeds[:1], quick=False)[0]
    curves = Measured(
        one=_curve(table, "bn", ONE_NUMBER, pooled=True),
        own=_curve(table, "bn", MORE_NUMBERS, pooled=False, numbers=numbers, twin=1),
        gn=_curve(table, "gn", MAXIMUM, pooled=True),
        gn_own=_curve(table, "gn", USUAL, pooled=False, twin=1),
        numbers=numbers,
        steps=first.epochs * math.ceil(first.images / SIZES[-1]),
        terms=TERMS.format(
            dataset=DATASETS[first.dataset].title, images=first.images, epochs=first.epochs, seeds=len(table.seeds)
        ),
    )
    if curves.one.x != SIZES or any(each.x != PLACES for each in (curves.own, curves.gn, curves.gn_own)):
        raise MeasuredError(INCOMPLETE)
    return curves


INCOMPLETE = f"The table of this experiment lacks some of the batch sizes {PLACES[0]} to {PLACES[-1]}."


def _curve(table: Table, norm: NormName, label: str, *, pooled: bool, numbers: int = 1, twin: int = 0) -> Line:
    name = label.format(norm=LabConfig(norm=norm).label, numbers=numbers)
    return line(table, name, norm, "images", "error", twin=twin, norm=norm, kind="batches", pooled=pooled)


PERCENT, DRAWN = "{:.1f}\N{NO-BREAK SPACE}%", "{:g}\N{NO-BREAK SPACE}%"
"""An error that was measured, and one that was drawn."""
FURTHEST = "Furthest off: at batch size {size} you drew {guess}, not **{error}**."
NOWHERE = "Nowhere more than {points:.1f} points off: at batch size {size} you drew {guess}, measured is **{error}**."
_MAXIMUM = "Where the maximum of each channel leaves one number per image, a set has {size} at batch size {size}. "
BROKE = _MAXIMUM + "BN turns them into −1 and +1, loses how large they were, and is wrong on **{bn}** (GN: {gn})."
DID_NOT_BREAK = _MAXIMUM + "BN is wrong on **{bn}**, GN on {gn}."
_USUAL = "Without that maximum, as is usual, an image gives {numbers} numbers, and batch size {size} "
OWN = _USUAL + "costs BN little: {own} wrong (GN: {gn_own})."
OWN_HARMED = _USUAL + "still does BN harm: {own} wrong (GN: {gn_own})."
ALONE = (
    "Trained with batch size 1 (and tested in inference mode) BN is wrong on **{bn}** (GN: {gn}); with the maximum "
    "torch refuses it."
)
AHEAD = (
    "After this short training BN is better than GN from batch size {size} on with the maximum, from {usual} on "
    "without; on ImageNet from {published} on."
)
AHEAD_WITH_THE_MAXIMUM = (
    "After this short training BN is better than GN from batch size {size} on with the maximum; on ImageNet from "
    "{published} on."
)
FEWER_STEPS = "GN's rise at {size} comes from few training steps ({steps} in all), with which BN learns more."


@dataclass(frozen=True)
class Distance:
    """Where a guess is furthest off: batch size, and there the guess and what was measured, in percent."""

    size: int
    guess: float
    error: float

    @property
    def points(self) -> float:
        """|guess - error|."""
        return abs(self.guess - self.error)


def furthest(guess: Sequence[float], errors: Sequence[float]) -> Distance:
    """The size of the largest |guess - error|, the smallest of several; both have one error for each of ``SIZES``."""
    pairs = [Distance(*each) for each in zip(SIZES, guess, errors, strict=True)]
    return max(pairs, key=lambda each: each.points)


def about_guess(guess: Sequence[float], curves: Measured) -> str:
    """How far the guess was off, and at which batch size."""
    found = furthest(guess, curves.one.mean)
    template = NOWHERE if found.points <= CLOSE else FURTHEST
    guess_said, error = DRAWN.format(found.guess), PERCENT.format(found.error)
    return template.format(size=found.size, guess=guess_said, error=error, points=found.points)


def about_curves(curves: Measured) -> str:
    """What they say, a paragraph each: whether two numbers are too few, what the network as it is makes of it and of
    one image, who is ahead.
    """
    one, own, gn, gn_own = (_means(each) for each in (curves.one, curves.own, curves.gn, curves.gn_own))
    few = {"bn": one[FEW], "gn": gn[FEW], "own": own[FEW], "gn_own": gn_own[FEW]}
    alone = {"bn": own[ONE], "gn": gn_own[ONE]}
    usual = OWN_HARMED if own[FEW] - min(own.values()) > HARMED else OWN
    said = [
        (BROKE if one[FEW] - gn[FEW] > BROKEN else DID_NOT_BREAK).format(**_percent(few), size=FEW),
        f"{usual.format(**_percent(few), size=FEW, numbers=curves.numbers)} {ALONE.format(**_percent(alone))}",
    ]
    later = []
    if (size := ahead_from(curves)) is not None:
        in_usual, published = _ahead(own, gn_own), _ahead(*map(_means, PUBLISHED))
        template = AHEAD_WITH_THE_MAXIMUM if in_usual is None else AHEAD
        later.append(template.format(size=size, usual=in_usual, published=published))
    if max(gn[MOST] - gn[FEW], gn_own[MOST] - gn_own[FEW]) > HARMED:
        later.append(FEWER_STEPS.format(size=MOST, steps=curves.steps))
    return "\n\n".join([*said, *([" ".join(later)] if later else [])])


def _means(found: Line) -> dict[float, float]:
    """By batch size."""
    return dict(zip(found.x, found.mean, strict=True))


def _percent(errors: Mapping[str, float]) -> dict[str, str]:
    return {name: PERCENT.format(error) for name, error in errors.items()}


def ahead_from(curves: Measured) -> int | None:
    """The least batch size from which on BN with one number an image has the lower error; None where there is none."""
    return _ahead(_means(curves.one), _means(curves.gn))


def _ahead(bn: Mapping[float, float], gn: Mapping[float, float]) -> int | None:
    """The least size, of those that both have, from which on ``bn`` is lower; None where there is none."""
    found = None
    for size in sorted(bn.keys() & gn.keys(), reverse=True):
        if bn[size] >= gn[size]:
            break
        found = int(size)
    return found
