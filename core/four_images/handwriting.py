"""From a grey picture of one figure to 28 x 28 as MNIST has it, however the light fell on the paper.

MNIST fits a figure into 20 x 20 with its proportions kept, and moves its centre of mass to the middle of 28 x 28
(http://yann.lecun.com/exdb/mnist). A photo needs more before that: the paper is as bright as the light on it, the
ink is thin, and around the paper may be a table.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from core.catalogue import SIDE

Grey = NDArray[np.float32]
Mask = NDArray[np.bool_]

ROOM = 20
"""Pixels along the longer side of a figure, as MNIST has it."""
THINNEST = 1.6
"""Width of a stroke in those pixels below which it is widened; MNIST's median is 2.3."""
RIM = 0.15
"""Amount of ink at which a figure ends: the rim of a stroke that is out of focus is no part of its size."""
MOST_PIECES = 20
"""Pieces of one figure: what falls into more is the noise of paper without one."""
_WIDTHS = (2, 3, 5, 8, 12, 18, 27, 40, 60)
"""Squares, in pixels of a picture of 200 to 400, whose closings tell strokes from what is broad."""
_CENTRE = 14
"""The row and column on which MNIST's centres of mass lie, to half a pixel: all of 4,000 that were looked at."""


class NoFigureError(ValueError):
    """Nothing stands out from the paper."""


@dataclass(frozen=True, eq=False)
class Ink:
    """What stands out from the paper. amount: 0 is paper, 1 is ink, (H, W).  mask: where there is ink for certain.

    broad: whether a part of it is much broader than its strokes.
    """

    amount: Grey
    mask: Mask
    broad: bool


def as_in_mnist(grey: Grey) -> NDArray[np.uint8]:
    """(28, 28) uint8, 0 is paper and 255 is ink, from a grey picture (H, W) of any range; dark or light ink.

    Raises ``NoFigureError`` where nothing stands out.
    """
    ink = find_ink(grey)
    sheet = _sheet(grey, ink.mask)
    if sheet is not None:  # it lies on a table that is darker or lighter
        with suppress(NoFigureError):
            ink = find_ink(sheet)
    elif ink.broad:  # a shadow among the strokes
        with suppress(NoFigureError):
            ink = find_ink(grey, narrow=True)
    return _centred(_fitted(ink))


def find_ink(grey: Grey, *, narrow: bool = False) -> Ink:
    """Tell ink from paper: what is narrow and differs from the paper around it by more than noise does.

    narrow: take what is broader than ten strokes for shadow, not only what is broader than half the picture.
    """
    low, high = float(grey.min()), float(grey.max())
    if high == low:
        raise NoFigureError
    grey = (grey - low) / (high - low)
    if _grain(grey) > 0.005:  # a photo: no stroke of use is as narrow as its noise
        grey = ndimage.gaussian_filter(grey, max(0.5, max(grey.shape) / 600))
    dark, width = _strokes(grey)
    contrast = _contrast(grey if dark else 1 - grey, 10 * width if narrow else math.inf, divide=dark)
    paper, noise = _paper(contrast)
    sure = contrast > max(paper + 5 * noise, 0.04 * float(contrast.max()))
    if not sure.any():
        raise NoFigureError
    mask = contrast > _between(contrast[sure])
    full = float(np.percentile(contrast[mask], 90))
    if full < paper + 8 * noise:
        raise NoFigureError
    mask = _without_specks(mask)
    amount = np.clip((contrast - paper - 3 * noise) / (full - paper - 3 * noise), 0, 1)
    broad = 2 * float(ndimage.distance_transform_edt(mask).max()) > 4 * width
    return Ink(np.where(_rim(mask, sure), amount, 0).astype(np.float32), mask, broad)


