"""Figures on a dark page: the colours of norms that would be faint there stand out, each in its own hue."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from core.catalogue import NORMS
from core.palette import band_color, contrast, ink_on, shade

LEAST = 4.5
"""Contrast of a line with the page."""
_STEPS = 20


def standing_out(color: str, page: str) -> str:
    """``color`` itself where it stands out from ``page``, else as much lighter, or darker, as that takes."""
    ink = ink_on(page)
    steps = [color, *(shade(step / _STEPS, (color, ink)) for step in range(1, _STEPS))]
    return next((found for found in steps if contrast(found, page) >= LEAST), ink)


def on_page(figure: go.Figure, page: str) -> go.Figure:
    """A copy of ``figure`` whose norms stand out from a page of the colour ``page``."""
    colors: dict[str, str] = {}
    for row in NORMS.values():
        lighter = standing_out(row.color, page)
        colors |= {row.color: lighter, band_color(row.color): band_color(lighter)}
    return go.Figure(_recolored(figure.to_plotly_json(), colors))


def _recolored(value: Any, colors: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _recolored(part, colors) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_recolored(part, colors) for part in value]
    return colors.get(value, value) if isinstance(value, str) else value
