"""Findings as Markdown, for the README and the command line."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from core.catalogue import DATASETS
from core.comparison import sentences
from core.comparison.findings import accuracy_interval, selection_findings
from core.comparison.headline import headline
from core.comparison.methods import WholeMethod
from core.comparison.study_findings import declared_family, study_findings
from core.labels import about_recipes, listed

FINDINGS = "findings"
"""Name of the part of the README."""


def findings_report(methods: Sequence[WholeMethod]) -> str:
    """The result in a sentence, a table of the methods, and what can be said about them, each with its evidence.

    Where the assignment's methods are among them, the first sentence is about those.
    """
    found = study_findings(methods) or selection_findings(methods)
    family = declared_family(methods)
    lead = headline(family, selection_findings(family)) if family else headline(methods, found)
    # the evidence in small print, so that the answers can be read by themselves
    lines = [sentences.FINDING.format(**asdict(finding)) for finding in found]
    return "\n".join([lead, "", _table(methods), "", _note(methods), "", *lines])


def _table(methods: Sequence[WholeMethod]) -> str:
    """A row a method; all cells are texts, since a method and a single run have intervals of different kinds."""
    rows = [
        {
            "": method.label,
            "seeds": str(len(method.records)),
            "mean test accuracy": f"{statistics.mean(method.accuracies):.2f} %",
            "95 % interval": f"{interval.low:.2f} to {interval.high:.2f}",
            "each seed": ", ".join(f"{value:.2f}" for value in method.accuracies),
        }
        for method, interval in ((method, accuracy_interval(method)) for method in methods)
    ]
    return pd.DataFrame(rows).to_markdown(tablefmt="github", index=False, disable_numparse=True)


def _note(methods: Sequence[WholeMethod]) -> str:
    """What the table holds."""
    datasets = sorted({DATASETS[method.config.dataset].title for method in methods})
    epochs = listed([str(epochs) for epochs in sorted({method.epochs for method in methods})])
    one_kind = all(len(method.records) > 1 for method in methods)
    said = [
        (sentences.WHICH_VALUES_OF_ONE_EPOCH if epochs == "1" else sentences.WHICH_VALUES).format(
            datasets=listed(datasets), epochs=epochs
        ),
        sentences.INTERVALS_OVER_SEEDS if one_kind else sentences.INTERVALS_OF_BOTH_KINDS,
    ]
    if len(datasets) > 1:
        said.append(sentences.SEVERAL_DATASETS)
    said += about_recipes(method.config for method in methods)
    return " ".join(said)
