"""Plotly figures as PNG, drawn by a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.cli.common import Failure

WIDTH, HEIGHT = 1100, 560
"""Of a picture in pixels; the file has twice as many in both directions."""


def png(figure: Any, path: Path, *, height: int = HEIGHT) -> bytes:
    """The picture of a figure; ``path`` names it where it fails."""
    try:
        from kaleido.errors import ChromeNotFoundError, KaleidoError  # plotly calls kaleido
    except ImportError as error:
        raise Failure("the graphs need the package kaleido: pip install kaleido==1.5.0") from error

    try:
        image = figure.to_image("png", width=WIDTH, height=height, scale=2)
    except (ChromeNotFoundError, KaleidoError, RuntimeError, OSError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise Failure(f"the graphs need Chromium or Chrome to be drawn: {reason}") from error
    if not image:
        raise Failure(f"{path} came out empty")
    return image
