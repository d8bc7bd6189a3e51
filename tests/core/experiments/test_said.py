"""The two paragraphs that are said of a table: in the texts of the experiments, and taken apart again."""

from __future__ import annotations

import pytest

from core.experiments.listed import EXPERIMENTS
from core.experiments.said import conclusion_and_more, in_one, in_two
from core.experiments.table import TABLES, load

SHORT = 280
"""Characters of a conclusion, so that verdicts and claim share a screen with it."""


def test_empty_sentences_are_left_out_and_so_is_an_empty_paragraph():
    assert in_two(["One.", "", "Two."], ["", "Why."]) == "One. Two.\n\nWhy."
    assert in_two(["One."], [""]) == "One."


@pytest.mark.parametrize("said", [("One. Two.", "Why."), ("One.", "")])
def test_taken_apart_it_is_what_it_was(said):
    text = in_two(*([part] for part in said))
    assert conclusion_and_more(text) == said
    assert in_one(text) == " ".join(said).strip()


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda found: found.name)
def test_every_experiment_has_a_short_conclusion_and_what_explains_it(experiment):
    conclusion, more = conclusion_and_more(experiment.seen(load(TABLES / f"{experiment.name}.json")))
    assert 0 < len(conclusion) <= SHORT
    assert more
    assert "\n" not in more
