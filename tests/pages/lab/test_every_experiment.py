"""The real experiments on the page, with tables of their own rows: while trials run, and at the end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.data import datasets
from core.experiments.experiment import QUICK_SEEDS
from core.experiments.light import LIGHT
from core.experiments.listed import EXPERIMENTS
from core.experiments.table import TABLES, TABLES_ENV, Table, load, save
from core.lesson.situations import SITUATIONS
from pages.parts.lab.here import quick_units
from pages.parts.shared.situations import EVIDENCE, LAB
from tests.pages.conftest import texts
from tests.tiny_tables import tiny_table

TRAINED = [found for found in EXPERIMENTS if quick_units(found)]
"""Those that a visitor can train."""


@pytest.fixture(scope="module")
def few():
    """700 training and 300 test images: enough for batches of one class."""
    data = datasets.load("mnist-small")
    return replace(
        data,
        train_images=data.train_images[:700],
        train_labels=data.train_labels[:700],
        test_images=data.test_images[:300],
        test_labels=data.test_labels[:300],
    )


@pytest.mark.parametrize("experiment", TRAINED, ids=lambda found: found.name)
def test_its_picture_grows_with_every_trial_and_its_page_stands(open_page, monkeypatch, tmp_path, few, experiment):
    monkeypatch.setenv(TABLES_ENV, str(tmp_path))
    table = tiny_table(experiment, few, QUICK_SEEDS, quick=True)
    keys = list(table.done)
    drawn = []
    for number in range(1, len(keys) + 1):
        part = Table(experiment.name, True, {key: table.done[key] for key in keys[:number]})
        drawn.append(sum(len(trace.x) for trace in experiment.picture(part).data))
        assert experiment.words(part)
    assert drawn == sorted(drawn)
    assert drawn[-1] > 0
    assert experiment.seen(table)
    kept = load(save(Table(experiment.name, False, table.done), tmp_path))  # a number that is none is a null there
    app = open_page("lab", lab_experiment=experiment.name, lab_said="1")
    said = texts(app)
    assert "You said: **" in said
    assert experiment.terms in said
    assert app.get("plotly_chart")[-1].proto.alt == experiment.words(kept)
    assert not app.error


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda found: found.name)
def test_it_asks_first(open_page, experiment):
    app = open_page("lab", lab_experiment=experiment.name)
    assert app.title[0].value == experiment.question
    assert experiment.claim not in texts(app)
    assert [option.content for option in app.get("button_group")[0].proto.options] == list(
        experiment.prediction.options
    )
    assert not app.get("plotly_chart")


def test_home_links_to_experiments_that_there_are_by_their_titles():
    titles = {found.name: found.title for found in EXPERIMENTS}
    evidence = [one for situation in SITUATIONS for one in EVIDENCE[situation.name] if one.page == LAB]
    assert len(evidence) >= 4
    assert [titles[one.query["lab_experiment"]] for one in evidence] == [one.label for one in evidence]
    assert {one.address for one in evidence} <= {f"lab?lab_experiment={name}" for name in titles}


def test_light_shows_contrast_brightness_or_noise_by_choice_and_by_address(open_page):
    table = load(TABLES / "light.json")
    contrast, brightness, noise = LIGHT.shown

    def alt(app) -> str:
        return app.get("plotly_chart")[-1].proto.alt

    app = open_page("lab", lab_experiment="light", lab_said="1")
    assert alt(app) == contrast.words(table)
    app.segmented_control(key="lab_shown_choice").set_value("noise").run()
    assert alt(app) == noise.words(table)
    assert noise.seen(table) in texts(app)
    assert app.query_params["lab_shown"] == "noise"
    app = open_page("lab", lab_experiment="light", lab_said="1", lab_shown="brightness")
    assert alt(app) == brightness.words(table)
    assert brightness.seen(table) in texts(app)
    app = open_page("lab", lab_experiment="light", lab_said="1", lab_shown="colour")
    assert "The link names a picture that this experiment does not have; choose one." in texts(app)
    assert alt(app) == contrast.words(table)
