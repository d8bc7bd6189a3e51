"""The curves of a race while they grow: loss and accuracy, in the window that the visitor sets."""

from __future__ import annotations

import math

import streamlit as st

from core.catalogue import DATASETS, NORMS
from core.jobs.snapshots import RaceSnapshot, VariantSnapshot
from core.jobs.words import settings
from pages.parts.train.live_curves import Cross, Line, live_curves

_WINDOWS = {"all": None, "from 90 %": (90.0, 100.0), "from 98 %": (98.0, 100.0)}
WINDOW_KEY = "train_window"
LAST_EPOCHS = 3
_ALL_EPOCHS, _LAST_EPOCHS = "all epochs", f"last {LAST_EPOCHS} epochs"
EPOCHS_KEY = "train_epochs_window"


def race_curves(snapshot: RaceSnapshot) -> None:
    """Two charts and the controls of their window, which survive every update."""
    dataset = DATASETS[snapshot.variants[0].config.dataset].title
    losses, accuracies = _lines(snapshot)
    loss_crosses, accuracy_crosses = _crosses(snapshot)
    y_range, last_epochs = _window()
    x_range = _epochs_shown(snapshot, last_epochs)
    left, right = st.columns(2)
    with left:
        live_curves(
            losses,
            crosses=loss_crosses,
            title=f"Loss on {dataset}: training (thin), test (dots)",
            x_range=x_range,
            log_y=True,
            digits=4,
            alt=_alt(snapshot, "test_loss", "test loss"),
            key="train_loss_chart",
        )
    with right:
        live_curves(
            accuracies,
            crosses=accuracy_crosses,
            title=f"Test accuracy on {dataset} (%)",
            x_range=x_range,
            y_range=y_range,
            unit="%",
            alt=_alt(snapshot, "test_accuracy", "test accuracy in percent"),
            key="train_accuracy_chart",
        )


def _lines(snapshot: RaceSnapshot) -> tuple[list[Line], list[Line]]:
    """The lines of the losses, two a variant, and of the accuracies."""
    losses, accuracies = [], []
    seen: set[str] = set()
    for variant in snapshot.variants:
        hollow = variant.config.norm in seen  # the second of a norm has its colour and dash
        seen.add(variant.config.norm)
        row = NORMS[variant.config.norm]
        color, dash = row.color, row.strokes
        between, loss = [p.epoch for p in variant.curve], [p.train_loss for p in variant.curve]
        x = [row.epoch for row in variant.rows]
        test_loss = [row.test_loss for row in variant.rows]
        accuracy = [row.test_accuracy for row in variant.rows]
        losses.append(Line(f"{variant.label}, training", color, dash, between, loss, width=1.5))
        losses.append(Line(f"{variant.label}, test", color, dash, x, test_loss, dots=True, hollow=hollow))
        accuracies.append(Line(variant.label, color, dash, x, accuracy, dots=True, hollow=hollow))
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


def _window() -> tuple[tuple[float, float] | None, bool]:
    """The controls of the window: the range of the accuracies, and whether only the last epochs are shown."""
    with st.container(horizontal=True):
        window = st.segmented_control(
            "Accuracy axis", list(_WINDOWS), default="all", required=True, key=WINDOW_KEY, persist_state="session"
        )
        epochs = st.segmented_control(
            "Epoch axis",
            [_ALL_EPOCHS, _LAST_EPOCHS],
            default=_ALL_EPOCHS,
            required=True,
            key=EPOCHS_KEY,
            persist_state="session",
        )
    return _WINDOWS[window or "all"], epochs == _LAST_EPOCHS


def _position(variant: VariantSnapshot) -> float:
    """How far a variant has come, in epochs."""
    return variant.progress * variant.config.epochs


def _epochs_shown(snapshot: RaceSnapshot, last: bool) -> tuple[float, float]:
    """First and last epoch of the charts; whole ones, so that the axis moves once an epoch."""
    whole = max(variant.config.epochs for variant in snapshot.variants)
    if not last:
        return 0, whole
    end = max(min(LAST_EPOCHS, whole), *(math.ceil(_position(variant)) for variant in snapshot.variants))
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
