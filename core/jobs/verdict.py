"""What a race has shown once it is over: what was asked of it, by how much, and which experiments of the lab say more.

One race is one seed, so little is claimed: the last of a race has lost where it is ``apart`` from the first by more
than chance explains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.catalogue import DATASETS
from core.jobs.snapshots import RaceSnapshot, VariantSnapshot
from core.jobs.speed import fastest
from core.jobs.standing import apart, errors
from core.labels import listed

Asked = Literal["who is behind", "who is fastest"]
"""What a race was to show."""
SMALL_BATCH = 8
"""Up to here BN's statistics are of so few images that they may be what hurts it."""
MOST_LOOKS = 2

DIVERGED = "You just saw **{lost}** diverge: the loss stopped being a finite number. **{best}** ended at {right:.2f} %."
ALL_DIVERGED = "You just saw **{lost}** diverge: this learning rate is too high."
GUESSED = (
    "You just saw **{lost}** still at chance level after {epochs}, **{best}** at {right:.2f} %. More epochs or another "
    "seed may change that."
)
ALL_GUESSED = (
    "You just saw **{lost}** still at chance level after {epochs}. More epochs or another seed may change that."
)
LOST = (
    "You just saw **{worst}** lose: {worst_right:.2f} % right after {epochs}, **{best}** {right:.2f} %. That is a "
    "difference of {images:,} of the {total:,} test images, more than chance explains. One seed is no proof."
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
ONE_SEED = "One seed is no proof."
AFTER_FASTEST = (
    "After {epochs} **{best}** has {right:.2f} %, **{worst}** {worst_right:.2f} %: {images:,} of the {total:,} test "
    "images apart, more than chance explains. One seed is no proof."
)
AFTER_FASTEST_TIED = (
    "After {epochs} **{best}** has {right:.2f} %, **{worst}** {worst_right:.2f} %: {images:,} of the {total:,} test "
    "images apart, no more than chance explains. One seed is no proof."
)
AFTER_FASTEST_EQUAL = "After {epochs} all have {right:.2f} %. One seed is no proof."
UNFINISHED = "Not all variants finished, so nobody has lost."


@dataclass(frozen=True)
class Verdict:
    """A sentence or two in Markdown, and the names of the experiments of the lab that come next, the best one first."""

    sentence: str
    look_at: tuple[str, ...]


def verdict(race: RaceSnapshot, asked: Asked = "who is behind") -> Verdict | None:
    """What the race has shown; None before its end, and where no variant has finished or diverged.

    asked: who is behind at the end, or who was fastest, which is said first then.
    """
    diverged = [v for v in race.variants if v.status == "diverged"]
    through = sorted((v for v in race.variants if v.status == "complete"), key=errors)
    if not race.ended or not (diverged or through):
        return None
    if len(diverged) + len(through) < len(race.variants):
        return Verdict(UNFINISHED, ())
    guessing = [v for v in race.variants if v.status == "complete" and v.chance]
    able = [v for v in through if not v.chance]
    lost = diverged or guessing
    speed = fastest(through) if asked == "who is fastest" and able and len(through) > 1 else ""
    if lost and not able:
        template = ALL_DIVERGED if not guessing else ALL_GUESSED
        return _said(template, race, lost=diverged + guessing)
    if lost:
        return _said(DIVERGED if diverged else GUESSED, race, speed, lost=lost, best=able[0])
    best, worst = able[0], able[-1]
    if len(race.variants) == 1:
        return _said(ALONE, race, best=best, images=errors(best))
    images, loser = errors(worst) - errors(best), [worst] if apart(errors(best), errors(worst)) else []
    if speed and race.variants[0].config.epochs == 1:
        template = ONE_SEED  # the first epoch is the last one, and all is said
    elif speed:
        template = AFTER_FASTEST if loser else AFTER_FASTEST_TIED if images else AFTER_FASTEST_EQUAL
    else:
        template = LOST if loser else TIED if images else EQUAL
    return _said(template, race, speed, lost=loser, best=best, worst=worst, images=images)


def _said(
    template: str,
    race: RaceSnapshot,
    speed: str = "",
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
    return Verdict(f"{speed} {sentence}".lstrip(), _look_at([v.config.norm for v in lost], race))


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
