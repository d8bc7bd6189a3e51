"""A visitor's own image, uploaded or drawn, brought to what the network reads: 28 x 28, ink on paper."""

from __future__ import annotations

import base64
import binascii
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from core.data.datasets import SIDE

MAX_BYTES = 8 * 2**20
MAX_PIXELS = 16_000_000
ENOUGH = 1024
"""Pixels along the longer side, about, that are looked at: the figure ends as 20 x 20."""
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
_MARGIN = 4
"""Paper around the figure, as the data sets have it."""


class ImageRefused(ValueError):
    """An upload that is not used. The message is one sentence for the person who sent it."""


def read_upload(data: bytes) -> NDArray[np.uint8]:
    """(28, 28) uint8, 0 is paper and 255 is ink, from the bytes of an image file.

    The figure is cut out, brought to 20 x 20 and set in the middle; dark on light and light on dark both
    work. Raises ``ImageRefused`` for an empty file, one that is no image, is animated or too large.
    """
    if not data:
        raise ImageRefused("The file is empty (0 bytes); choose an image file.")
    if len(data) > MAX_BYTES:
        raise ImageRefused(f"The file has {len(data) / 2**20:.0f} MB; use one of at most {MAX_BYTES // 2**20} MB.")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            # size and frames stand in the header: nothing large is unpacked before they are known
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise ImageRefused(
                    f"The image has {width * height / 1e6:.0f} megapixels; use one of at most {MAX_PIXELS // 10**6}."
                )
            if getattr(image, "is_animated", False):
                raise ImageRefused("The image is animated; use a still one.")
            image.draft("L", (ENOUGH, ENOUGH))  # a JPEG can be unpacked at a fraction of its size
            grey = _grey(image)
    except ImageRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageRefused(
            f"The image is far too large; use one of at most {MAX_PIXELS // 10**6} megapixels."
        ) from None
    except UnidentifiedImageError:
        raise ImageRefused(f"The file is not an image that can be read; use {', '.join(FORMATS)}.") from None
    except Exception:  # the decoders fail in many ways on a stranger's bytes
        raise ImageRefused("The image is incomplete or damaged; save it again and try once more.") from None
    return _centred(_ink(grey))


def read_drawing(text: object) -> NDArray[np.uint8]:
    """(28, 28) uint8 from the base64 text that the drawing area sends. Raises ``ImageRefused``."""
    try:
        data = base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != SIDE * SIDE:
        raise ImageRefused("The drawing did not arrive whole; draw it again.")
    drawing = np.frombuffer(data, dtype=np.uint8).reshape(SIDE, SIDE).copy()
    if not drawing.any():
        raise ImageRefused("The drawing is empty; draw something first.")
    return drawing


def _grey(image: Image.Image) -> Image.Image:
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits a pixel, of which Pillow would cut off the upper values
        image = Image.fromarray((np.asarray(image).clip(0, 65535) // 257).astype(np.uint8))
    if "A" in image.getbands() or "transparency" in image.info:
        rgba = _smaller(image.convert("RGBA"))
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    return _smaller(image.convert("L"))


def _smaller(image: Image.Image) -> Image.Image:
    return image.reduce(max(1, max(image.size) // ENOUGH))


def _ink(grey: Image.Image) -> NDArray[np.float64]:
    values = np.asarray(grey, dtype=np.float64)
    edge = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
    ink = 255 - values if np.median(edge) > 127 else values  # what surrounds the figure is paper
    low, high = ink.min(), ink.max()
    if high - low < 8:
        raise ImageRefused("The image is of one colour; use one with a figure in it.")
    return (ink - low) / (high - low) * 255


def _centred(ink: NDArray[np.float64]) -> NDArray[np.uint8]:
    rows, columns = np.nonzero(ink > 48)
    cut = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    room = SIDE - 2 * _MARGIN
    scale = room / max(cut.shape)
    size = (max(1, round(cut.shape[1] * scale)), max(1, round(cut.shape[0] * scale)))
    small = Image.fromarray(cut.round().astype(np.uint8)).resize(size, Image.Resampling.BOX)
    result = Image.new("L", (SIDE, SIDE), 0)
    result.paste(small, ((SIDE - size[0]) // 2, (SIDE - size[1]) // 2))
    return np.asarray(result, dtype=np.uint8).copy()
