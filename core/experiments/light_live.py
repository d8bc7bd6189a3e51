"""Turn down the light, one position of the sliders at a time: eight images, six errors, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import torch
from numpy.typing import NDArray

from core.catalogue import DATASETS, NORMS, SIDE, NormName
from core.data.datasets import Dataset
from core.experiments.light_shown import BATCH, BATCH_NEW
from core.experiments.shifts import Shift, Shiftable, shifted
from core.experiments.statistics import answers, reestimated
from core.experiments.study_networks import BN, METHODS, TRAINED_ON, StudyNetwork, judged_of, label
from core.model import NormNet

SEED = 0
"""Of the networks, and of all that is drawn."""
TESTS = 500
"""Judged at every position: twice as many take twice as long."""
STRIP = 8
"""Images that are shown."""
BORDER = DATASETS[TRAINED_ON].border
"""Pixels on each side that the networks cut off."""
NAMES: tuple[tuple[str, NormName], ...] = (
    (BATCH, BN[0]),
    (BATCH_NEW, BN[0]),
    *((label(method), method[0]) for method in METHODS if method != BN),
)
"""What is shown, from top to bottom, and the norm that gives its colour."""
HEIGHT = 270

Predicted = Mapping[str, NDArray[np.int8]]
"""By name: the answers to the judged images, (N,)."""

CLEAN = "The images are those of the test set, unchanged."
CHANGED = "The images are changed: {changes}."
CONTRAST, BRIGHTNESS, NOISE = "contrast {:g}", "brightness +{:g}", "noise of standard deviation {:g}"
BOTH = (
    "Seed {seed} of {bn} is wrong on {stored:.1f} % of {tests:,} images with its stored means and variances, "
    "and on {new:.1f} % with those of {count} other images, changed in the same way: the weights are the same. All "
    "seeds on all test images: below."
)
BOTH_OF_ONE = (
    "Seed {seed} of {bn} is wrong on {stored:.1f} % of {tests:,} images with its stored means and variances, "
    "and on {new:.1f} % with those of one other image, changed in the same way: the weights are the same. All seeds "
    "on all test images: below."
)
WHERE_FROM = (
    "Networks of the study with seed {seed}, the first {tests:,} test images of {title}: one image is {one:g} points. "
    "New statistics are taken from training images, which are not judged."
)


@dataclass(frozen=True)
class LightTable:
    """What lies ready for every position: images with their noise, and networks by name, which nobody changes."""

    images: Shiftable
    networks: Mapping[str, NormNet]
    title: str

    @property
    def labels(self) -> NDArray[np.int64]:
        """Of the judged images."""
        return self.images.judged.labels.numpy()


def light_table(data: Dataset) -> LightTable:
    """The first 500 test images of ``data`` and the study's networks. ``RecordError`` where one does not ship."""
    networks = {label((norm, l1)): StudyNetwork(norm=norm, l1=l1, seed=SEED).network() for norm, l1 in METHODS}
    images = Shiftable.of(judged_of(data, TESTS, SEED), SEED)
    return LightTable(images, networks, DATASETS[data.name].title)


def predicted(table: LightTable, shift: Shift) -> dict[str, NDArray[np.int8]]:
    """The answers of every network as it is, to the changed images."""
    x = table.images.tests(shift)
    return {name: answers(model, x).to(torch.int8).numpy() for name, model in table.networks.items()}


def predicted_anew(table: LightTable, shift: Shift, count: int) -> NDArray[np.int8]:
    """The answers of BN with the statistics of ``count`` other images, changed in the same way."""
    new = reestimated(table.networks[BATCH], table.images.others(shift, count))
    return answers(new, table.images.tests(shift)).to(torch.int8).numpy()


def errors(found: Predicted, labels: NDArray[np.int64]) -> dict[str, float]:
    """Wrong answers in percent, in the order of ``NAMES``."""
    return {name: 100 * float((found[name] != labels).mean()) for name, _ in NAMES}


def strip(table: LightTable, shift: Shift, factor: int = 3) -> NDArray[np.uint8]:
    """Eight test images side by side as the networks see them, without the border: dark ink on paper, enlarged."""
    images, z = table.images.judged.images[:STRIP], table.images.z[:STRIP]
    inside = slice(BORDER, SIDE - BORDER)
    ink = shifted(images, shift, z)[:, 0, inside, inside]
    paper = (255 * (1 - ink)).round().to(torch.uint8).numpy()  # (8, 24, 24)
    large = np.kron(paper, np.ones((1, factor, factor), dtype=np.uint8))
    gap = np.full((large.shape[1], 2 * factor), 255, dtype=np.uint8)
    cells = [part for image in large for part in (image, gap)]
    return np.concatenate(cells[:-1], axis=1)


def picture(found: Mapping[str, float]) -> go.Figure:
    """A bar for each error in percent, by name, from 0 to 100."""
    figure = go.Figure()
    names = [name for name, _ in NAMES]
    figure.add_bar(
        y=names,
        x=[found[name] for name in names],
        orientation="h",
        text=[f"{found[name]:.1f} %" for name in names],
        textposition="outside",
        cliponaxis=False,
        marker={
            "color": [NORMS[norm].color for _, norm in NAMES],
            "pattern": {"shape": ["/" if name == BATCH_NEW else "" for name in names]},
        },
        hovertemplate="%{y}: %{x:.1f} %<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_xaxes(title="Test error (%)", range=[0, 112], tickvals=[0, 25, 50, 75, 100])
    figure.update_layout(height=HEIGHT, margin={"l": 10, "r": 10, "t": 10, "b": 10}, showlegend=False)
    return figure


def words(found: Mapping[str, float]) -> str:
    """The numbers of ``picture``."""
    return "Test error. " + "; ".join(f"{name}: {found[name]:.1f} %" for name, _ in NAMES) + "."


def said(found: Mapping[str, float], shift: Shift, count: int, tests: int) -> str:
    """What the position of the sliders means."""
    parts = [
        template.format(value)
        for template, value, unchanged in (
            (CONTRAST, shift.contrast, 1.0),
            (BRIGHTNESS, shift.brightness, 0.0),
            (NOISE, shift.noise, 0.0),
        )
        if value != unchanged
    ]
    first = CHANGED.format(changes=", ".join(parts)) if parts else CLEAN
    both = BOTH_OF_ONE if count == 1 else BOTH
    second = both.format(bn=BATCH, seed=SEED, stored=found[BATCH], new=found[BATCH_NEW], count=count, tests=tests)
    return f"{first} {second}"


def where_from(table: LightTable) -> str:
    """Which networks and images these are."""
    return WHERE_FROM.format(seed=SEED, title=table.title, tests=len(table.labels), one=100 / len(table.labels))
