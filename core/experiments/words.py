"""What the page of the experiments says around a table: whole sentences, in Markdown."""

from __future__ import annotations

from core.experiments.experiment import Answer, Source, Verdict
from core.experiments.sweep import SweepSnapshot
from core.experiments.table import Table
from core.jobs.words import PREPARING, STOPPING, clock, waiting
from core.labels import listed

SAID_RIGHT = "You said: **{said}**. And so it was."
SAID_OTHERWISE = "You said: **{said}**. It was: **{right}**."
SAID = "You said: **{said}**."
MEASURED = "It was: **{right}**."

SOURCE = "[{paper}]({url})."
SOURCE_WITH_PLACE = "[{paper}]({url}), {place}."
NO_FIGURE = "{source} No paper that we know of gives a figure for exactly this. {closest}"
SOURCE_WITH_FIGURE = "[{paper}]({url}): {published}"
SOURCE_WITH_PLACE_AND_FIGURE = "[{paper}]({url}), {place}: {published}"

ANSWERS: dict[Answer, str] = {
    "reproduced": "Reproduced",
    "not at this scale": "Not at this scale",
    "contradicted": "Contradicted",
}
ICONS: dict[Answer, str] = {
    "reproduced": ":material/check_circle:",
    "not at this scale": ":material/remove_circle_outline:",
    "contradicted": ":material/cancel:",
}

JUDGED = "{icon} **{answer}.** {statement}"
JUDGED_AND_ASKED = "{icon} **{answer}.** {statement} :small[{asked}]"

COST = "{trials} trials on seeds {seeds}: {time} of processor time."
COST_OF_ONE_SEED = "{trials} trials on seed {seeds}: {time} of processor time."
COST_OF_ONE_TRIAL = "1 trial on seed {seeds}: {time} of processor time."
ONE_SEED = "One seed shows large differences; of small ones it says nothing, so there is no verdict here."

TRAINING = "**Training.** {done} of {total} trials done."
TRAINING_ON = "**Training.** {done} of {total} trials done. About {left} left."
TRAINED = "**Trained here** in {elapsed}."
STOPPED = "**Stopped** after {elapsed}: {done} of {total} trials done."
STOPPED_BECAUSE = "**Stopped** after {elapsed}: {done} of {total} trials done. It was {message}."
FAILED = "**Ended early** after {elapsed}: {done} of {total} trials done."


def outcome(said: str, right: str) -> str:
    """What a visitor predicted, beside what was measured; either may be empty."""
    said, right = said.rstrip("."), right.rstrip(".")
    if said and right:
        return (SAID_RIGHT if said == right else SAID_OTHERWISE).format(said=said, right=right)
    return SAID.format(said=said) if said else MEASURED.format(right=right) if right else ""


def source_in_words(source: Source) -> str:
    """A link to the paper, the place in it, and what stands there; or that no paper has a figure that compares."""
    if source.place:
        template = SOURCE_WITH_PLACE_AND_FIGURE if source.published else SOURCE_WITH_PLACE
    else:
        template = SOURCE_WITH_FIGURE if source.published else SOURCE
    said = template.format(paper=source.paper, url=source.url, place=source.place, published=source.published)
    return NO_FIGURE.format(source=said, closest=source.closest) if source.closest else said


def judged(verdict: Verdict) -> str:
    """A statement with its answer; and, where it was not borne out, what was asked for and what was measured."""
    template = JUDGED if verdict.answer == "reproduced" else JUDGED_AND_ASKED
    return template.format(
        icon=ICONS[verdict.answer],
        answer=ANSWERS[verdict.answer],
        statement=verdict.statement,
        asked=verdict.asked,
    )


def cost(table: Table) -> str:
    """What a table took to make."""
    seeds = table.seeds
    template = COST if len(seeds) > 1 else COST_OF_ONE_SEED if len(table.done) > 1 else COST_OF_ONE_TRIAL
    return template.format(
        trials=f"{len(table.done):,}", seeds=listed([str(seed) for seed in seeds]), time=clock(table.seconds)
    )


def headline(sweep: SweepSnapshot) -> str:
    """Where a quick form is, in a sentence or two."""
    if sweep.status == "queued":
        return waiting(sweep)
    if sweep.stopping and not sweep.ended:
        return STOPPING
    if sweep.status == "preparing":
        return PREPARING
    template = {
        "running": TRAINING if sweep.remaining is None else TRAINING_ON,
        "complete": TRAINED,
        "interrupted": STOPPED_BECAUSE if sweep.message else STOPPED,
        "failed": FAILED,
    }[sweep.status]
    return template.format(
        done=sweep.done,
        total=sweep.total,
        left=clock(sweep.remaining or 0.0),
        elapsed=clock(sweep.elapsed),
        message=sweep.message,
    )
