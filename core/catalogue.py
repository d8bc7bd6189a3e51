"""The norms and the data sets: what is true of each, in one place. Standard library only."""

from __future__ import annotations

from typing import Literal, get_args

NormName = Literal["bn", "ln", "gn", "in", "none"]


DatasetName = Literal["mnist", "fashion-mnist", "digits"]


NORMS: tuple[NormName, ...] = get_args(NormName)


DATASETS: tuple[DatasetName, ...] = get_args(DatasetName)


NORM_TITLES: dict[NormName, str] = {
    "bn": "BatchNorm",
    "ln": "LayerNorm",
    "gn": "GroupNorm",
    "in": "InstanceNorm",
    "none": "No normalization",
}


DATASET_TITLES: dict[DatasetName, str] = {
    "mnist": "MNIST",
    "fashion-mnist": "Fashion-MNIST",
    "digits": "digits",
}


TRAIN_IMAGES: dict[DatasetName, int] = {"mnist": 60_000, "fashion-mnist": 60_000, "digits": 1_438}
"""Training images of each data set."""


CLASS_NAMES: dict[DatasetName, tuple[str, ...]] = {
    "mnist": tuple("0123456789"),
    "digits": tuple("0123456789"),
    "fashion-mnist": (
        "T-shirt/top",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    ),
}


NORM_COLORS: dict[NormName, str] = {
    "bn": "#0072B2",
    "ln": "#D55E00",
    "gn": "#009E73",
    "in": "#CC79A7",
    "none": "#7F7F7F",
}


NORM_DASHES: dict[NormName, str] = {
    "bn": "solid",
    "ln": "dash",
    "gn": "dashdot",
    "in": "dot",
    "none": "longdash",
}


NORM_MARKERS: dict[NormName, str] = {
    "bn": "circle",
    "ln": "square",
    "gn": "diamond",
    "in": "triangle-up",
    "none": "x",
}


STANDARDIZATION: dict[DatasetName, tuple[float, float]] = {
    "mnist": (0.13066047627384287, 0.30810780385646264),
    "fashion-mnist": (0.2860405969887955, 0.35302424451492237),
    "digits": (0.22468257469886424, 0.31431776319069665),
}
"""Mean and standard deviation of all training images on the scale 0..1: what ``core.data.datasets`` computes from them.

They belong to the data set, not to a run: a run that holds out a part for validation keeps them, too.
"""
