"""A visitor's own image, uploaded or drawn, brought to what the network reads: 28 x 28, ink on paper."""

from __future__ import annotations

import base64
import binascii
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from core.catalogue import SIDE

if TYPE_CHECKING:
    from core.four_images.handwriting import Grey

MAX_BYTES = 8 * 2**20
MAX_PIXELS = 16_000_000
MAX_JPEG_PIXELS = 80_000_000
"""Of a JPEG that is unpacked line by line, at an eighth of its size."""
MAX_STORED_JPEG_PIXELS = 24_000_000
"""Of a JPEG that is built up in several scans: its decoder holds all of it, 6 bytes a pixel."""
MAX_SCANS = 100
"""Of one JPEG; each goes over all of it, however few bytes it has. Programs write about ten."""
ENOUGH = 800
"""Pixels along the longer side, at most, that are looked at: the figure ends as 20 x 20."""
SHOWN = 240
"""Pixels along the longer side, at most, of what is kept of an upload to be looked at."""
PALE, FADED = 200, 0.2
"""The grey of what a network does not get, and what is left of the contrast there."""
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")

_MARKER = re.compile(rb"\xff+([^\x00\xff])")
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_END, _SCAN = 0xD9, 0xDA


class ImageRefused(ValueError):
    """An upload that is not used. The message is one sentence for the person who sent it."""


@dataclass(frozen=True, eq=False)
class OwnImage:
    """What was made of an upload, and from what.

    picture: (28, 28) uint8, 0 is paper and 255 is ink.
    original: the upload in grey and in small, (H, W) uint8, stretched from its darkest value to its lightest.
    """

    picture: NDArray[np.uint8]
    original: NDArray[np.uint8]


def own_image(data: bytes) -> OwnImage:
    """An image from the bytes of a file; ``core.four_images.handwriting`` says what is made of it.

    Of several pictures in one file, as phones and cameras write them (MPO), it is the first. Raises ``ImageRefused``
    for an empty file, one that is no image, is animated or too large, or shows no figure.
    """
    if not data:
        raise ImageRefused("The file is empty (0 bytes); choose an image file.")
    if len(data) > MAX_BYTES:
        raise ImageRefused(f"The file has {len(data) / 2**20:.0f} MB; use one of at most {MAX_BYTES // 2**20} MB.")
    from core.four_images.handwriting import NoFigureError, as_in_mnist  # with scipy's filters, which take long to load

    grey = _decoded(data)
    low, high = float(grey.min()), float(grey.max())
    if low == high:
        raise ImageRefused("The image is of one colour; use one with a figure in it.")
    try:
        picture = as_in_mnist(grey)
    except NoFigureError:
        raise ImageRefused(
            "No figure stands out from the paper; use a sharper or lighter image of one figure."
        ) from None
    whole = Image.fromarray((255 * (grey - low) / (high - low)).round().astype(np.uint8))
    return OwnImage(picture, np.asarray(_smaller(whole, SHOWN)))


def read_upload(data: bytes) -> NDArray[np.uint8]:
    """The ``picture`` of ``own_image``."""
    return own_image(data).picture


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


def with_pale_border(picture: NDArray[np.uint8], inner: int) -> NDArray[np.uint8]:
    """A grey ``picture`` (H, W), 255 is paper, with all but its inner ``inner`` x ``inner`` faded to a pale grey."""
    pale = (PALE + FADED * (picture.astype(np.float64) - PALE)).round().astype(np.uint8)
    inside = tuple(slice((side - inner) // 2, (side + inner) // 2) for side in picture.shape)
    pale[inside] = picture[inside]
    return pale


def _decoded(data: bytes) -> Grey:
    """(H, W) float32 on any scale, at most ``ENOUGH`` along a side."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            # size and frames stand in the header: nothing large is unpacked before they are known
            _check_size(image, data)
            if image.format != "MPO" and getattr(image, "is_animated", False):
                raise ImageRefused("The image is animated; use a still one.")
            image.draft(None, (ENOUGH, ENOUGH))  # a JPEG can be unpacked at a fraction of its size
            return _grey(image)
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


def _check_size(image: Image.Image, data: bytes) -> None:
    """Refuse what would take too much memory or time to unpack."""
    most = MAX_PIXELS
    if image.format in ("JPEG", "MPO"):
        scans, stored = _scans(data)
        if scans > MAX_SCANS:
            raise ImageRefused(f"The image is built up in {scans} steps; save it again as an ordinary JPEG.")
        most = MAX_STORED_JPEG_PIXELS if stored else MAX_JPEG_PIXELS
    width, height = image.size
    if width * height > most:
        raise ImageRefused(f"The image has {width * height / 1e6:.0f} megapixels; use one of at most {most // 10**6}.")


def _scans(data: bytes) -> tuple[int, bool]:
    """How many scans the first picture of a JPEG file has, and whether its decoder holds all of it between them.

    It goes from marker to marker as libjpeg does: over what is no marker, up to the end of the picture.
    """
    scans, components, stored, place = 0, 0, False, 2
    while (found := _MARKER.search(data, place)) is not None:
        marker, place = found[1][0], found.end()
        if marker == _END:
            break
        if marker in _WITHOUT_LENGTH:
            continue
        segment = data[place : place + int.from_bytes(data[place : place + 2])]
        place += max(2, len(segment))
        if marker in _FRAMES and len(segment) > 7:
            components = segment[7]
            stored |= marker in _PROGRESSIVE
        elif marker == _SCAN and len(segment) > 2:
            scans += 1
            stored |= segment[2] < components
    return scans, stored


def _grey(image: Image.Image) -> Grey:
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I"):  # 16 bits a pixel, of which Pillow would cut off the upper values
        return np.asarray(_smaller(Image.fromarray(np.asarray(image, dtype=np.float32))))
    if "A" in image.getbands() or "transparency" in image.info:
        return _of_transparent(_smaller(image if image.mode == "RGBA" else image.convert("RGBA")))
    if image.mode == "RGB":
        return _of_colours(_smaller(image))
    return np.asarray(_smaller(image.convert("L")), dtype=np.float32)


def _of_colours(image: Image.Image) -> Grey:
    """The lightness; where it shows next to nothing, the one of red, green and blue that shows most."""
    bands = [np.asarray(band, dtype=np.float32) for band in (image.convert("L"), *image.split())]
    spreads = [float(np.ptp(np.percentile(band, [0.5, 99.5]))) for band in bands]
    return bands[0] if 3 * spreads[0] >= max(spreads) else bands[int(np.argmax(spreads))]


def _of_transparent(image: Image.Image) -> Grey:
    """Ink on nothing is ink, whatever its colour; a sheet with something on it gets its own colour around it."""
    alpha = np.asarray(image.getchannel("A"), dtype=np.float32) / 255
    light = np.asarray(image.convert("L"), dtype=np.float32)
    rows, columns = np.nonzero(alpha > 0.5)
    if not rows.size:
        return np.zeros_like(light)
    box = (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
    colours = light[rows, columns]
    if rows.size > 0.6 * box and np.ptp(colours) > 64:
        return np.asarray(alpha * light + (1 - alpha) * np.median(colours), dtype=np.float32)
    return np.asarray(255 * (1 - alpha), dtype=np.float32)


def _smaller(image: Image.Image, side: int = ENOUGH) -> Image.Image:
    return image.reduce(-(-max(image.size) // side))
