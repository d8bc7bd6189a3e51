"""What a race has shown once it is over: who lost, by how much, and which experiments of the lab say more.

One race is one seed, so little is claimed. Two networks that are equally good differ on some images all the same: of
those that exactly one of them gets wrong each has half. There are at most e1 + e2 of them, the errors of both, so
chance alone makes their numbers of errors differ by about sqrt(e1 + e2) (McNemar 1947). The last of a race has lost
where it is more than CHANCE times that behind the first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.catalogue import DATASETS
from core.jobs.snapshots import RaceSnapshot, VariantSnapshot
from core.labels import listed

CHANCE = 3.0
"""Three standard deviations, since the first and the last of several are looked at: of five, ten pairs."""
SMALL_BATCH = 8
"""Up to here BN's statistics are of so few images that they may be what hurts it."""
MOST_LOOKS = 2

DIVERGED = "You just saw **{lost}** diverge: the loss stopped being a finite number. **{best}** ended at {right:.2f} %."
ALL_DIVERGED = "You just saw **{lost}** diverge: this learning rate is too high."
GUESSED = "You just saw **{lost}** learn nothing: the answers are at chance level. **{best}** ended at {right:.2f} %."
ALL_GUESSED = "You just saw **{lost}** learn nothing: after {epochs} the answers are at chance level."
LOST = (
    "You just saw **{worst}** lose: {worst_right:.2f} % right after {epochs}, **{best}** {right:.2f} %. That is a "
    "difference of {images:,} of the {total:,} test images, more than chance explains."
)
TIED = (
    "You just saw no loser: **{best}** is first with {right:.2f} %, **{worst}** last with {worst_right:.2f} %. That "
    "is a difference of {images:,} of the {total:,} test images, no more than another seed may make."
)
EQUAL = "You just saw no loser: **{labels}** ended alike at {right:.2f} %."
ALONE = (
    "You just saw **{best}** reach {right:.2f} %: {images:,} of the {total:,} test images are wrong. A race against "
    "another norm shows what this one does."
)
UNFINISHED = "Not all variants finished, so nobody has lost."


@dataclass(frozen=True)
class Verdict:
    """A sentence or two in Markdown, and the names of the experiments of the lab that come next, the best one first."""

    sentence: str
    look_at: tuple[str, ...]


def verdict(race: RaceSnapshot) -> Verdict | None:
    """What the race has shown; None before its end, and where no variant has finished or diverged."""
    diverged = [v for v in race.variants if v.status == "diverged"]
    through = [v for v in race.variants if v.status == "complete"]
    if not race.ended or not (diverged or through):
        return None
    if len(diverged) + len(through) < len(race.variants):
        return Verdict(UNFINISHED, ())
    order = sorted(through, key=_errors)
    guessing = [v for v in through if v.chance]
    able = [v for v in order if not v.chance]
    lost = diverged or guessing
    if lost and not able:
        template = ALL_DIVERGED if not guessing else ALL_GUESSED
        return _said(template, race, lost=diverged + guessing)
    if lost:
        return _said(DIVERGED if diverged else GUESSED, race, lost=lost, best=able[0])
    if len(race.variants) == 1:
        return _said(ALONE, race, best=order[0], images=_errors(order[0]))
    best, worst = order[0], order[-1]
    apart = _errors(worst) - _errors(best)
    if apart > CHANCE * math.sqrt(_errors(best) + _errors(worst)):
        return _said(LOST, race, lost=[worst], best=best, worst=worst, images=apart)
    return _said(TIED if apart else EQUAL, race, best=best, worst=worst, images=apart)


def _errors(variant: VariantSnapshot) -> int:
    """How many test images its last epoch has wrong."""
    total = DATASETS[variant.config.dataset].test_images
    return total - round(total * variant.rows[-1].test_accuracy / 100)


def _said(
    template: str,
    race: RaceSnapshot,
    *,
    lost: Sequence[VariantSnapshot] = (),
    best: VariantSnapshot | None = None,
    worst: VariantSnapshot | None = None,
    images: int = 0,
) -> Verdict:
    config = race.variants[0].config
    sentence = template.format(
        lost=listed([variant.label for variant in lost]),
        labels=listed([variant.label for variant in race.variants]),
        best=best.label if best else "",
        right=best.rows[-1].test_accuracy if best else 0.0,
        worst=worst.label if worst else "",
        worst_right=worst.rows[-1].test_accuracy if worst else 0.0,
        epochs="1 epoch" if config.epochs == 1 else f"{config.epochs} epochs",
        images=images,
        total=DATASETS[config.dataset].test_images,
    )
    return Verdict(sentence, _look_at([v.config.norm for v in lost], race))


def _look_at(lost: Sequence[str], race: RaceSnapshot) -> tuple[str, ...]:
    """Names of experiments: why that one lost, what else the race varied, and when the choice matters at all."""
    configs = [variant.config for variant in race.variants]
    found = []
    if "none" in lost:
        found += ["depth", "learning-rate"]
    elif lost:
        found += ["set-size"] if "bn" in lost and configs[0].batch_size <= SMALL_BATCH else ["learning-rate"]
    if any(config.l1 or config.l2 for config in configs):
        found.append("pruning")
    return tuple(dict.fromkeys([*found, "set-size", "light"]))[:MOST_LOOKS]
