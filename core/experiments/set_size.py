"""How many numbers are in a set? Error against batch size, as the network is and with one number an image a set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import torch

from core.catalogue import SIDE, DatasetName
from core.experiments.data import network_input, part
from core.experiments.experiment import Check, Context, Experiment, Prediction, Row, Source
from core.experiments.network import build
from core.experiments.set_size_shown import (
    BATCHES,
    COMPARED,
    FEW,
    MANY,
    MOST,
    PARTS,
    PUBLISHED_IN_WORDS,
    Kind,
    Where,
    bn_error,
    gn_error,
    least_numbers,
    mean,
    minus,
    picture,
    sizes,
    words,
)
from core.experiments.settings import LabConfig
from core.experiments.statistics import batch_norms, error
from core.experiments.table import Table
from core.experiments.training import LabTraining

LR = 0.0125
"""Of a batch of 32; those of other batches are in proportion."""
BROKEN = 10.0
"""Points above GN from which BN counts as broken."""
HARMED = 2.0
"""Points from which small batches count as a harm to BN in the network as it is, and large ones to GN."""


def trials(seeds: Sequence[int], quick: bool) -> list[LabConfig]:
    """Full: every norm at every batch size, and BN in sub-batches. Quick: BN in sub-batches, the others at 32."""
    data: DatasetName = "mnist-small" if quick else "mnist"
    base = LabConfig(norm="bn", dataset=data, tests=1000 if quick else 10_000, epochs=1 if quick else 3, decay="cosine")
    found = []
    for seed in seeds:
        for pooled in (True, False):
            own = replace(base, seed=seed, pooled=pooled)
            for size in (MANY,) if quick else BATCHES:
                batch = replace(own, batch_size=size, lr=LR * size / MANY)
                found += [replace(batch, norm=norm) for norm in COMPARED]
            found += [replace(own, batch_size=MANY, lr=LR, ghost=size) for size in PARTS if size < MANY]
    return found


def measure(settings: LabConfig, context: Context) -> list[Row]:
    """One training. BN on whole batches of 32 is one of either kind."""
    data = part(context.data(settings.dataset), settings)
    training = LabTraining(settings, data)
    for step in training:
        context.tell(step.number / step.of)
    row: Where = {
        "seed": settings.seed,
        "norm": settings.norm,
        "pooled": settings.pooled,
        "images": settings.ghost or settings.batch_size,
        "numbers": numbers_in_a_set(settings),
        "error": round(error(training.model, network_input(data.test_images, data), data.test_labels), 2),
    }
    kinds: list[Kind] = ["sub-batches"] if settings.ghost else ["batches"]
    if settings.norm == "bn" and settings.batch_size == MANY and not settings.ghost:
        kinds.append("sub-batches")
    return [{**row, "kind": kind} for kind in kinds]


@lru_cache(maxsize=64)
def numbers_in_a_set(settings: LabConfig) -> int:
    """Of BN behind the last convolution, in training: images that share it times positions that it has of each."""
    model = build(replace(settings, norm="bn", ghost=0)).eval()
    positions: list[int] = []
    batch_norms(model)[-1].register_forward_pre_hook(lambda _, x: positions.append(x[0].shape[2:].numel()))
    with torch.inference_mode():
        model(torch.zeros(1, 1, SIDE, SIDE))
    return (settings.ghost or settings.batch_size) * positions[0]


IN_PARTS: Where = {"norm": "bn", "pooled": True, "kind": "sub-batches"}
"""The rows of sub-batches where a set has one number an image."""


def above_gn(table: Table) -> dict[int, float]:
    """With a set of one number an image: BN at two images, minus GN."""
    return minus(bn_error(table, FEW, pooled=True), gn_error(table, FEW, pooled=True))


def harm(table: Table) -> dict[int, float]:
    """On the network as it is: BN at two images, minus BN at 32."""
    return minus(bn_error(table, FEW, pooled=False), bn_error(table, MANY, pooled=False))


def harm_of_parts(table: Table) -> dict[int, float]:
    """With a set of one number an image: BN in sub-batches of two, minus BN on the whole of the same batches of 32."""
    return table.difference("error", {**IN_PARTS, "images": FEW}, {**IN_PARTS, "images": MANY})


def harm_of_few_steps(table: Table) -> dict[int, float]:
    """With one number an image: GN at the largest batch, minus GN at two images; the batch is nothing to its sets."""
    return minus(gn_error(table, MOST, pooled=True), gn_error(table, FEW, pooled=True))


BROKE = (
    "With {numbers} numbers in a set of the last layer BN is wrong on {bn:.1f} % of the test images, GN (4) on "
    "{gn:.1f} %: of two numbers BN makes -1 and +1, however far apart they are, so their size is lost."
)
DID_NOT_BREAK = (
    "With {numbers} numbers in a set of the last layer BN is wrong on {bn:.1f} % of the test images, GN (4) on "
    "{gn:.1f} %: that is not {limit:g} points more."
)
NO_HARM = (
    "The network as it is normalizes before its last pooling, so there two images give a set {numbers} numbers: BN is "
    "wrong on {few:.1f} % then, and on {many:.1f} % with {most} images."
)
HARM = (
    "The network as it is normalizes before its last pooling, so there two images give a set {numbers} numbers, and "
    "still BN gets worse: it is wrong on {few:.1f} % then, and on {many:.1f} % with {most} images."
)
SUB_BATCHES_TOO = (
    "Sub-batches of two, out of batches of {most}, do the same with equal steps and learning rate ({parts:.1f} %): it "
    "is the small set that breaks BN, not the small batch."
)
SUB_BATCHES_ONLY = (
    "All these were batches of {most}, with equal steps and learning rate, and only BN's sub-batches differed: it is "
    "the small set that breaks BN, not the small batch."
)
AHEAD = "With one number an image, BN is ahead of GN (4) from {images} images in a set on."
FEWER_STEPS = (
    "At batches of {images} GN (4) is wrong on {gn:.1f} % and LN on {ln:.1f} %: their sets lie within one image, so it "
    "is not the statistics but the training, of few and large steps."
)


def seen(table: Table) -> str:
    """Whether BN broke with two numbers a set, whether it did as the network is, and what rules out the batch."""
    bn, gn = (mean(of(table, FEW, pooled=True)) for of in (bn_error, gn_error))
    broke = bn - gn > BROKEN
    few, many = (mean(bn_error(table, images, pooled=False)) for images in (FEW, MANY))
    said = [
        (BROKE if broke else DID_NOT_BREAK).format(
            numbers=least_numbers(table, pooled=True), bn=bn, gn=gn, limit=BROKEN
        ),
        (HARM if few - many > HARMED else NO_HARM).format(
            numbers=least_numbers(table, pooled=False), few=few, many=many, most=MANY
        ),
    ]
    if broke and mean(harm_of_parts(table)) > BROKEN:
        parts = table.mean("error", **IN_PARTS, images=FEW)
        said.append((SUB_BATCHES_ONLY if table.quick else SUB_BATCHES_TOO).format(most=MANY, parts=parts))
    if broke and (images := _ahead_from(table)) is not None:
        said.append(AHEAD.format(images=images))
    if not table.quick and mean(harm_of_few_steps(table)) > HARMED:
        gn, ln = (table.mean("error", norm=norm, pooled=True, images=MOST) for norm in ("gn", "ln"))
        said.append(FEWER_STEPS.format(images=MOST, gn=gn, ln=ln))
    return " ".join(said)


def _ahead_from(table: Table) -> int | None:
    """The least number of images from which on BN has a lower error than GN, with one number an image."""
    found = None
    for images in reversed(sizes(table)):
        if mean(bn_error(table, images, pooled=True)) >= mean(gn_error(table, images, pooled=True)):
            break
        found = images
    return found


OPTIONS = (
    "In both networks.",
    "Only where a set then has two numbers.",
    "Only in the network as it is.",
    "In neither.",
)


def right(table: Table) -> str:
    """Whether BN at two images is more than ten points above GN, with one number an image and as the network is."""
    one, own = (
        mean(minus(bn_error(table, FEW, pooled=pooled), gn_error(table, FEW, pooled=pooled))) > BROKEN
        for pooled in (True, False)
    )
    return OPTIONS[{(True, True): 0, (True, False): 1, (False, True): 2, (False, False): 3}[one, own]]


SOURCE = Source(
    paper="Wu and He, 2018",
    arxiv="1803.08494",
    place="Table 2",
    published=PUBLISHED_IN_WORDS
    + " An image has 7 x 7 positions in the last layers there: how many numbers are enough depends on the task.",
)

SET_SIZE = Experiment(
    name="set-size",
    title="How many numbers are in a set?",
    question="Is it the small batch that breaks BN, or the small set?",
    claim="BN's error rises quickly as batches get small. GN's does not, because it needs no other image.",
    source=SOURCE,
    prediction=Prediction(
        question="BN takes its statistics from two images at a time. The network as it is normalizes every position of "
        "both; another takes the maximum over each image before its last norm. Where does BN's error end more than ten "
        "points above GN's?",
        options=OPTIONS,
        right=right,
    ),
    trials=trials,
    measure=measure,
    picture=picture,
    words=words,
    seen=seen,
    checks=(
        Check(
            statement="With two numbers in a set of the last layer, BN has a far higher error than GN (4).",
            margin=BROKEN,
            difference=above_gn,
        ),
        Check(
            statement="In the network as it is, sets of two images give BN a higher error than sets of 32.",
            margin=HARMED,
            difference=harm,
        ),
        Check(
            statement="With one number an image in a set, statistics of two images give BN a far higher error than "
            "statistics of 32, with equal batches, steps and learning rate.",
            margin=BROKEN,
            difference=harm_of_parts,
        ),
    ),
    terms="Plain SGD, momentum 0.9, no clipping, no warm-up; learning rate 0.0125 at batches of 32 and in proportion "
    "at others, falling to 0 along half a cosine; 3 epochs of the first 6,000 training images of MNIST, so that "
    "batches of 2 take 64 times the steps of batches of 128. Sub-batches (ghost batches, arXiv 1705.08741) are "
    "parts of a batch of 32, each with statistics of its own.",
    reduced="One seed, 1 epoch of 6,000 images, tested on 1,000. BN's sets are made small by sub-batches of batches of "
    "32, and GN and LN, to which sub-batches make no difference, are trained once, at 32.",
)
