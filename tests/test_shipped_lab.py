"""The lab's tables that come with the app: whole, of today's settings, and README says what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from core.cli.readme import read_between
from core.experiments.experiment import FULL_SEEDS, QUICK_SEEDS
from core.experiments.listed import EXPERIMENTS
from core.experiments.report import LAB, lab_report
from core.experiments.table import load

ROOT = Path(__file__).parents[1]
TABLES = ROOT / "assets" / "experiments"
PICTURES = 5
"""README shows those of the first experiments."""


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda e: e.name)
def test_its_table_is_that_of_its_trials(experiment):
    table = load(TABLES / f"{experiment.name}.json")
    assert (table.experiment, table.quick) == (experiment.name, False)
    assert list(table.done) == [unit.key for unit in experiment.units(FULL_SEEDS, quick=False)]


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda e: e.name)
def test_its_quick_table_is_that_of_its_quick_trials(experiment):
    table = load(TABLES / "quick" / f"{experiment.name}.json")
    assert (table.experiment, table.quick) == (experiment.name, True)
    assert list(table.done) == [unit.key for unit in experiment.units(QUICK_SEEDS, quick=True)]


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda e: e.name)
def test_seen_words_picture_and_prediction_can_be_had_of_both(experiment):
    for path in (TABLES / f"{experiment.name}.json", TABLES / "quick" / f"{experiment.name}.json"):
        table = load(path)
        assert experiment.prediction.right(table) in experiment.prediction.options
        assert experiment.seen(table).endswith(".")
        assert experiment.words(table)
        assert experiment.picture(table).data
    assert experiment.verdicts(load(TABLES / f"{experiment.name}.json"))


def test_readme_says_what_the_tables_say():
    tables = [(experiment, load(TABLES / f"{experiment.name}.json")) for experiment in EXPERIMENTS]
    assert read_between(ROOT / "README.md", LAB) == lab_report(tables) + "\n"


def test_readme_shows_the_first_pictures():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[[^]]+\]\(assets/figures/lab_([\w-]+)\.png\)", readme)
    assert shown == [experiment.name for experiment in EXPERIMENTS[:PICTURES]]
    for name in shown:
        with Image.open(ROOT / "assets" / "figures" / f"lab_{name}.png") as picture:
            assert picture.format == "PNG"
            assert picture.width == 2200
