"""Photographs of a digit that are made by hand: strokes on paper, the light on them, and what a camera does to it."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

HEIGHT, WIDTH = 800, 600
STROKES = {
    0: [[(50, 8), (25, 22), (15, 50), (25, 78), (50, 92), (75, 78), (85, 50), (75, 22), (50, 8)]],
    1: [[(40, 25), (55, 8), (55, 92)]],
    2: [[(20, 28), (32, 12), (55, 8), (74, 20), (74, 38), (50, 62), (18, 90), (84, 90)]],
    3: [[(22, 14), (50, 8), (74, 20), (70, 38), (46, 47), (74, 58), (78, 76), (52, 92), (20, 84)]],
    4: [[(30, 8), (20, 54), (80, 54)], [(66, 24), (62, 92)]],
    5: [[(76, 10), (32, 10), (28, 44), (56, 42), (76, 56), (74, 78), (50, 92), (22, 84)]],
    6: [[(62, 8), (36, 30), (24, 62), (36, 88), (58, 90), (72, 72), (58, 54), (32, 62)]],
    7: [[(18, 12), (80, 12), (42, 92)]],
    8: [
        [(50, 48), (28, 34), (30, 16), (50, 8), (70, 16), (72, 34), (50, 48)],
        [(50, 48), (76, 64), (74, 84), (50, 92), (26, 84), (24, 64), (50, 48)],
    ],
    9: [[(72, 30), (56, 10), (34, 16), (28, 36), (46, 50), (70, 38), (72, 30), (66, 62), (58, 92)]],
}
"""Digits as lines through points of a field of 100 x 100, x to the right and y down."""


def strokes(digit: int, *, size: int = 560, width: int = 14, at: tuple[int, int] = (120, 20)) -> np.ndarray:
    """(800, 600) float from 0 to 1: how much ink there is; ``at`` is (top, left) of a field with ``size`` a side."""
    mask = Image.new("L", (WIDTH, HEIGHT), 0)
    pen = ImageDraw.Draw(mask)
    for line in STROKES[digit]:
        points = [(at[1] + x * size / 100, at[0] + y * size / 100) for x, y in line]
        pen.line(points, fill=255, width=width, joint="curve")
        for x, y in points:
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    return np.asarray(mask, dtype=np.float64) / 255


def light(kind: str) -> np.ndarray | float:
    """The light on the paper, 1 where it is brightest."""
    y, x = np.mgrid[0:1:800j, 0:1:600j]
    if kind == "even":
        return 1.0
    if kind == "to one side":
        return 1 - 0.65 * x
    if kind == "from the lamp":
        return 1 / (1 + 2.5 * ((x - 0.2) ** 2 + (y - 0.1) ** 2))
    if kind == "dark corners":
        return 1 - 0.7 * ((x - 0.5) ** 2 + (y - 0.5) ** 2) / 0.5
    if kind == "shadow with an edge":
        return np.where(x + 0.4 * y > 0.75, 0.45, 1.0)
    if kind == "soft shadow":
        return 1 - 0.5 / (1 + np.exp(-(y - 0.45) / 0.06))
    if kind == "shadow among the strokes":
        inside = np.where((x > 0.3) & (x < 0.75) & (y > 0.35) & (y < 0.7), 0.5, 1.0)
        return ndimage.gaussian_filter(inside, 15)
    raise KeyError(kind)


def photo(
    ink: np.ndarray,
    *,
    paper: float = 0.85,
    pen: float = 0.12,
    lit: np.ndarray | float = 1.0,
    noise: float = 0.012,
    blur: float = 1.2,
    lines: np.ndarray | float = 0.0,
    seed: int = 0,
) -> np.ndarray:
    """(800, 600) float, 0 to 1: ``pen`` on ``paper`` in the light ``lit``, out of focus, with a sensor's noise.

    lines: how much of the paper's light its lines take, 0 to 1.
    """
    reflected = paper * (1 - lines) * (1 - ink) + pen * ink
    seen = ndimage.gaussian_filter(reflected * lit, blur)
    return np.clip(seen + np.random.default_rng(seed).normal(0, noise, seen.shape), 0, 1)


def squares(step: int = 40, strength: float = 0.25) -> np.ndarray:
    """The lines of squared paper."""
    lines = np.zeros((HEIGHT, WIDTH))
    lines[::step] = lines[1::step] = lines[:, ::step] = lines[:, 1::step] = strength
    return lines


def on_a_table(seen: np.ndarray, table: float = 0.15) -> np.ndarray:
    """The sheet, turned a little, on a table that is darker or lighter than it."""
    sheet = Image.fromarray((255 * seen).astype(np.uint8)).resize((420, 560))
    ground = Image.new("L", (WIDTH, HEIGHT), round(255 * table))
    turned = sheet.convert("LA").rotate(6, expand=True, resample=Image.Resampling.BICUBIC)
    ground.paste(turned.getchannel(0), (60, 70), turned.getchannel(1))
    return np.asarray(ground) / 255


def jpeg(seen: np.ndarray, quality: int = 85, kind: str = "JPEG") -> bytes:
    """The picture as the bytes of a file."""
    file = io.BytesIO()
    Image.fromarray((255 * seen).round().astype(np.uint8)).save(file, kind, quality=quality)
    return file.getvalue()
