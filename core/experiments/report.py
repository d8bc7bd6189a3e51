"""What the tables of the lab say, as Markdown: the part of README that the command writes."""

from __future__ import annotations

from collections.abc import Sequence

from core.experiments.experiment import Experiment, Verdict
from core.experiments.table import Table

LAB = "lab"
"""The part of README between its marks."""
HEADING = "**{number}. {title}** {seen}"
VERDICT = "- *{answer}*: {statement}<br><sub>{evidence}</sub>"
COST = "{minutes:.0f} minutes of one core's time for {trials} trials in all."


def lab_report(found: Sequence[tuple[Experiment, Table]]) -> str:
    """Every experiment: what was seen, and the verdict on each of its checks with its evidence."""
    parts = []
    for number, (experiment, table) in enumerate(found, start=1):
        title = experiment.title if experiment.title.endswith("?") else f"{experiment.title}."
        parts.append(HEADING.format(number=number, title=title, seen=experiment.seen(table)))
        parts.append("\n".join(map(_verdict, experiment.verdicts(table))))
    seconds = sum(table.seconds for _, table in found)
    parts.append(COST.format(minutes=seconds / 60, trials=sum(len(table.done) for _, table in found)))
    return "\n\n".join(parts)


def _verdict(verdict: Verdict) -> str:
    answer = verdict.answer[:1].upper() + verdict.answer[1:]
    return VERDICT.format(answer=answer, statement=verdict.statement, evidence=verdict.evidence)
