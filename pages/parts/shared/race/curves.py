"""The curves of a race while they grow: loss and accuracy, in the window that the visitor sets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypedDict

import streamlit as st

from core.catalogue import CLASSES, DATASETS, NORMS
from core.config import RunConfig
from core.jobs.snapshots import RaceSnapshot, VariantSnapshot
from core.jobs.words import early_images, settings
from core.labels import distinct_labels
from pages.parts.shared.live_curves import Cross, Line, Shape, live_curves

_WINDOWS = {"0 to 100 %": (0.0, 100.0), "from 90 %": (90.0, 100.0), "from 98 %": (98.0, 100.0)}
_FULL = next(iter(_WINDOWS))
WINDOW_KEY = "train_window"
LAST_EPOCHS = 3
_SO_FAR, _ALL_EPOCHS, _LAST_EPOCHS = "so far", "all epochs", f"last {LAST_EPOCHS} epochs"
EPOCHS_KEY = "train_epochs_window"
GROWTH = (1 / 16, 1 / 8, 1 / 4, 1 / 2)
"""Where the epoch axis ends at first; from then on it ends at whole epochs."""
_LOSS_TITLE = "Loss on {dataset}, log axis: training (thin), test (dots)"
_ACCURACY_TITLE = "Test accuracy on {dataset} (%)"
_EARLY = "thin, in the first epoch: {images}"
_START = "Every network starts at a loss of ln 10 = 2.30: ten classes, equally probable."
_TESTED = "It is tested after each epoch, on {images:,} images that it never trains on."
_SHAPES: tuple[Shape, ...] = ("circle", "circle", "square", "square", "diamond")
"""Of the dots of one norm's variants, the first one's first; every second one's are hollow."""


class Dots(TypedDict):
    """How a line shows its points."""

    shape: Shape
    hollow: bool
    dots: bool


def race_curves(snapshot: RaceSnapshot) -> None:
    """Two charts and the controls of their window, which survive every update."""
    dataset = DATASETS[snapshot.variants[0].config.dataset].title
    losses, accuracies = _lines(snapshot)
    loss_crosses, accuracy_crosses = _crosses(snapshot)
    y_range, epochs = _window()
    x_range = epochs_shown(snapshot, epochs)
    left, right = st.columns(2)
    with left:
        live_curves(
            losses,
            crosses=loss_crosses,
            title=_LOSS_TITLE.format(dataset=dataset),
            x_range=x_range,
            log_y=True,
            digits=4,
            alt=_alt(snapshot, "test_loss", "test loss"),
            key="train_loss_chart",
        )
    with right:
        _accuracies(snapshot, accuracies, accuracy_crosses, x_range, y_range, "train_accuracy_chart")


def accuracy_curves(snapshot: RaceSnapshot, *, key: str) -> None:
    """The chart of the accuracies alone, over all epochs and from 0 to 100 %."""
    epochs = epochs_shown(snapshot, _ALL_EPOCHS)
    _accuracies(snapshot, _lines(snapshot)[1], _crosses(snapshot)[1], epochs, _WINDOWS[_FULL], key, alone=True)


def _accuracies(
    snapshot: RaceSnapshot,
    lines: list[Line],
    crosses: list[Cross],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    key: str,
    *,
    alone: bool = False,
) -> None:
    dataset = snapshot.variants[0].config.dataset
    images = {point.images for variant in snapshot.variants for point in variant.early}
    live_curves(
        lines,
        crosses=crosses,
        title=_ACCURACY_TITLE.format(dataset=DATASETS[dataset].title),
        note=_EARLY.format(images=early_images(images.pop(), dataset)) if images else "",
        x_range=x_range,
        y_range=y_range,
        unit="%",
        alone=alone,
        alt=_alt(snapshot, "test_accuracy", "test accuracy in percent"),
        key=key,
    )


def preview(configs: Sequence[RunConfig]) -> None:
    """The two charts before a race of ``configs``: where every network starts, and how far the axes will reach."""
    row = DATASETS[configs[0].dataset]
    left, right = st.columns(2)
    with left:
        live_curves(
            _starts(configs, math.log(CLASSES)),
            title=_LOSS_TITLE.format(dataset=row.title),
            x_range=(0.0, float(configs[0].epochs)),
            y_range=(0.01, 3.0),
            log_y=True,
            digits=4,
            alt=f"Empty line chart of losses over epochs. {_START}",
            key="train_loss_preview",
        )
    with right:
        accuracy_preview(configs, key="train_accuracy_preview")
    st.caption(f"{_START} {_TESTED.format(images=row.test_images)}")


def accuracy_preview(configs: Sequence[RunConfig], *, key: str, alone: bool = False) -> None:
    """The chart of the accuracies before a race of ``configs``; ``alone`` as ``live_curves`` has it."""
    live_curves(
        _starts(configs, 100 / CLASSES),
        title=_ACCURACY_TITLE.format(dataset=DATASETS[configs[0].dataset].title),
        x_range=(0.0, float(configs[0].epochs)),
        y_range=_WINDOWS[_FULL],
        unit="%",
        alone=alone,
        alt="Empty line chart of test accuracies over epochs. Ten classes: one answer in ten is right by chance.",
        key=key,
    )


