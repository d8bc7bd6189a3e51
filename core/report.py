"""Findings as Markdown, for the README and the command line."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from core.config import DATASET_TITLES
from core.findings import accuracy_interval, selection_findings
from core.methods import Method
from core.study_findings import study_findings

FINDINGS = "findings"
"""Name of the part of the README."""


def findings_report(methods: Sequence[Method]) -> str:
    """A table of the methods, and what can be said about them, each with its evidence."""
    lines = ["| | seeds | mean test accuracy | 95 % interval | each seed |", "|---|---|---|---|---|"]
    for method in methods:
        interval = accuracy_interval(method)
        span = f"{interval.low:.2f} to {interval.high:.2f}" if interval else ""
        each = ", ".join(f"{value:.2f}" for value in method.accuracies)
        mean = statistics.mean(method.accuracies)
        lines.append(f"| {method.label} | {len(method.records)} | {mean:.2f} % | {span} | {each} |")
    datasets = " and ".join(sorted({DATASET_TITLES[method.config.dataset] for method in methods}))
    epochs = ", ".join(map(str, sorted({method.config.epochs for method in methods})))
    lines += ["", f"On {datasets}, {epochs} epochs, value after the last one.", ""]
    for finding in study_findings(methods) or selection_findings(methods):
        lines.append(f"- **{finding.question}** {finding.answer} {finding.evidence}")
    return "\n".join(lines)