def _rim(mask: Mask, sure: Mask) -> Mask:
    """The ink with its paler rim: one pixel of the result, less where paler things lie elsewhere, as lines of paper."""
    side = max(mask.shape)
    distance = ndimage.distance_transform_edt(~mask)
    elsewhere = (sure & (distance > 1.5 * side / SIDE)).sum() > 0.2 * mask.sum()
    return distance <= (max(2.0, side / 400) if elsewhere else max(2.0, 1.5 * side / SIDE))


def _grain(grey: Grey) -> float:
    """Standard deviation of the noise from one pixel to the next, whatever the light: 0 for a drawn picture."""
    second = grey[:, 2:] - 2 * grey[:, 1:-1] + grey[:, :-2]
    return float(1.4826 * np.median(np.abs(second)) / np.sqrt(6)) if second.size else 0.0


def _strokes(grey: Grey) -> tuple[bool, float]:
    """Whether what is dark is long and narrow, as strokes are, rather than what is light; about how wide it is.

    A closing with a square takes away what is dark and narrower than the square. What larger and larger squares take
    away tells how much there is of every width w; over w^2 that is length over width, which is small for the
    inside of a loop and for shadows, however large they are. An opening does the same for what is light.
    """
    factor = max(1, max(grey.shape) // 200)
    small = np.asarray(Image.fromarray(grey).reduce(factor))
    widths = [width for width in _WIDTHS if width <= max(small.shape) // 3]
    if not widths:
        return True, float(factor)
    wide = np.pad(small, widths[-1], mode="edge")
    least = 4 * _grain(small)
    dark = [float(np.square(np.maximum(ndimage.grey_closing(wide, w) - wide - least, 0)).sum()) for w in widths]
    light = [float(np.square(np.maximum(wide - ndimage.grey_opening(wide, w) - least, 0)).sum()) for w in widths]
    of_each = np.maximum(np.diff([dark, light], prepend=0.0), 0)  # (2, widths)
    long_and_narrow = (of_each / np.square(widths)).sum(axis=1)
    ink = 0 if long_and_narrow[0] >= long_and_narrow[1] else 1
    return ink == 0, float(factor * widths[int((of_each[ink] / widths).argmax())])


def _contrast(grey: Grey, width: float, *, divide: bool) -> Grey:
    """How much darker than the paper around it every pixel is.

    The paper is what a closing leaves: nothing dark that is narrower than ``width`` and half the picture. It follows
    light that fades to one side, dark corners and the edge of a shadow. Light multiplies, so that ink in the shade is
    measured in parts of the paper there (``divide``).
    """
    # of a narrow picture the ink may fill the width
    reach = max(grey.shape) // (2 if max(grey.shape) > 2 * min(grey.shape) else 4)
    reach = int(max(1, min(reach, width / 2)))
    wide = np.pad(grey, reach, mode="edge")  # so that a shadow at the edge is as wide as it may be
    size = 2 * reach + 1
    # scipy's grey_closing would let the second filter see only what the first gave within the picture
    paper = ndimage.minimum_filter(ndimage.maximum_filter(wide, size, mode="nearest"), size, mode="nearest")
    paper = paper[reach : reach + grey.shape[0], reach : reach + grey.shape[1]]
    if not divide:
        return paper - grey
    return (paper - grey) / np.maximum(paper, 0.1 * float(paper.max()))


def _paper(contrast: Grey) -> tuple[float, float]:
    """Mean and standard deviation of the contrast on paper, from its lower tail: ink may cover most of the picture."""
    low, high = np.percentile(contrast, [3, 12])  # -1.881 and -1.175 standard deviations
    noise = float(high - low) / 0.706
    return float(high) + 1.175 * noise, noise


def _between(values: Grey) -> float:
    """Otsu's threshold: the value that parts ``values`` into two groups with the least variance within them."""
    counts, edges = np.histogram(values, 128, (0.0, float(values.max())))
    centres = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    total = np.cumsum(counts * centres)
    apart = below * above * (total[:-1] / np.maximum(below, 1) - (total[-1] - total[:-1]) / np.maximum(above, 1)) ** 2
    return float(edges[1 + int(np.argmax(apart))] if apart.any() else edges[-1] / 2)


def _without_specks(mask: Mask) -> Mask:
    """Without what is small beside the figure, and without what comes in from outside where the figure does not."""
    parts, count = ndimage.label(mask, np.ones((3, 3)))
    if count < 2:
        return mask
    areas = np.bincount(parts.ravel(), minlength=count + 1)
    areas[0] = 0
    edge = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    inside = areas.copy()
    inside[edge] = 0
    if inside.max() >= 0.1 * areas.max():
        areas = inside
    kept = areas >= 0.05 * areas.max()
    if kept.sum() > MOST_PIECES:
        raise NoFigureError
    return kept[parts]


def _sheet(grey: Grey, mask: Mask) -> Grey | None:
    """The inside of a sheet of paper, where that is what was found: a large full rectangle with a figure cut out."""
    filled = ndimage.binary_fill_holes(mask)
    area = int(filled.sum())
    holes = 1 - mask.sum() / area
    if area < 0.15 * mask.size or not 0.002 < holes < 0.3 or area < 0.85 * _smallest_box(filled):
        return None
    rows, columns = ndimage.find_objects(filled.astype(np.uint8))[0]
    inside = ndimage.distance_transform_edt(np.pad(filled, 1))[1:-1, 1:-1] > max(2, max(mask.shape) // 40)
    # what lies beyond the sheet gets the value of the sheet's nearest point
    nearest = ndimage.distance_transform_edt(~inside, return_distances=False, return_indices=True)
    return grey[tuple(nearest)][rows, columns] if inside.any() else None


def _smallest_box(mask: Mask) -> float:
    """Area of the smallest rectangle around what is set, turned in steps of 3 degrees."""
    rim = np.argwhere(mask & ~ndimage.binary_erosion(mask))
    angles = np.deg2rad(np.arange(0, 90, 3))
    along = rim @ np.stack([np.cos(angles), np.sin(angles)])  # (points, angles)
    across = rim @ np.stack([-np.sin(angles), np.cos(angles)])
    return float(((np.ptp(along, axis=0) + 1) * (np.ptp(across, axis=0) + 1)).min())


def _fitted(ink: Ink) -> NDArray[np.uint8]:
    """The figure alone, its longer side of 20 pixels, with strokes that are not too thin for them."""
    rows, columns = ndimage.find_objects((ink.amount > RIM).astype(np.uint8))[0]
    amount, mask = ink.amount[rows, columns], ink.mask[rows, columns]
    scale = ROOM / max(amount.shape)
    # from 1 at the rim to half its width: the mean distance of a bar's pixels to the paper is a quarter of width + 2
    width = scale * (4 * float(ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1][mask].mean()) - 2)
    if width < THINNEST:
        grow = (THINNEST - width) / 2 / scale
        side = int(np.ceil(grow))
        distance = ndimage.distance_transform_edt(~np.pad(mask, side))
        amount = np.maximum(np.pad(amount, side), np.clip(grow + 0.5 - distance, 0, 1))
        scale = ROOM / max(amount.shape)
    size = (max(1, round(amount.shape[1] * scale)), max(1, round(amount.shape[0] * scale)))
    small = Image.fromarray((255 * amount).astype(np.float32)).resize(size, Image.Resampling.BOX)
    return np.asarray(small).round().clip(0, 255).astype(np.uint8)


def _centred(figure: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """In 28 x 28, the centre of mass in the middle as nearly as whole pixels allow; of two equal places the first."""
    start = [
        min(max(math.ceil(_CENTRE - mass - 0.505), 0), SIDE - side)
        for mass, side in zip(ndimage.center_of_mass(figure.astype(np.float64)), figure.shape, strict=True)
    ]
    result = np.zeros((SIDE, SIDE), np.uint8)
    result[start[0] : start[0] + figure.shape[0], start[1] : start[1] + figure.shape[1]] = figure
    return result