def _starts(configs: Sequence[RunConfig], value: float) -> list[Line]:
    """A line of one point for each of ``configs``."""
    return [
        Line(label, color, dash, [0.0], [value], named=True, shape=shape, hollow=hollow, dots=True)
        for label, (color, dash, shape, hollow) in zip(distinct_labels(configs), _looks(configs), strict=True)
    ]


def _looks(configs: Sequence[RunConfig]) -> list[tuple[str, str, Shape, bool]]:
    """Colour, dash and dots of each variant: colour and dash say the norm, dots tell those of one norm apart."""
    before: dict[str, int] = {}
    found = []
    for config in configs:
        row, twin = NORMS[config.norm], before.get(config.norm, 0)
        before[config.norm] = twin + 1
        found.append((row.color, row.strokes, _SHAPES[twin % len(_SHAPES)], twin % 2 == 1))
    return found


def _lines(snapshot: RaceSnapshot) -> tuple[list[Line], list[Line]]:
    """The lines of the losses, two a variant, and of the accuracies, of which the thin ones are looks."""
    losses, accuracies = [], []
    looks = _looks([variant.config for variant in snapshot.variants])
    for variant, (color, dash, shape, hollow) in zip(snapshot.variants, looks, strict=True):
        dots: Dots = {"shape": shape, "hollow": hollow, "dots": True}
        between, loss = [p.epoch for p in variant.curve], [p.train_loss for p in variant.curve]
        x = [row.epoch for row in variant.rows]
        test_loss = [row.test_loss for row in variant.rows]
        accuracy = [row.test_accuracy for row in variant.rows]
        losses.append(Line(f"{variant.label}, training", color, dash, between, loss, width=1.5))
        losses.append(Line(f"{variant.label}, test", color, dash, x, test_loss, named=True, **dots))
        if variant.early:
            early, right = [p.epoch for p in variant.early], [p.test_accuracy for p in variant.early]
            on = f"{variant.label}, on {variant.early[0].images} images"
            accuracies.append(Line(on, color, dash, early, right, width=1.0, **dots))
        accuracies.append(Line(variant.label, color, dash, x, accuracy, named=True, **dots))
    return losses, accuracies


def _crosses(snapshot: RaceSnapshot) -> tuple[list[Cross], list[Cross]]:
    """Where variants diverged: on the chart of the losses, and on that of the accuracies."""
    losses, accuracies = [], []
    for variant in snapshot.variants:
        if variant.status != "diverged":
            continue
        # the value itself is not a number, so the cross stands at the last one that was
        where, color = _position(variant), NORMS[variant.config.norm].color
        loss = variant.curve[-1].train_loss if variant.curve else None
        accuracy = variant.rows[-1].test_accuracy if variant.rows else None
        losses.append(Cross(variant.label, color, where, loss, variant.message))
        accuracies.append(Cross(variant.label, color, where, accuracy, variant.message))
    return losses, accuracies


def _window() -> tuple[tuple[float, float], str]:
    """The controls of the window: the range of the accuracies, and which epochs are shown."""
    with st.container(horizontal=True, gap="small"):
        window = st.segmented_control(
            "Accuracy axis",
            list(_WINDOWS),
            default=_FULL,
            required=True,
            key=WINDOW_KEY,
            persist_state="session",
            label_visibility="collapsed",
        )
        epochs = st.segmented_control(
            "Epoch axis",
            [_SO_FAR, _ALL_EPOCHS, _LAST_EPOCHS],
            default=_SO_FAR,
            required=True,
            key=EPOCHS_KEY,
            persist_state="session",
            label_visibility="collapsed",
        )
    return _WINDOWS[window or _FULL], epochs or _SO_FAR


def _position(variant: VariantSnapshot) -> float:
    """How far a variant has come, in epochs."""
    return variant.progress * variant.config.epochs


def epochs_shown(snapshot: RaceSnapshot, which: str) -> tuple[float, float]:
    """First and last epoch of the charts; in steps, so that the axis moves now and then."""
    whole = max(variant.config.epochs for variant in snapshot.variants)
    if which == _ALL_EPOCHS:
        return 0, whole
    position = max(_position(variant) for variant in snapshot.variants)
    if which == _SO_FAR:
        return 0, next((end for end in GROWTH if position < end), min(whole, max(1, math.ceil(position))))
    end = max(min(LAST_EPOCHS, whole), math.ceil(position))
    return max(0, end - LAST_EPOCHS), end


def _alt(snapshot: RaceSnapshot, field: str, name: str) -> str:
    parts = [
        f"{v.label} {getattr(v.rows[-1], field):.4g} after epoch {v.rows[-1].epoch}"
        for v in snapshot.variants
        if v.rows
    ]
    parts += [
        f"{v.label} diverged, marked by a cross: {v.message}" for v in snapshot.variants if v.status == "diverged"
    ]
    return f"Line chart of {name} over epochs. {settings(snapshot)} " + (
        "; ".join(parts) if parts else "No epoch has ended yet."
    )
