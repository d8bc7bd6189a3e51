"""What the study says of its methods' errors, in a sentence, and whether one run of each could tell."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from core.catalogue import DATASETS
from core.comparison.methods import Method
from core.labels import listed

STUDY = (
    "Here, after {epochs} of {dataset}, {first} is wrong on {error:.2f} % of the test images, {others} (means of "
    "{seeds} seeds; those of one method differ by up to {spread:.2f} points)."
)
TOO_CLOSE = (
    "The means lie {apart:.2f} points apart, and seeds of one method by more: one run of each cannot tell which is "
    "ahead, only tests over all seeds could."
)


def study_in_words(family: Sequence[Method]) -> str:
    """The mean test error of each method of the study, how far its seeds differ, and what that decides.

    "" without a study.
    """
    if not family:
        return ""
    config = family[0].config
    average = [100 - statistics.fmean(method.accuracies) for method in family]
    others = [f"{method.config.label} on {mean:.2f} %" for method, mean in zip(family[1:], average[1:], strict=True)]
    spread = max(max(method.accuracies) - min(method.accuracies) for method in family)
    study = STUDY.format(
        dataset=DATASETS[config.dataset].title,
        epochs="1 epoch" if config.epochs == 1 else f"{config.epochs} epochs",
        first=family[0].config.label,
        error=average[0],
        others=listed(others),
        seeds=min(len(method.accuracies) for method in family),
        spread=spread,
    )
    apart = max(average) - min(average)
    return f"{study} {TOO_CLOSE.format(apart=apart)}" if apart < spread else study
