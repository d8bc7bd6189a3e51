"""Step 5, inference: a trained BN network left in training mode, and where eval() has its estimates from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import cast

import plotly.graph_objects as go
import torch
from torch import nn
from torch.nn import functional as F

from core.catalogue import DATASETS, NORMS, QUICK, SIDE
from core.comparison.curves import set_title
from core.config import RunConfig
from core.data.batches import run_batches
from core.data.datasets import Dataset
from core.experiments import companies
from core.experiments.figures import LEGEND, Axis, Line, in_words, lines_figure
from core.experiments.forgot_eval_live import SEED, EvalTable
from core.experiments.statistics import batch_norms
from core.experiments.study_networks import BN, TRAINED_ON, label
from core.model import POOL_AFTER
from core.normalization import RunningStatistics
from core.palette import HUES, line_style

MOST = 128
SIZES = tuple(size for size in companies.SIZES if size <= MOST)
"""Images in a batch."""
BATCHES = 40
"""Training batches after which momentum 0.1 has forgotten all but 1.5 % of its start."""
GUESSES = range(0, 1001, 50)
"""Right answers, of 1,000, that may be predicted."""
NEAR = 100
"""A prediction that is off by no more than that is said to be close."""
HEIGHT = 270
"""A phone has no more room above its words."""

TRAINING, EVAL = "training mode", "model.eval()"
GUESS = "your prediction"
X = Axis(title="Images in a batch", log=True, span=(0.85, 1.18 * MOST), ticks=SIZES)
TITLE = "Right answers of {total:,}"
CLOSE = ":material/check_circle: You said: {guess:,}. **Close: it is {right:,}.**"
OFF = ":material/cancel: You said: {guess:,}. **The answer: {right:,}.**"
ALONE = (
    "One at a time, **{right:,} of {total:,}** test images are right in training mode and **{inference:,}** after "
    "`model.eval()`, with the same weights (one network, seed {seed})."
)
IN_BATCHES = (
    "In batches of {size}, **{right:,} of {total:,}** test images are right in training mode; after `model.eval()` "
    "**{inference:,}** are, whatever the batch (one network, seed {seed})."
)
BATCH_OR_STORED = (
    "In training mode BN takes mean and variance from the batch: subtracting one image's own means takes away how "
    "strongly each channel responds to it, by which this network has learned to tell. After `model.eval()` it takes "
    "the **running estimates** stored in training."
)
MEASURED = (
    "The study's {network} of seed {seed}, trained for {epochs} epochs on {train:,} images of {title}. It is tested on "
    "{tests:,} of the {all:,} test images, in random batches of each size. Home and lab show means over several seeds "
    "and all test images, so their numbers differ a little.\n\n"
    "Running estimates: those that {batches} batches of training images give, while the weights stay as they are."
)
MEANS = "Means of training batches of {size}, channel {channel}"
ONE_MEAN = "Means of single training images, channel {channel}"
DOT, RUNNING, STORED = "a batch's own mean", "running mean", "stored in the network"
COLLECTED = (
    "**Stored** for each channel: a running mean and a running variance. **Collected** in training: after each batch, "
    "running = 0.9 × running + 0.1 × batch. `model.eval()` stops that and **uses** them."
)
SCATTER = (
    "Means of {size} images scatter by {scatter:.2g}; the running mean ends at {end:.2f} here, and at {stored:.2f} in "
    "the whole training."
)
SCATTER_OF_ONE = (
    "Means of single images scatter by {scatter:.2g}; the running mean ends at {end:.2f} here, and at {stored:.2f} in "
    "the whole training."
)
ALT = (
    "{title}, batch after batch: they scatter by {scatter:.3f}. The running mean goes from 0 to {end:.3f}; stored is "
    "{stored:.3f}."
)


@dataclass(frozen=True)
class Answers:
    """Right answers of ``total`` test images.

    by_size: in training mode, by the images of a random batch.  inference: after ``eval()``.
    """

    total: int
    by_size: Mapping[int, int]
    inference: int


def answers(table: EvalTable, errors: Mapping[int, float]) -> Answers:
    """The right answers that ``errors``, in percent by the size of a batch, leave."""
    total = len(table.labels)

    def right(error: float) -> int:
        return total - round(total * error / 100)

    return Answers(total, {size: right(errors[size]) for size in SIZES}, right(table.inference[label(BN)]))


def answers_figure(found: Answers, size: int | None, guess: int | None) -> go.Figure:
    """Right answers over the images in a batch, a ring at ``size``; without a size what is known before the test.

    guess: what was predicted for batches of one image.
    """
    lines = _lines(found)
    y = Axis(title="", span=(0, 1.05 * found.total))
    figure = lines_figure(lines if size else lines[1:], title=TITLE.format(total=found.total), x=X, y=y)
    if size:
        style = {"symbol": "circle-open", "size": 16, "line": {"width": 3}, "color": NORMS[BN[0]].color}
        figure.add_scatter(
            x=[size], y=[found.by_size[size]], mode="markers", marker=style, hoverinfo="skip", showlegend=False
        )
    if guess is not None:
        figure.add_scatter(
            x=[1], y=[guess], mode="markers", name=GUESS, marker={"symbol": "star", "size": 14, "color": HUES[4]}
        )
    return _placed(figure)


def _lines(found: Answers) -> list[Line]:
    x = tuple(float(size) for size in SIZES)
    taken = tuple((float(found.by_size[size]),) for size in SIZES)
    return [
        Line(label=TRAINING, norm=BN[0], x=x, values=taken),
        Line(label=EVAL, norm=BN[0], x=x, values=((float(found.inference),),) * len(x), twin=1),
    ]


def _placed(figure: go.Figure) -> go.Figure:
    return figure.update_layout(height=HEIGHT, legend={"font": {"size": 12}})


def answers_alt(found: Answers, size: int | None) -> str:
    """The same for those who do not see it."""
    y = Axis(title=TITLE.format(total=found.total))
    return in_words(_lines(found) if size else _lines(found)[1:], x=X, y=y)


def guess_said(found: Answers, guess: int) -> str:
    """What was predicted for single images beside what is so."""
    right = found.by_size[1]
    return (CLOSE if abs(guess - right) <= NEAR else OFF).format(guess=guess, right=right)


def answers_said(found: Answers, size: int) -> str:
    """What a size of the batches comes to."""
    template = ALONE if size == 1 else IN_BATCHES
    return template.format(
        size=size, right=found.by_size[size], total=found.total, inference=found.inference, seed=SEED
    )


def about_network(found: Answers) -> str:
    """Which network it is, and why the numbers of other pages are others."""
    config, data = RunConfig(norm=BN[0], l1=BN[1], seed=SEED), DATASETS[TRAINED_ON]
    return MEASURED.format(
        network=config.label,
        seed=SEED,
        epochs=config.epochs,
        train=data.train_images,
        title=data.title,
        tests=found.total,
        all=data.test_images,
        batches=BATCHES,
    )


@dataclass(frozen=True)
class Estimates:
    """One channel of the first BN of a trained network while training batches of ``size`` images go by.

    channel: from 1.  means: of each batch.  running: the running mean before the first batch and after each.
    stored: the one that the network learned with.
    """

    size: int
    channel: int
    means: tuple[float, ...]
    running: tuple[float, ...]
    stored: float

    @property
    def scatter(self) -> float:
        """The standard deviation of the means."""
        return float(torch.tensor(self.means, dtype=torch.float64).std(correction=0))


def estimates(table: EvalTable, data: Dataset, size: int) -> Estimates:
    """The first ``BATCHES`` batches of a training on ``data``, augmented as in training; the weights stay as they are.

    The channel is that with the largest stored mean.
    """
    model = table.model
    stored = batch_norms(model)[0].running_mean
    assert stored is not None  # every BN of the project keeps track
    channel = int(stored.argmax())
    # one channel of the first layer: no norm lies before it, so the mode of the network does not matter
    first = cast("nn.Conv2d", model.convs[0])
    weight, padding = first.weight[channel : channel + 1], cast("tuple[int, int]", first.padding)
    inside = slice(model.border, SIDE - model.border)
    running, means = [RunningStatistics.start(1)], []
    config = RunConfig(norm=BN[0], dataset=QUICK, batch_size=size)
    with torch.inference_mode():
        for x, _ in islice(run_batches(config, data), BATCHES):
            received = F.conv2d(x[:, :, inside, inside], weight, padding=padding)  # (B, 1, H, W)
            if 0 in POOL_AFTER:
                received = F.max_pool2d(received, 2)
            batch = received.double().numpy()
            means.append(float(batch.mean()))
            running.append(running[-1].update(batch))
    return Estimates(size, channel + 1, tuple(means), tuple(float(r.mean[0]) for r in running), float(stored[channel]))


def estimates_figure(found: Estimates) -> go.Figure:
    """A dot for the mean of each batch, the running mean as a line, what is stored as a level; always on one scale."""
    figure = go.Figure()
    style = line_style(BN[0])
    batches = list(range(len(found.running)))
    figure.add_scatter(x=batches[1:], y=found.means, mode="markers", name=DOT, marker={"color": HUES[1], "size": 6})
    figure.add_scatter(x=batches, y=found.running, mode="lines", name=RUNNING, line=style["line"])
    ends = [batches[0], batches[-1]]
    level = {**line_style(BN[0], 1)["line"]}
    figure.add_scatter(x=ends, y=[found.stored] * 2, mode="lines", name=STORED, line=level)
    figure.update_xaxes(title="Training batches", range=[-1, BATCHES + 1])
    figure.update_yaxes(range=[-0.1 * found.stored, 2.4 * found.stored])
    figure.update_layout(margin={"l": 10, "r": 10, "b": 10}, legend=LEGEND)
    set_title(figure, estimates_title(found), "", height=HEIGHT)
    return _placed(figure)


def estimates_title(found: Estimates) -> str:
    """What its picture shows."""
    return (ONE_MEAN if found.size == 1 else MEANS).format(size=found.size, channel=found.channel)


def estimates_alt(found: Estimates) -> str:
    """The same for those who do not see it."""
    return ALT.format(title=estimates_title(found), scatter=found.scatter, end=found.running[-1], stored=found.stored)


def estimates_said(found: Estimates) -> str:
    """What is stored, when it is collected, and how far single batches are from it."""
    template = SCATTER_OF_ONE if found.size == 1 else SCATTER
    said = template.format(size=found.size, scatter=found.scatter, end=found.running[-1], stored=found.stored)
    return f"{COLLECTED} {said}"
