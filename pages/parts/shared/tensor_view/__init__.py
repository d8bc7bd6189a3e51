"""The four images as a touchable tensor: point at a cell and all cells of its set light up in the browser."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import streamlit as st

from core.catalogue import NORMS
from core.four_images.activations import Images
from core.four_images.source import Cell
from core.normalization import Array, set_name
from core.palette import AROUND_ZERO, AROUND_ZERO_DARK, HUES, HUES_DARK, hue_number
from pages.parts.shared.shown import Shown

_FOLDER = Path(__file__).parent
AROUND = 470
"""Pixels of a window that the page needs above the cells, and for the number line and the readout below them."""
MOST_TYPED = 12


@st.cache_resource
def _component() -> Any:
    # registered once a process: registering again on every rerun would resend the code
    return st.components.v2.component(
        "normlens_tensor_view",
        html=(_FOLDER / "tensor_view.html").read_text(encoding="utf-8"),
        css=(_FOLDER / "tensor_view.css").read_text(encoding="utf-8"),
        # one module of four files: a component outside a package takes its code as text and cannot import
        js="\n".join(
            (_FOLDER / name).read_text(encoding="utf-8")
            for name in ("colours.js", "tensor_picture.js", "number_line.js", "tensor_view.js")
        ),
    )


def _packed(x: Array) -> str:
    return base64.b64encode(np.ascontiguousarray(x, dtype="<f4").tobytes()).decode()


def tensor_view(
    shown: Shown,
    pinned: Cell,
    *,
    title: str,
    key: str,
    on_pin: Callable[[], None],
    on_type: Callable[[], None] | None = None,
    thumbs: Images | None = None,
    around: int = AROUND,
    lean: bool = False,
    leads: Literal["before", "after", "out", "tint"] = "before",
) -> None:
    """Draw a tensor (N, C, H, W) coloured by its sets, the cell ``pinned`` marked, and the pinned set on a number line.

    Only what the picture needs travels: the numbers once, the first set of each plane (n, c) and, where a plane holds
    several, how far each of its places is from that; mean, variance, name and hue of each set.
    thumbs: (N, 28, 28) images to show beside their rows. on_pin is called before the next run when a person has pinned
    a cell, so that ``pinned`` can follow; ``pinned_by_hand`` says which. on_type, where numbers can be typed, likewise
    with ``typed_by_hand``.  around: pixels of the window's height that are left to all else than the cells.
    lean: the cells alone, without number line and readout; what is said of a cell is still spoken.  leads: which
    numbers it shows at first, and again where another one leads than before.
    """
    x, stats = shown.x, shown.stats
    row = NORMS[stats.norm]
    planes = stats.index[:, :, 0, 0]
    data = {
        "shape": list(x.shape),
        "values": _packed(x),
        "old": None if shown.old is None else _packed(shown.old),
        "tint": None if shown.tint is None else _packed(shown.tint),
        "tintName": shown.tint_name,
        "planes": planes.ravel().tolist(),
        "within": (stats.index[0, 0] - planes[0, 0]).ravel().tolist() if "H" in row.numbering else None,
        "hues": [hue_number(s) for s in range(stats.count)],
        "palette": {"light": HUES, "dark": HUES_DARK},
        "centredPalette": {"light": AROUND_ZERO, "dark": AROUND_ZERO_DARK},
        "centred": row.centred,
        "running": shown.running,
        "mean": stats.mean.tolist(),
        "var": stats.var.tolist(),
        "names": list(shown.names) or [set_name(stats.norm, s, x.shape, stats.groups) for s in range(stats.count)],
        "cells": stats.cells,
        "eps": shown.eps,
        "gamma": shown.gamma.tolist(),
        "beta": shown.beta.tolist(),
        "pinned": list(pinned),
        "title": title,
        "editable": on_type is not None,
        "around": around,
        "lean": lean,
        "leads": leads,
        "thumbs": None if thumbs is None else base64.b64encode(thumbs.tobytes()).decode(),
    }
    _component()(key=key, data=data, on_pinned_change=on_pin, on_typed_change=on_type or _nothing)


def _nothing() -> None:
    """Nothing can be typed here."""


def pinned_by_hand(key: str) -> Cell | None:
    """Inside ``on_pin``: the cell that the browser sent; None for anything else, since it can send anything."""
    return as_cell(st.session_state[key].get("pinned"))


def typed_by_hand(key: str) -> tuple[Cell, str] | None:
    """Inside ``on_type``: a cell, and what was typed into it; None for anything else."""
    sent = st.session_state[key].get("typed")
    if not isinstance(sent, Mapping):
        return None
    cell, text = as_cell(sent.get("cell")), sent.get("text")
    return (cell, text) if cell is not None and isinstance(text, str) and len(text) <= MOST_TYPED else None


def as_cell(chosen: object) -> Cell | None:
    """``chosen`` as a cell of some tensor, four whole numbers from 0 to 9,998; None where it is none."""
    if not isinstance(chosen, list | tuple) or len(chosen) != 4:
        return None
    if not all(isinstance(i, int) and not isinstance(i, bool) and 0 <= i < 9999 for i in chosen):
        return None
    return tuple(chosen)
