"""Small MNIST as one picture among the assets: the data set that comes with the app.

MNIST is by Yann LeCun, Corinna Cortes and Christopher J.C. Burges, under CC BY-SA 3.0. This part of it is a derived
work under the same licence; the picture names them, the licence and what was changed. It is made again from MNIST by
``python -m core.data.embedded assets/mnist_small.png``.
"""

from __future__ import annotations

import io
import sys
import zlib
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from core.catalogue import CLASSES, DATASETS, SIDE, DatasetName
from core.config import ConfigError
from core.data.choice import balanced
from core.data.download import UNREADABLE, DataError

NAME: DatasetName = "mnist-small"
FILE = Path(__file__).resolve().parents[2] / "assets" / "mnist_small.png"
"""The picture that comes with the app, wherever it was started from."""
COLUMNS = 100
"""Images beside each other: a multiple of CLASSES, so that a column shows one digit."""
ABOUT = {
    "Title": "Small MNIST: 6,000 training and 1,000 test images of MNIST",
    "Author": "Yann LeCun, Corinna Cortes, Christopher J.C. Burges",
    "Copyright": "CC BY-SA 3.0, https://creativecommons.org/licenses/by-sa/3.0/",
    "Source": "The MNIST database of handwritten digits",
    "Description": "A balanced part of MNIST, chosen by a fixed seed, under the licence of the whole. Images of "
    "28 x 28, row by row, 100 in a row, the training images first; image i shows the digit i modulo 10.",
}
"""What the picture says of itself, by the keywords of the PNG specification."""

_TRAIN, _TEST = DATASETS[NAME].train_images, DATASETS[NAME].test_images
_ROWS = (_TRAIN + _TEST) // COLUMNS
_SIZE = (COLUMNS * SIDE, _ROWS * SIDE)  # (W, H)
_MODE = "L"  # 8 bits of grey

Parts = tuple[Tensor, Tensor, Tensor, Tensor]
"""Training images and labels, test images and labels: uint8 (N, 28, 28) and (N,)."""


class _Unfit(ValueError):
    """A picture of another shape. The message says what it is."""


def chosen(train_images: Tensor, train_labels: Tensor, test_images: Tensor, test_labels: Tensor) -> Parts:
    """The part of MNIST that the picture holds: as many images of each class, the classes in turn.

    Raises ``ValueError`` where a class has too few.
    """
    train = balanced(train_labels, _TRAIN // CLASSES)
    test = balanced(test_labels, _TEST // CLASSES)
    return train_images[train], train_labels[train], test_images[test], test_labels[test]


def write(path: Path, train_images: Tensor, train_labels: Tensor, test_images: Tensor, test_labels: Tensor) -> None:
    """Write what ``chosen`` gives as the picture ``path``, whole or not at all, with ``ABOUT`` in it.

    Raises ``ValueError`` where these are other numbers of images or the classes do not take turns, since the labels
    are not written.
    """
    for images, labels, count in ((train_images, train_labels, _TRAIN), (test_images, test_labels, _TEST)):
        if images.shape != (count, SIDE, SIDE) or images.dtype != torch.uint8:
            raise ValueError(f"images of shape {tuple(images.shape)} and type {images.dtype}")
        if not torch.equal(labels.to(torch.uint8), _labels(count)):
            raise ValueError("the classes do not take turns")
    tiles = torch.cat([train_images, test_images]).view(_ROWS, COLUMNS, SIDE, SIDE)
    sheet = tiles.transpose(1, 2).reshape(_ROWS * SIDE, COLUMNS * SIDE)  # (H, W) of the picture
    about = PngInfo()
    for keyword, text in ABOUT.items():
        about.add_text(keyword, text)
    beside = path.with_name(f".new-{path.name}")
    try:
        # runs of paper are what there is to compress: the strategy for runs gives the smallest file, and soon
        Image.fromarray(sheet.numpy()).save(beside, "PNG", optimize=True, compress_type=zlib.Z_RLE, pnginfo=about)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def read(path: Path = FILE) -> Parts:
    """The images of the picture ``path``, as ``write`` made it, and their labels.

    Raises ``DataError`` with one sentence where it is missing, damaged or of another size or mode; nothing is unpacked
    then that the app does not unpack anyway.
    """
    try:
        data = path.read_bytes()
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            if (image.size, image.mode) != (_SIZE, _MODE):
                raise _Unfit(f"{_described(image.size, image.mode)} instead of {_described(_SIZE, _MODE)}")
            image.verify()  # the checksums, which unpacking passes over; nothing can be unpacked after it
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            sheet = np.array(image)  # (H, W)
    except Exception as error:  # decoders fail in many ways on damaged bytes
        title = DATASETS[NAME].title
        raise DataError(
            f"{title} in {path} cannot be read ({_reason(error)}); put back the file that came with the app.",
            for_visitors=UNREADABLE.format(title=title),
        ) from error
    tiles = torch.from_numpy(sheet).view(_ROWS, SIDE, COLUMNS, SIDE).transpose(1, 2)
    train, test = tiles.reshape(-1, SIDE, SIDE).split([_TRAIN, _TEST])
    return train, _labels(_TRAIN), test, _labels(_TEST)


def make(path: Path = FILE) -> None:
    """Write the picture anew from MNIST, which is downloaded if it is not there. Raises as ``load`` does."""
    from core.data.datasets import load  # which reads this module's picture

    whole = load("mnist")
    write(path, *chosen(whole.train_images, whole.train_labels, whole.test_images, whole.test_labels))


def _labels(count: int) -> Tensor:
    return (torch.arange(count) % CLASSES).to(torch.uint8)  # as MNIST's files have them


def _described(size: tuple[int, int], mode: str) -> str:
    return f"{size[0]} x {size[1]} pixels of mode {mode}"


def _reason(error: Exception) -> str:
    if isinstance(error, _Unfit):
        return str(error)
    return (isinstance(error, OSError) and error.strerror) or "it is damaged or no PNG"


if __name__ == "__main__":
    try:
        make(Path(sys.argv[1]) if len(sys.argv) > 1 else FILE)
    except (DataError, ConfigError, OSError) as error:
        sys.exit(str(error))
