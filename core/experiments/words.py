"""What the page of the experiments says around a table: whole sentences, in Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby

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

ONE_STATEMENT = "1 statement tested: {answer}"
ALL_ALIKE = "{number} statements tested: all {answer}"
COUNTED = "{number} statements tested: {answers}"
OF_AN_ANSWER = "{number} {answer}"

NOT_BORNE_OUT = "{icon} **{answer}.** {statement} :small[{asked} {measured}]"
SEVERAL_NOT_BORNE_OUT = "{icon} **{answer}.** :small[{asked}]\n{statements}"
ONE_OF_SEVERAL = "- {statement} :small[{measured}]"
JUDGED = "{icon} **{answer}.** {statement} :small[{evidence}]"
JUDGED_CASES = "{icon} **{answer}.** {statement}\n{cases}"
CASE = "- {case} :small[{evidence}]"
RULE = ":small[{rule}]"
STATEMENT_OF_CASES = ": "
"""What separates, in a statement of one of several cases, the sentence that they share from the case."""

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


def counted(verdicts: Sequence[Verdict]) -> str:
    """How many statements there are, and how many have which answer."""
    by_answer = Counter(verdict.answer for verdict in verdicts)
    if len(by_answer) == 1:
        return (ALL_ALIKE if len(verdicts) > 1 else ONE_STATEMENT).format(
            number=len(verdicts), answer=verdicts[0].answer
        )
    answers = [OF_AN_ANSWER.format(number=by_answer[answer], answer=answer) for answer in ANSWERS if by_answer[answer]]
    return COUNTED.format(number=len(verdicts), answers=", ".join(answers))


def not_borne_out(verdicts: Sequence[Verdict]) -> list[str]:
    """Each statement that was not reproduced, with what was asked for and what was measured.

    Those of which the same was asked stand together, and it is said once.
    """
    others = [verdict for verdict in verdicts if verdict.answer != "reproduced"]
    return [_not_borne_out(alike) for alike in _alike(others, lambda verdict: (verdict.answer, verdict.asked))]


def _not_borne_out(alike: Sequence[Verdict]) -> str:
    first = alike[0]
    template = NOT_BORNE_OUT if len(alike) == 1 else SEVERAL_NOT_BORNE_OUT
    return template.format(
        icon=ICONS[first.answer],
        answer=ANSWERS[first.answer],
        statement=first.statement,
        asked=first.asked,
        measured=first.measured,
        statements="\n".join(ONE_OF_SEVERAL.format(statement=v.statement, measured=v.measured) for v in alike),
    )


def judged(verdicts: Sequence[Verdict]) -> list[str]:
    """Each statement with its answer and its evidence, and after those of one rule the rule.

    What several statements have in common before a colon stands once, and their cases below it.
    """
    said = []
    for of_a_rule in _alike(verdicts, lambda verdict: verdict.rule):
        for alike in _alike(of_a_rule, lambda verdict: (verdict.answer, _shared(verdict))):
            said.append(_judged(alike))
        said.append(RULE.format(rule=of_a_rule[0].rule))
    return said


def _judged(alike: Sequence[Verdict]) -> str:
    first = alike[0]
    named = {"icon": ICONS[first.answer], "answer": ANSWERS[first.answer]}
    if len(alike) == 1:
        return JUDGED.format(**named, statement=first.statement, evidence=first.evidence)
    cases = [verdict.statement.removeprefix(_shared(verdict)) for verdict in alike]
    return JUDGED_CASES.format(
        **named,
        statement=_shared(first).strip(),
        cases="\n".join(CASE.format(case=case, evidence=v.evidence) for case, v in zip(cases, alike, strict=True)),
    )


def _shared(verdict: Verdict) -> str:
    """Of a statement that names a case: what stands before it; of another one the whole."""
    before, colon, _ = verdict.statement.partition(STATEMENT_OF_CASES)
    return before + colon


def _alike(verdicts: Sequence[Verdict], key: Callable[[Verdict], object]) -> list[list[Verdict]]:
    """Neighbours with the same key."""
    return [list(group) for _, group in groupby(verdicts, key)]


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
