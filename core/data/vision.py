"""torchvision's data sets, imported also where torchvision's compiled library does not load."""

from __future__ import annotations

import functools
import importlib
from types import ModuleType

import torch


def torchvision_datasets() -> ModuleType:
    """torchvision.datasets, also beside a build of torch that torchvision was not compiled for.

    There (a CPU build of torch with the torchvision of another index) the compiled library does not load, and the
    import fails on two operators that torchvision only wants to describe. Data sets need neither, so they are
    declared and the import is tried once more.
    """
    try:
        return importlib.import_module("torchvision.datasets")
    except RuntimeError as error:
        if "operator torchvision::" not in str(error):
            raise
    _declared_operators()
    return importlib.import_module("torchvision.datasets")


@functools.cache  # the declarations live as long as the library that holds them
def _declared_operators() -> torch.library.Library:
    library = torch.library.Library("torchvision", "FRAGMENT")
    for operator in ("nms", "qnms"):
        library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library
