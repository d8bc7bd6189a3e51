"""You forgot ``model.eval()``, one position of the sliders at a time: a batch, and two curves of its errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from core.catalogue import DATASETS, NORMS, SIDE, NormName
from core.config import RunConfig
from core.data.datasets import Dataset
from core.experiments.companies import (
    BATCH,
    SHARES,
    SIZES,
    companies,
    of_the_class,
    random_batches_error,
    refusal,
    wrong_in_company,
)
from core.experiments.figures import Axis, Line, in_words, lines_figure
from core.experiments.forgot_eval_shown import (
    BATCH_NORM,
    IN_RANDOM,
    ITS,
    OF_ONE_CLASS,
    OTHERS,
    OWN_STATISTICS,
    SHARE,
    SIZE,
)
from core.experiments.statistics import error
from core.experiments.study_networks import BN, TRAINED_ON, StudyNetwork, judged_of, label, standardized
from core.labels import listed
from core.model import NormNet, layer_shapes

SEED = 0
"""Of the network, and of all that is drawn."""
TESTS = 1000
DRAWN = 8
"""Batches for each share: the first of them is shown."""
BORDER = DATASETS[TRAINED_ON].border
"""Pixels on each side that the networks cut off."""
ROWS = 4
"""Of the picture of a batch."""
FRAME = 2
WRONG = (213, 94, 0)
"""The frame of an image with a wrong answer, red, green, blue."""
HEIGHT = 250
Y = Axis(title="Test error (%)")

SIZE_SAID = (
    "In random batches of {size} seed {seed} of {bn} is wrong on **{wrong:.1f} %** of {tests:,} images; in inference "
    "mode on {inference:.1f} %."
)
ALONE_SAID = (
    "With each image alone in its batch seed {seed} of {bn} is wrong on **{wrong:.1f} %** of {tests:,} images; in "
    "inference mode on {inference:.1f} %."
)
REFUSED = (
    "A batch of one image works here, since a channel of the last norm still has {cells} numbers. Of one number torch "
    "says: “{words}”"
)
BATCH_SAID = (
    "{own} of {batch} images are of class {name}: seed {seed} of {bn} is wrong on **{its:.1f} %** of them and on "
    "**{others:.1f} %** of the others, over {drawn} such batches."
)
ONE_CLASS_SAID = (
    "All {batch} images are of class {name}: seed {seed} of {bn} is wrong on **{its:.1f} %**, over {drawn} such "
    "batches."
)
FIRST_BATCH = "The first of these batches: a frame marks a wrong answer."
ALT = "A batch of {batch}: {own} images of class {name} and then the others; a frame marks {wrong} wrong answers."
WHERE_FROM = (
    "Networks of the study with seed {seed}, the first {tests:,} test images of {title}. {names} are drawn flat: their "
    "answers depend on no other image."
)


@dataclass(frozen=True)
class EvalTable:
    """What lies ready for every position; nobody changes the network.

    x: (N, 1, 28, 28), standardized.  labels: (N,).  inference: errors in percent, by name.
    """

    model: NormNet
    ink: Tensor
    x: Tensor
    labels: Tensor
    inference: Mapping[str, float]
    title: str


@dataclass(frozen=True)
class Company:
    """What batches with a share of one class come to.

    its, others: errors in percent; the second is None where there are no others.
    images: (64,) positions of the first batch.  wrong: (64,) whether the answer is.
    """

    its: float
    others: float | None
    images: NDArray[np.int64]
    wrong: NDArray[np.bool_]


def eval_table(data: Dataset) -> EvalTable:
    """The first 1,000 test images of ``data``, the study's BN, and what GN, LN and IN come to on them.

    ``RecordError`` where a network does not ship.
    """
    images = judged_of(data, TESTS, SEED)
    x = standardized(images.images)
    inference = {}
    for norm, l1 in (BN, *OWN_STATISTICS):
        model = StudyNetwork(norm=norm, l1=l1, seed=SEED).network()
        inference[label((norm, l1))] = error(model, x, images.labels)
    model = StudyNetwork(norm=BN[0], l1=BN[1], seed=SEED).network()
    return EvalTable(model, images.images, x, images.labels, inference, DATASETS[data.name].title)


def by_size(table: EvalTable) -> dict[int, float]:
    """The error in percent in random batches of each size."""
    generator = torch.Generator().manual_seed(SEED)
    return {size: random_batches_error(table.model, table.x, table.labels, size, generator) for size in SIZES}


def by_share(table: EvalTable, digit: int) -> dict[int, Company]:
    """What batches come to in which the class ``digit`` has each share, by the share in percent."""
    generator = torch.Generator().manual_seed(SEED)
    found = {}
    for share in SHARES:
        drawn = companies(table.labels, digit, share, DRAWN, generator)
        wrong = wrong_in_company(table.model, table.x, table.labels, drawn)
        count = of_the_class(share)
        its, rest = wrong[:, :count].float(), wrong[:, count:].float()
        others = 100 * float(rest.mean()) if rest.numel() else None
        found[share] = Company(100 * float(its.mean()), others, drawn[0].numpy(), wrong[0].numpy())
    return found


def _curve(name: str, norm: NormName, points: Mapping[int, float], twin: int = 0) -> Line:
    return Line(label=name, norm=norm, x=tuple(points), values=tuple((y,) for y in points.values()), twin=twin)


def _flat(table: EvalTable, x: Sequence[int]) -> list[Line]:
    names = ((label(method), method[0]) for method in OWN_STATISTICS)
    return [_curve(name, norm, dict.fromkeys(x, table.inference[name])) for name, norm in names]


def _size_lines(table: EvalTable, found: Mapping[int, float]) -> list[Line]:
    return [_curve(BATCH_NORM, BN[0], found), *_flat(table, SIZES)]


def size_picture(table: EvalTable, found: Mapping[int, float], size: int) -> go.Figure:
    """Error against the size of random batches; a ring at ``size``."""
    figure = lines_figure(_size_lines(table, found), title=IN_RANDOM, x=SIZE, y=Y)
    return _ringed(figure, size, (found[size],))


def size_words(table: EvalTable, found: Mapping[int, float]) -> str:
    """The numbers of ``size_picture``."""
    return in_words(_size_lines(table, found), x=SIZE, y=Y)


def _share_lines(table: EvalTable, found: Mapping[int, Company]) -> list[Line]:
    its = {at: company.its for at, company in found.items()}
    others = {at: company.others for at, company in found.items() if company.others is not None}
    return [_curve(ITS, BN[0], its), _curve(OTHERS, BN[0], others, twin=1), *_flat(table, SHARES)]


def share_picture(table: EvalTable, found: Mapping[int, Company], share: int) -> go.Figure:
    """Error against the share of the class, for its images and the others; rings at ``share``."""
    figure = lines_figure(_share_lines(table, found), title=OF_ONE_CLASS, x=SHARE, y=Y)
    # the others are named beside it, and three rows of names would leave the curves no room
    figure.update_traces(showlegend=False, selector=lambda trace: trace.name not in (ITS, OTHERS))
    here = found[share]
    return _ringed(figure, share, [here.its] if here.others is None else [here.its, here.others])


def share_words(table: EvalTable, found: Mapping[int, Company]) -> str:
    """The numbers of ``share_picture``."""
    return in_words(_share_lines(table, found), x=SHARE, y=Y)


def _ringed(figure: go.Figure, x: float, heights: Sequence[float]) -> go.Figure:
    figure.add_scatter(
        x=[x] * len(heights),
        y=list(heights),
        mode="markers",
        marker={"symbol": "circle-open", "size": 16, "line": {"width": 3}, "color": NORMS[BN[0]].color},
        hoverinfo="skip",
        showlegend=False,
    )
    return figure.update_layout(height=HEIGHT)


def batch_picture(table: EvalTable, company: Company) -> NDArray[np.uint8]:
    """The first batch in four rows, (H, W, 3): dark ink on paper, wrong answers in a frame."""
    inside = slice(BORDER, SIDE - BORDER)
    ink = table.ink[torch.from_numpy(company.images)][:, 0, inside, inside]
    paper = (255 * (1 - ink)).round().to(torch.uint8).numpy()  # (64, 24, 24)
    side, columns = paper.shape[1] + 2 * FRAME + 2, BATCH // ROWS
    sheet = Image.new("RGB", (side * columns, side * ROWS), (255, 255, 255))
    for i, (image, wrong) in enumerate(zip(paper, company.wrong, strict=True)):
        left, top = side * (i % columns) + 1, side * (i // columns) + 1
        if wrong:
            sheet.paste(WRONG, (left, top, left + side - 2, top + side - 2))
        sheet.paste(Image.fromarray(image), (left + FRAME, top + FRAME))
    return np.asarray(sheet)


def size_said(table: EvalTable, found: Mapping[int, float], size: int) -> str:
    """What the size of the slider comes to."""
    template = ALONE_SAID if size == 1 else SIZE_SAID
    said = template.format(
        size=size,
        bn=BATCH_NORM,
        seed=SEED,
        wrong=found[size],
        tests=len(table.labels),
        inference=table.inference[BATCH_NORM],
    )
    if size > 1:
        return said
    channels, height, width = layer_shapes(RunConfig(norm=BN[0], dataset=TRAINED_ON))[-1]
    return f"{said} {REFUSED.format(cells=height * width, words=refusal(channels))}"


def share_said(company: Company, share: int, name: str) -> str:
    """What share and class of the sliders come to."""
    places = {"own": of_the_class(share), "batch": BATCH, "name": name, "bn": BATCH_NORM, "seed": SEED, "drawn": DRAWN}
    if company.others is None:
        return ONE_CLASS_SAID.format(its=company.its, **places)
    return BATCH_SAID.format(its=company.its, others=company.others, **places)


def batch_words(company: Company, share: int, name: str) -> str:
    """``batch_picture`` for those who do not see it."""
    return ALT.format(batch=BATCH, own=of_the_class(share), name=name, wrong=int(company.wrong.sum()))


def where_from(table: EvalTable) -> str:
    """Which networks and images these are."""
    names = listed([label(method) for method in OWN_STATISTICS])
    return WHERE_FROM.format(seed=SEED, tests=len(table.labels), title=table.title, names=names)
