"""Findings as Markdown, for the README and the command line."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from core.catalogue import DATASET_TITLES
from core.comparison.findings import accuracy_interval, headline, selection_findings
from core.comparison.methods import WholeMethod
from core.comparison.study_findings import declared_family, study_findings

FINDINGS = "findings"
"""Name of the part of the README."""


def findings_report(methods: Sequence[WholeMethod]) -> str:
    """The result in a sentence, a table of the methods, and what can be said about them, each with its evidence.

    Where the assignment's methods are among them, the first sentence is about those.
    """
    found = study_findings(methods) or selection_findings(methods)
    family = declared_family(methods)
    lines = [headline(family, selection_findings(family)) if family else headline(methods, found), ""]
    lines += ["| | seeds | mean test accuracy | 95 % interval | each seed |", "|---|---|---|---|---|"]
    for method in methods:
        interval = accuracy_interval(method)
        span = f"{interval.low:.2f} to {interval.high:.2f}"
        each = ", ".join(f"{value:.2f}" for value in method.accuracies)
        mean = statistics.mean(method.accuracies)
        lines.append(f"| {method.label} | {len(method.records)} | {mean:.2f} % | {span} | {each} |")
    datasets = sorted({DATASET_TITLES[method.config.dataset] for method in methods})
    epochs = ", ".join(map(str, sorted({method.epochs for method in methods})))
    note = f"On {' and '.join(datasets)}, {epochs} epochs, value after the last one. Intervals: t over the seeds"
    note += "" if all(len(method.records) > 1 for method in methods) else ", Wilson's for a single run"
    if len(datasets) > 1:
        note += ". Values on different data sets do not compare"
    lines += ["", f"{note}.", ""]
    # the evidence in small print, so that the answers can be read by themselves
    lines += [f"- **{finding.question}** {finding.answer}<br><sub>{finding.evidence}</sub>" for finding in found]
    return "\n".join(lines)
