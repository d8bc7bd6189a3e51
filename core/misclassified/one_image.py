"""One misclassified image under every run: its ten probabilities, and what each layer makes of it.

A record keeps the images that its own run gets wrong, and those only. What another run says of such an
image is computed from that run's weights; no data set is loaded for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.catalogue import DatasetName
from core.labels import listed
from core.misclassified import sentences
from core.model import LayerTap, NormNet
from core.records.answers import Answer, answers, standardized
from core.records.record import Predictions, RunRecord

NAMED = 3
"""Runs that one sentence lists."""


@dataclass(frozen=True, eq=False)
class ImageView:
    """A test image and the answers of several runs to it.

    image: (28, 28) uint8, 0 is paper.  missing: names of the runs whose weights cannot be used.
    """

    index: int
    image: NDArray[np.uint8]
    true: int
    answers: tuple[Answer, ...]
    missing: tuple[str, ...]


def kept_image(found: Sequence[Predictions], index: int) -> NDArray[np.uint8] | None:
    """Test image ``index`` as (28, 28) uint8 from the first run that gets it wrong; None where none does."""
    for predictions in found:
        place = int(np.searchsorted(predictions.wrong_index, index))
        if place < len(predictions.wrong_index) and predictions.wrong_index[place] == index:
            return predictions.wrong_image[place]
    return None


def image_view(runs: Sequence[tuple[str, RunRecord]], index: int) -> ImageView:
    """Image ``index`` under every run of ``runs`` (names and whole records of one test set).

    Raises ``LookupError`` where no run gets it wrong, so that no record holds it.
    """
    found = [record.predictions for _, record in runs]
    image = kept_image(found, index)
    if image is None:
        raise LookupError(f"test image {index} is not among the errors of these runs, so no record holds it")
    said, missing = answers(runs, image)
    return ImageView(index, image, int(found[0].true[index]), tuple(said), tuple(missing))


def in_words(view: ImageView, classes: Sequence[str]) -> list[str]:
    """How the prediction changes over the runs, one sentence an answer, the right one first.

    A wrong answer comes with what it leaves to the true class; the runs of one answer from the most confident
    to the least; of more than ``NAMED`` runs only these two.
    """
    by_answer: dict[int, list[Answer]] = {}
    for answer in view.answers:
        by_answer.setdefault(answer.predicted, []).append(answer)
    said = []
    for predicted in sorted(by_answer, key=lambda p: (p != view.true, -len(by_answer[p]), p)):
        group = sorted(by_answer[predicted], key=lambda answer: -answer.confidence)
        if predicted == view.true:
            said.append(sentences.RIGHT.format(answer=classes[predicted], runs=_who(group)))
            continue
        left = [float(answer.probabilities[view.true]) for answer in group]
        low, high = _percent(min(left)), _percent(max(left))
        template = sentences.WRONG if low == high else sentences.WRONG_WITHIN
        said.append(
            template.format(
                answer=classes[predicted], runs=_who(group), left=low, low=low, high=high, true=classes[view.true]
            )
        )
    return said


def _who(group: Sequence[Answer]) -> str:
    """The runs of one answer, the most confident first."""
    if len(group) <= NAMED:
        return listed(
            [sentences.RUN_AT.format(name=answer.name, confidence=_percent(answer.confidence)) for answer in group]
        )
    most, least = group[0], group[-1]
    return sentences.MANY_RUNS.format(
        runs=len(group),
        least=_percent(least.confidence),
        least_name=least.name,
        most=_percent(most.confidence),
        most_name=most.name,
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


@dataclass(frozen=True)
class LayerMoments:
    """Mean and biased variance over all cells of one image, before and after the norm of a layer.

    layer: from 1.  shape: (C, H, W) of what the norm receives.
    """

    layer: int
    shape: tuple[int, int, int]
    mean_before: float
    var_before: float
    mean_after: float
    var_after: float


def layer_moments(model: NormNet, image: NDArray[np.uint8], dataset: DatasetName) -> list[LayerMoments]:
    """What each norm makes of one (28, 28) image in inference mode, alone in its batch."""
    with torch.inference_mode(), LayerTap(model.eval()) as tap:
        model(standardized(image[None], dataset))
    rows = []
    for layer, before in tap.before.items():
        x, y = before[0].double(), tap.after[layer][0].double()  # (C, H, W)
        c, h, w = x.shape
        rows.append(
            LayerMoments(
                layer + 1,
                (c, h, w),
                float(x.mean()),
                float(x.var(correction=0)),
                float(y.mean()),
                float(y.var(correction=0)),
            )
        )
    return rows
