"""The study that ships, read by ``core`` alone."""

from __future__ import annotations

from functools import cache

from core.comparison.methods import Method, MethodOf, WholeMethod, as_methods
from core.comparison.study_findings import declared_family, study_findings, study_methods
from core.lesson.study_question import StudyPair, study_pairs
from core.records.store import SHIPPED, RunFolder


def shipped_family() -> list[Method]:
    """The three methods of the assignment."""
    return declared_family(as_methods(RunFolder(SHIPPED).summaries()[0]))


@cache
def shipped_pairs() -> tuple[StudyPair, ...]:
    """What the study says of each two of them."""
    folder = RunFolder(SHIPPED)
    whole: list[WholeMethod] = [
        MethodOf(method.label, tuple(folder.load(record.run_id) for record in method.records))
        for method in study_methods(as_methods(folder.summaries()[0]))
    ]
    return study_pairs(shipped_family(), study_findings(whole))
