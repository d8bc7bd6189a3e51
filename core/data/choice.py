"""A part of a data set that is balanced by class and the same on every machine."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.catalogue import CLASSES

SEED = 0
"""Of the choice: whoever changes it makes another data set."""


def balanced(labels: Tensor, of_each: int, seed: int = SEED) -> Tensor:
    """Positions (CLASSES * of_each,) of ``of_each`` images of each class, the classes in turn: 0, 1, ..., 9, 0, 1, ...

    In turn, so that every stretch of them holds all classes alike, the last twelfth for validation too. The order in
    which images are taken is that of the raw output of PCG64, whose stream numpy promises not to change.
    labels: (N,), each of 0..CLASSES - 1. Raises ``ValueError`` where a class has fewer images.

    >>> balanced(torch.arange(10).repeat(3), 2).remainder(10).tolist() == [*range(10), *range(10)]
    True
    """
    kept = labels.numpy()
    order = np.argsort(np.random.PCG64(seed).random_raw(len(kept)), kind="stable")
    in_order = kept[order]
    taken = [order[in_order == label][:of_each] for label in range(CLASSES)]
    fewest = min(len(positions) for positions in taken)
    if fewest < of_each:
        raise ValueError(f"{fewest} images of a class where {of_each} are chosen")
    return torch.from_numpy(np.stack(taken, axis=1).ravel())  # (of_each, CLASSES), row by row
