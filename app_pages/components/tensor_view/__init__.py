"""The four images as a touchable tensor: point at a cell and all cells of its set light up in the browser."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.four_images import Cell
from core.layer_images import Images
from core.normalization import EPS, Array, Statistics, set_name

_FOLDER = Path(__file__).parent


@st.cache_resource
def _component() -> Any:
    # registered once a process: registering again on every rerun would resend the code
    return st.components.v2.component(
        "normlens_tensor_view",
        html=(_FOLDER / "tensor_view.html").read_text(),
        css=(_FOLDER / "tensor_view.css").read_text(),
        # one module of two files: a component outside a package takes its code as text and cannot import
        js="\n".join((_FOLDER / name).read_text() for name in ("tensor_picture.js", "tensor_view.js")),
    )


def _packed(x: Array) -> str:
    return base64.b64encode(np.ascontiguousarray(x, dtype="<f4").tobytes()).decode()


def tensor_view(
    x: Array, stats: Statistics, pinned: Cell, *, title: str, key: str, thumbs: Images | None = None
) -> Cell:
    """Draw ``x`` (N, C, H, W) coloured by the sets of ``stats`` and return the cell that is pinned now.

    Only what the picture needs travels: the numbers once, one set number for each plane (n, c), and the
    mean and variance of each set. thumbs: (N, 28, 28) images to show beside their rows.
    """
    channels = x.shape[1]
    data = {
        "shape": list(x.shape),
        "values": _packed(x),
        "planes": stats.index[:, :, 0, 0].ravel().tolist(),
        "mean": stats.mean.tolist(),
        "var": stats.var.tolist(),
        "names": [set_name(stats.norm, s, channels, stats.groups) for s in range(stats.count)],
        "cells": stats.cells,
        "eps": EPS,
        "pinned": list(pinned),
        "title": title,
        "thumbs": None if thumbs is None else base64.b64encode(thumbs.tobytes()).decode(),
    }
    result = _component()(key=key, data=data, on_pinned_change=lambda: None)
    chosen = result.pinned
    return tuple(chosen) if is_cell(chosen, x.shape) else pinned  # type: ignore[return-value]


def is_cell(chosen: object, shape: tuple[int, ...]) -> bool:
    """Whether what the browser sent names a cell of this shape: it can send anything."""
    return (
        isinstance(chosen, list | tuple)
        and len(chosen) == 4
        and all(isinstance(i, int) and 0 <= i < size for i, size in zip(chosen, shape, strict=True))
    )
