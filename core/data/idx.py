"""MNIST's file format, IDX, as MNIST and Fashion-MNIST have it.

torchvision downloads these files, and is imported for that alone: it brings torch's compiler, sympy and scikit-learn
along, over 100 MB of a server's memory, and reading them takes a header of a few bytes and one byte a pixel.
"""

from __future__ import annotations

from math import prod
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
"""Names of the four files of a data set: training images and labels, test images and labels."""

HEADER_MOST = 16
"""Bytes in front of the pixels: four numbers of four bytes each."""


def read_idx(path: Path) -> Tensor:
    """A file of unsigned bytes in MNIST's IDX format as a uint8 tensor of its shape.

    Two bytes of zero, 8 for unsigned bytes, the number of dimensions, each of them in four bytes, the highest first,
    and then the values, as many as that makes. Raises ``ValueError`` for anything else.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEADER_MOST)
    dimensions = head[3] if len(head) > 3 else 0
    start = 4 + 4 * dimensions
    if head[:3] != b"\0\0\x08" or not 1 <= dimensions <= 3 or len(head) < start:
        raise ValueError(f"{path.name} has no header of unsigned bytes in the IDX format")
    shape = [int(n) for n in np.frombuffer(head, ">u4", dimensions, offset=4)]
    if size != start + prod(shape):
        raise ValueError(f"{path.name} has {size:,} bytes, not the {start + prod(shape):,} that its header says")
    # one copy, which torch may write to
    return torch.from_numpy(np.fromfile(path, np.uint8, offset=start).reshape(shape))
