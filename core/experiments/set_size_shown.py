"""The table of ``set_size``, read and drawn: one picture over what both networks share, the numbers in a set."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import plotly.graph_objects as go

from core.catalogue import NormName
from core.experiments.experiment import Scalar
from core.experiments.figures import Axis, Line, Panel, in_words, line, panels_figure
from core.experiments.settings import LabConfig
from core.experiments.table import Table

BATCHES = (1, 2, 4, 8, 16, 32, 64, 128)
ONE, FEW, MANY, MOST = 1, 2, 32, BATCHES[-1]
"""Images: of a batch alone; the fewest of a set of one number each, since torch refuses a set of a single number; those
of a whole batch that sub-batches are parts of; the most of a batch.
"""
PARTS = tuple(size for size in BATCHES if FEW <= size <= MANY)
"""Images of a sub-batch, and of the whole of it."""
COMPARED: tuple[NormName, ...] = ("bn", "gn", "ln")
Kind = Literal["batches", "sub-batches"]
"""What BN takes its statistics from: batches, each with its own learning rate, or parts of batches of 32."""
Where = dict[str, Scalar]


def bn_error(table: Table, images: int, *, pooled: bool) -> dict[int, float]:
    """BN's error by seed where so many images share its statistics; a quick table has sub-batches only."""
    where: Where = {"norm": "bn", "images": images, "pooled": pooled}
    return table.by_seed("error", kind="batches", **where) or table.by_seed("error", kind="sub-batches", **where)


def gn_error(table: Table, images: int, *, pooled: bool) -> dict[int, float]:
    """GN's error by seed at a batch size; of a quick table at 32, since sub-batches are nothing to it."""
    where: Where = {"norm": "gn", "pooled": pooled}
    return table.by_seed("error", images=images, **where) or table.by_seed("error", images=MANY, **where)


def numbers_in_set(table: Table, images: int, *, pooled: bool) -> int:
    """In a set of BN's last layer, where so many images share it."""
    return int(min(table.distinct("numbers", norm="bn", pooled=pooled, images=images)))


def sizes(table: Table) -> tuple[int, ...]:
    """Images in BN's sets: of batches of all sizes, or of sub-batches alone."""
    return PARTS if table.quick else BATCHES


# ---- what is drawn

NUMBERS = Axis(title="Size of BN's set", log=True)
PER_GPU_SIZES = (2, 4, 8, 16, 32)
PER_GPU = Axis(title="Images per GPU", log=True, span=(1.6, 40), ticks=PER_GPU_SIZES[::2])
ERROR = Axis(title="Wrong answers (%)", log=True, span=(1, 100), ticks=(1, 2, 5, 10, 20, 50, 100))
BEYOND = 1.25
"""So many times the ends of what is drawn, and an axis ends."""
PUBLISHED = (
    Line(label="BN, published", norm="bn", x=PER_GPU_SIZES, values=((34.7,), (27.3,), (24.8,), (23.7,), (23.6,))),
    Line(label="GN, published", norm="gn", x=PER_GPU_SIZES, values=((24.1,), (24.2,), (24.0,), (24.2,), (24.1,))),
)
PUBLISHED_IN_WORDS = (
    "ImageNet error with 32, 16, 8, 4 and 2 images per GPU: BN 23.6, 23.7, 24.8, 27.3 and 34.7 %, GN 24.1, 24.2, 24.0, "
    "24.2 and 24.1 %."
)
SUB_BATCHES = "BN in sub-batches"
POOLED, OWN = "pooled: {numbers} an image", "as it is: {numbers}"
"""What stands above a network: how many numbers a set has of an image."""


def _line(table: Table, norm: NormName, kind: Kind, *, pooled: bool) -> Line:
    label = SUB_BATCHES if kind == "sub-batches" else LabConfig(norm=norm).label
    twin = 1 if kind == "sub-batches" else 0
    found = line(table, label, norm, "numbers", "error", twin=twin, norm=norm, kind=kind, pooled=pooled)
    if norm != "bn" and len(found.x) == 1:  # what is in BN's sets is nothing to it
        ends = table.distinct("numbers", norm="bn", pooled=pooled)
        found = replace(found, x=(min(ends), max(ends)), values=found.values * 2)
    return found


def lines(table: Table, *, pooled: bool) -> list[Line]:
    """Of one network, over the numbers in a set of BN's last layer."""
    drawn = [_line(table, norm, "batches", pooled=pooled) for norm in COMPARED]
    drawn.append(_line(table, "bn", "sub-batches", pooled=pooled))
    return [each for each in drawn if len(each.x) > 1]


def picture(table: Table) -> go.Figure:
    """Both networks over what unites them, the numbers in a set, and beside them the published curves."""
    return panels_figure(
        [
            _panel(table, pooled=True),
            _panel(table, pooled=False),
            Panel(title="ImageNet", x=PER_GPU, y=ERROR, published=PUBLISHED, share=0.28),
        ],
        title="Error against the numbers in a set",
        same_y=True,
    )


def _panel(table: Table, *, pooled: bool) -> Panel:
    """One network; as wide as the other, so that a step to the right is as many times the numbers in both."""
    numbers = _of_an_image(table, pooled=pooled)
    if numbers is None:  # while trials run there may be nothing of it yet
        return Panel(title=" ", x=NUMBERS, y=ERROR, share=0.36)
    places = [numbers * size for size in sizes(table)]
    axis = replace(NUMBERS, ticks=tuple(places[::-2][::-1]), span=(places[0] / BEYOND, places[-1] * BEYOND))
    title = (POOLED if pooled else OWN).format(numbers=numbers)
    return Panel(title=title, x=axis, y=ERROR, lines=tuple(lines(table, pooled=pooled)), share=0.36)


def _of_an_image(table: Table, *, pooled: bool) -> int | None:
    """How many numbers a set of BN's last layer has of each of its images; None where the table has none of them."""
    where: Where = {"norm": "bn", "pooled": pooled}
    for images in table.distinct("images", **where):
        for numbers in table.distinct("numbers", **where, images=images):
            return int(numbers) // int(images)
    return None


POOLED_IN_WORDS, OWN_IN_WORDS = "{label}, pooled before the last norm", "{label}, as the network is"


def words(table: Table) -> str:
    """Every mean of the picture, and what is published."""
    said = [
        replace(each, label=(POOLED_IN_WORDS if pooled else OWN_IN_WORDS).format(label=each.label))
        for pooled in (True, False)
        for each in lines(table, pooled=pooled)
    ]
    return f"{in_words(said, x=NUMBERS, y=ERROR)} {PUBLISHED_IN_WORDS}"
