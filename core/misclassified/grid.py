"""Misclassified images as one annotated picture, drawn with Pillow: no browser is needed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core.catalogue import DATASETS
from core.labels import summary
from core.records.record import Predictions, RunRecord

Order = Literal["confident", "class", "pair", "first", "random"]
ORDERS: dict[Order, str] = {
    "confident": "most confident",
    "class": "by class",
    "pair": "by pair",
    "first": "first",
    "random": "random",
}
_ORDER_NOTES: dict[Order, str] = {
    "confident": "most confident first",
    "class": "by true class",
    "pair": "the most frequent pair of true and predicted class first",
    "first": "in the order of the test set",
    "random": "drawn at random",
}
COLUMNS, ROWS = 5, 2
PER_GRID = COLUMNS * ROWS


def ranked(predictions: Predictions, order: Order, *, seed: int = 0) -> NDArray[np.int64]:
    """Positions in ``wrong_index`` of all misclassified images, in the asked-for order.

    confident: by the probability of the wrong class, highest first.
    class: by true class, in a class the most confident first.
    pair: the pair (true, predicted) that occurs most often first, equally frequent pairs by true and then by
    predicted class, in a pair the most confident first.
    first: by position in the test set, which also settles all ties above.
    random: a permutation, the same for the same ``seed``.
    """
    index = predictions.wrong_index
    confidence = -predictions.confidence[index]
    true, predicted = predictions.true[index], predictions.predicted[index]
    if order == "first":
        places = np.arange(len(index))
    elif order == "random":
        places = np.random.default_rng(seed).permutation(len(index))
    elif order == "confident":
        places = np.argsort(confidence, kind="stable")
    elif order == "class":
        places = np.lexsort((confidence, true))  # stable, the last key first
    else:
        pair = 10 * true + predicted
        frequency = np.bincount(pair, minlength=100)[pair]
        places = np.lexsort((confidence, pair, -frequency))
    return places.astype(np.int64)


def page_count(images: int) -> int:
    """Grids that show ``images`` images: at least one."""
    return max(1, -(-images // PER_GRID))


def on_page(positions: NDArray[np.int64], page: int) -> NDArray[np.int64]:
    """The part of ``positions`` that grid number ``page``, from 1, shows; none beyond the last."""
    return positions[(page - 1) * PER_GRID : page * PER_GRID]


def choose(predictions: Predictions, order: Order, *, seed: int = 0, count: int = PER_GRID) -> NDArray[np.int64]:
    """The first ``count`` of ``ranked``: fewer where there are fewer errors."""
    return ranked(predictions, order, seed=seed)[:count]


def enlarge(image: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """(28, 28) ink on paper -> (28 * factor, 28 * factor), every pixel a square."""
    return np.kron(image, np.ones((factor, factor), dtype=np.uint8))


def annotation(predictions: Predictions, position: int, classes: Sequence[str]) -> tuple[str, str, str]:
    """True label, predicted label and confidence of one misclassified image, as texts."""
    index = predictions.wrong_index[position]
    return (
        classes[predictions.true[index]],
        classes[predictions.predicted[index]],
        f"{100 * predictions.confidence[index]:.1f} %",
    )


def grid_picture(
    record: RunRecord,
    positions: Sequence[int] | NDArray[np.int64],
    classes: Sequence[str],
    *,
    order: Order,
    name: str = "",
    detail: str = "",
) -> Image.Image:
    """The 5x2 picture of a run: five columns, two rows, each image with true label, prediction and confidence.

    name: what the run is called, where its label does not tell it from others.  detail: what else the second
    line says of these images, as in "page 2 of 5". The third has the data set and the settings.
    """
    predictions = record.predictions
    tile, text, gap, top = 168, 86, 18, 100
    width = COLUMNS * tile + (COLUMNS + 1) * gap
    rows = max(1, -(-len(positions) // COLUMNS))
    picture = Image.new("RGB", (width, top + rows * (tile + text + gap)), "white")
    draw = ImageDraw.Draw(picture)
    large, small = ImageFont.load_default(22), ImageFont.load_default(17)
    wrong, total = len(predictions.wrong_index), len(predictions.true)
    draw.text(
        (gap, 14), f"{name or record.label}: {wrong} of {total:,} test images misclassified", fill="#111", font=large
    )
    notes = ", ".join([f"{len(positions)} of them", _ORDER_NOTES[order], *([detail] if detail else [])])
    draw.text((gap, 44), notes, fill="#444", font=small)
    trained = f"{DATASETS[record.config.dataset].title}, {summary(record.config)}"
    fits = small.getlength(trained) <= width - 2 * gap
    draw.text((gap, 70), trained, fill="#444", font=small if fits else ImageFont.load_default(12))
    for place, position in enumerate(positions):
        row, column = divmod(place, COLUMNS)
        x = gap + column * (tile + gap)
        y = top + row * (tile + text + gap)
        picture.paste(Image.fromarray(enlarge(255 - predictions.wrong_image[position], tile // 28)), (x, y))
        draw.rectangle((x, y, x + tile - 1, y + tile - 1), outline="#bbb")
        true, predicted, confidence = annotation(predictions, position, classes)
        draw.text((x, y + tile + 6), f"true {true}", fill="#111", font=small)
        # a line of its own, since a class name such as "ankle boot" fills the one above
        draw.text((x, y + tile + 30), f"predicted {predicted}", fill="#111", font=small)
        draw.text((x, y + tile + 54), f"confidence {confidence}", fill="#111", font=small)
    return picture


def grid_png(
    record: RunRecord,
    positions: Sequence[int] | NDArray[np.int64],
    classes: Sequence[str],
    *,
    order: Order,
    name: str = "",
    detail: str = "",
) -> bytes:
    """``grid_picture`` as the bytes of a PNG file."""
    buffer = io.BytesIO()
    grid_picture(record, positions, classes, order=order, name=name, detail=detail).save(buffer, format="PNG")
    return buffer.getvalue()
