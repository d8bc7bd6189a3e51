"""What a run, a variant or a number of things is called, in words. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from core.catalogue import DATASETS, NORMS, DatasetName
from core.config import RECIPE, RunConfig


def distinct_labels(configs: Iterable[RunConfig]) -> list[str]:
    """One legend text a run; where labels coincide, the fields that tell the runs apart are added."""
    configs = list(configs)
    labels = [config.label for config in configs]
    result = []
    for config, label in zip(configs, labels, strict=True):
        twins = [c for c, other in zip(configs, labels, strict=True) if other == label]
        differing = [
            f.name
            for f in fields(RunConfig)
            if f.name not in ("norm", "groups", "validation") and len({getattr(c, f.name) for c in twins}) > 1
        ]
        notes = [_note(name, getattr(config, name)) for name in differing]
        result.append(", ".join([label, *notes]))
    return result


def _note(name: str, value: Any) -> str:
    if name == "dataset":
        return DATASETS[value].title
    if name == "epochs":
        return "1 epoch" if value == 1 else f"{value} epochs"
    if name == "precision":
        return value
    if name == "augment":
        return "augmented" if value else "not augmented"
    return f"{'batch' if name == 'batch_size' else name} {value}"  # all digits: two that differ late are two runs


def variant_in_words(config: RunConfig) -> str:
    """Norm, groups and penalties for those who do not know the labels: "BatchNorm with an L1 penalty of 0.0001"."""
    parts = [f"{config.groups} groups"] if NORMS[config.norm].grouping == "chosen" else []
    parts += [f"an {name} penalty of {value:g}" for name, value in (("L1", config.l1), ("L2", config.l2)) if value]
    return NORMS[config.norm].title + (f" with {' and '.join(parts)}" if parts else "")


ABOUT_RECIPES = {1: "Recipe 1 is the network and the training of versions up to 0.3."}
"""A sentence for each former recipe: what a person meets who asks what the name of a run says."""
NOT_TESTED = "{about} Its runs are shown and evaluated as they are, and never tested against those of recipe {current}."


def about_recipes(configs: Iterable[RunConfig]) -> list[str]:
    """A sentence or two for each former recipe that is among ``configs``."""
    former = sorted({config.recipe for config in configs if config.former_recipe})
    return [NOT_TESTED.format(about=ABOUT_RECIPES[recipe], current=RECIPE) for recipe in former]


def settings(config: RunConfig, seeds: Sequence[int] = ()) -> list[str]:
    """A run's settings one by one, its norm and data set left out; ``seeds`` where it stands for several."""
    parts = [_note("epochs", config.epochs), f"batch {config.batch_size}", f"lr {config.lr:g}"]
    parts.append(f"seeds {_in_short(seeds)}" if len(seeds) > 1 else f"seed {config.seed}")
    if config.l1:
        parts.append(f"L1 {config.l1:g}")
    if config.l2:
        parts.append(f"L2 {config.l2:g}")
    if not config.augment:
        parts.append("no augmentation")
    if config.precision != "fp32":
        parts.append(config.precision)
    if config.validation:
        parts.append("tested on held-out training images")
    if config.former_recipe:
        parts.append(config.former_recipe)
    return parts


def _in_short(seeds: Sequence[int]) -> str:
    """ "0 to 7" of three or more that follow each other, else one by one."""
    first, last = seeds[0], seeds[-1]
    follow = len(seeds) > 2 and list(seeds) == list(range(first, last + 1))
    return f"{first} to {last}" if follow else ", ".join(map(str, seeds))


def summary(config: RunConfig, seeds: Sequence[int] = ()) -> str:
    """A run's settings in one line, for captions and tables; ``seeds`` where it stands for several."""
    return ", ".join(settings(config, seeds))


ONE_IMAGE = "On {dataset}, {points:.2g} points of accuracy are one of the {images:,} test images."


def one_image(dataset: DatasetName) -> str:
    """What one test image of a data set is worth: no difference of accuracies is finer.

    >>> one_image("mnist-small")
    'On small MNIST, 0.1 points of accuracy are one of the 1,000 test images.'
    """
    row = DATASETS[dataset]
    return ONE_IMAGE.format(dataset=row.title, points=100 / row.test_images, images=row.test_images)


def listed(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
