"""The four images as a touchable tensor: point at a cell and all cells of its set light up in the browser."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.catalogue import NORMS
from core.four_images.activations import Images
from core.four_images.source import Cell
from core.normalization import Array, Shape, set_name
from core.palette import AROUND_ZERO, AROUND_ZERO_DARK, HUES, HUES_DARK, hue_number
from pages.parts.shared.front_end import front_end
from pages.parts.shared.shown import Shown

AROUND = 470
"""Pixels of a window that the page needs above the cells, and for the number line and the readout below them."""
MOST_TYPED, MOST_UNHEARD = 12, 64
"""Characters of a number, and numbers that come at once: those of which the server had not heard."""
_SCRIPTS = ("colours.js", "tensor_picture.js", "number_line.js", "dots.js", "choosing.js", "tensor_view.js")


@dataclass(frozen=True, eq=False)
class Choice:
    """Cells that a person is asked to point at.

    task: which question it is; another one starts from ``chosen`` again.  chosen: (N, C, H, W), what is chosen already.
    marks: (N, C, H, W), once it is answered: 0 for nothing to say, 1 right, 2 missed, 3 wrong.
    secret: whether the sets are still to be found, so that the picture shows none.
    """

    task: str
    chosen: NDArray[np.bool_]
    marks: NDArray[np.int_] | None = None
    secret: bool = True


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
    lines: Literal[1, 2] = 1,
    reach: tuple[float, float] | None = None,
    choice: Choice | None = None,
    on_choose: Callable[[], None] | None = None,
    leads: Literal["before", "after", "out", "tint"] = "before",
) -> None:
    """Draw a tensor (N, C, H, W) coloured by its sets, the cell ``pinned`` marked, and the pinned set on a number line.

    Only what the picture needs travels: the numbers once, the first set of each plane (n, c) and, where a plane holds
    several, how far each of its places is from that; mean, variance, name and hue of each set.
    thumbs: (N, 28, 28) images to show beside their rows. on_pin is called before the next run when a person has pinned
    a cell, so that ``pinned`` can follow; ``pinned_by_hand`` says which. on_type, where numbers can be typed, or moved
    on the number line, likewise with ``typed_by_hand``.  around: pixels of the window's height that are left to all
    else than the cells.  lean: the cells alone, without number line and readout; what is said of a cell is still
    spoken.  lines: 2 for x and its normalized values, or y where gamma and beta act, on a line each, one below the
    other.  reach: what the axis of x covers at least.  choice: cells to point at, ``pinned`` being the one that they
    are compared with; on_choose likewise, with ``chosen_by_hand``.
    leads: which numbers it shows at first, and again where another one leads than before.
    """
    data = {
        **_batch(shown),
        "pinned": list(pinned),
        "title": title,
        "editable": on_type is not None,
        "around": around,
        "lean": lean,
        "lines": lines,
        "reach": reach,
        "secret": choice is not None and choice.secret,
        "choice": None if choice is None else _as_data(choice),
        "heard": _heard(key),
        "leads": leads,
        "thumbs": None if thumbs is None else base64.b64encode(thumbs.tobytes()).decode(),
    }
    front_end(Path(__file__).parent, scripts=_SCRIPTS)(
        key=key,
        data=data,
        on_pinned_change=on_pin,
        on_typed_change=on_type or _nothing,
        on_chosen_change=on_choose or _nothing,
    )


def _batch(shown: Shown) -> dict[str, Any]:
    """The numbers, their sets, and what the sets are normalized by."""
    x, stats = shown.x, shown.stats
    row = NORMS[stats.norm]
    planes = stats.index[:, :, 0, 0]
    return {
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
    }


def _nothing() -> None:
    """Nothing can be typed or chosen here."""


def _as_data(choice: Choice) -> dict[str, str | None]:
    def digits(numbers: NDArray[Any]) -> str:
        return "".join(str(int(number)) for number in numbers.ravel())

    marks = None if choice.marks is None else digits(choice.marks)
    return {"task": choice.task, "chosen": digits(choice.chosen), "marks": marks}


def _heard(key: str) -> dict[str, Any]:
    """What has come from the browser until now, so that it can tell an answer from an older one."""
    sent = st.session_state.get(key, {})
    typed = sent.get("typed")
    count = typed.get("count") if isinstance(typed, Mapping) else 0
    return {
        "typed": count if isinstance(count, int) else 0,
        "pinned": as_cell(sent.get("pinned")),
    }


def pinned_by_hand(key: str) -> Cell | None:
    """Inside ``on_pin``: the cell that the browser sent; None for anything else, since it can send anything."""
    return as_cell(st.session_state[key].get("pinned"))


def typed_by_hand(key: str) -> list[tuple[Cell, str]]:
    """Inside ``on_type``: cells, and what was typed into each, in this order; without what is anything else.

    Some may have come before: whoever takes them again ends with the same numbers.
    """
    sent = st.session_state[key].get("typed")
    numbers = sent.get("numbers") if isinstance(sent, Mapping) else None
    if not isinstance(numbers, list | tuple) or len(numbers) > MOST_UNHEARD:
        return []
    found = [(as_cell(one.get("cell")), one.get("text")) for one in numbers if isinstance(one, Mapping)]
    return [(cell, text) for cell, text in found if cell and isinstance(text, str) and len(text) <= MOST_TYPED]


def chosen_by_hand(key: str, task: str, shape: Shape) -> NDArray[np.bool_] | None:
    """The cells chosen for ``task`` in a tensor of ``shape`` (N, C, H, W); None for another task or anything else."""
    sent = st.session_state[key].get("chosen") if key in st.session_state else None
    if not isinstance(sent, Mapping) or sent.get("task") != task:
        return None
    cells = sent.get("cells")
    if not isinstance(cells, str) or len(cells) != prod(shape) or not set(cells) <= set("01"):
        return None
    return np.array([digit == "1" for digit in cells]).reshape(shape)


def as_cell(chosen: object) -> Cell | None:
    """``chosen`` as a cell of some tensor, four whole numbers from 0 to 9,998; None where it is none."""
    if not isinstance(chosen, list | tuple) or len(chosen) != 4:
        return None
    if not all(isinstance(i, int) and not isinstance(i, bool) and 0 <= i < 9999 for i in chosen):
        return None
    return tuple(chosen)
