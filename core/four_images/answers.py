"""What trained networks take one's own image for, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from core.catalogue import DATASETS, NORMS
from core.config import RunConfig
from core.labels import listed
from core.records.answers import Answer

ONE_NETWORK = "{name} takes it for **{answer}** ({confidence})."
ALL_AGREE = "Every network takes it for **{answer}**; the least sure is {name} with {confidence}."
THEY_DIFFER = "The networks do not agree: {answers}."
ONE_ANSWER = "**{answer}** is the answer of {runs}"
RUN = "{name} ({confidence})"
ALMOST = "over 99.9 %"
PERCENT = "{percent:.1f} %"

NETWORKS = "Networks trained on {dataset} with seed {seed}, in inference mode."
ONE_GOES_BY_TRAINING = "{names} goes by the running mean and variance of its training, so no other image matters here."
MANY_GO_BY_TRAINING = "{names} go by the running means and variances of their training, so no other image matters here."
NO_NETWORK = "No trained network of digits is here to say what it is; a race on MNIST or digits makes some."
NO_WEIGHTS = "No usable weights: {names}."


def in_words(answers: Sequence[Answer], classes: Sequence[str]) -> str:
    """What the networks take an image for, the answer of most of them first and the surest of these first."""
    if len(answers) == 1:
        one = answers[0]
        return ONE_NETWORK.format(name=one.name, answer=classes[one.predicted], confidence=_percent(one.confidence))
    groups: dict[int, list[Answer]] = {}
    for answer in sorted(answers, key=lambda answer: -answer.confidence):
        groups.setdefault(answer.predicted, []).append(answer)
    if len(groups) == 1:
        least = min(answers, key=lambda answer: answer.confidence)
        return ALL_AGREE.format(answer=classes[least.predicted], name=least.name, confidence=_percent(least.confidence))
    by_size = sorted(groups, key=lambda predicted: -len(groups[predicted]))
    return THEY_DIFFER.format(
        answers="; ".join(ONE_ANSWER.format(answer=classes[p], runs=_runs(groups[p])) for p in by_size)
    )


def which_networks(configs: Sequence[RunConfig], labels: Sequence[str]) -> str:
    """Of which data set and seed the networks are, that they are in inference mode, and what that means for BN."""
    sentences = [NETWORKS.format(dataset=DATASETS[configs[0].dataset].title, seed=configs[0].seed)]
    running = [label for config, label in zip(configs, labels, strict=True) if NORMS[config.norm].running]
    if running:
        template = ONE_GOES_BY_TRAINING if len(running) == 1 else MANY_GO_BY_TRAINING
        sentences.append(template.format(names=listed(running)))
    return " ".join(sentences)


def _runs(group: Sequence[Answer]) -> str:
    return listed([RUN.format(name=answer.name, confidence=_percent(answer.confidence)) for answer in group])


def _percent(share: float) -> str:
    percent = 100 * share
    return ALMOST if 99.95 <= percent < 100 else PERCENT.format(percent=percent)
