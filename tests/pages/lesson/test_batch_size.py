"""Step 6: the chart to draw in, the guess in the address, and what is shown where there is no table."""

from __future__ import annotations

import json

import pytest

from core.experiments.set_size import SET_SIZE
from core.experiments.table import TABLES_ENV, save
from core.lesson.batch_size import SIZES
from pages.parts.lesson import batch_size
from pages.parts.shared.lab_tables import NO_TABLE
from tests.pages.conftest import texts
from tests.toy_tables import set_size_table

GUESS = "20_20_20_20_20_20_20"
FLAT = dict.fromkeys(SIZES, 3.0)


@pytest.fixture(autouse=True)
def tables(monkeypatch, tmp_path):
    """A folder with the table of a few rows in the place of those that come with the app."""
    monkeypatch.setenv(TABLES_ENV, str(tmp_path))
    save(set_size_table(one=FLAT | {2: 50.0}, own=FLAT, gn=FLAT), tmp_path)
    return tmp_path


def plain(app) -> str:
    return texts(app).replace("\xa0", " ")


def test_before_the_guess_the_button_waits_for_every_size(open_page):
    app = open_page("lesson", step="6", sketch="20_20_-_-_-_-_-")
    assert app.button(key="lesson_measured").disabled
    assert "Predict first." in plain(app)
    assert "50.0 %" not in plain(app)
    app = open_page("lesson", step="6", sketch=GUESS)
    assert not app.button(key="lesson_measured").disabled


def test_a_drawing_becomes_the_guess_and_is_compared(open_page):
    app = open_page("lesson", step="6", sketch=GUESS)
    app.button(key="lesson_measured").click().run()
    assert app.query_params["said6"] == GUESS
    assert "sketch" not in app.query_params
    assert "Furthest off: at batch size 2 you drew 20 %, not **50.0 %**." in plain(app)
    assert "Take home." in plain(app)
    again = open_page("lesson", step="6", said6=GUESS)  # another visit, by the address alone
    assert plain(again) == plain(app)
    again.button(key="lesson_again").click().run()
    assert "said6" not in again.query_params
    assert "Predict first." in plain(again)


def test_it_is_shown_without_a_guess(open_page):
    app = open_page("lesson", step="6")
    app.button(key="lesson_show6").click().run()
    assert app.query_params["said6"] == "shown"
    assert "Furthest off" not in plain(app)
    assert "and is wrong on **50.0 %** (GN: 3.0 %)" in plain(app)


def test_the_published_curve_is_in_the_address(open_page):
    app = open_page("lesson", step="6", said6=GUESS)
    assert not app.toggle(key="lesson_published").value
    app.toggle(key="lesson_published").set_value(True).run()
    assert app.query_params["published"] == "true"
    again = open_page("lesson", step="6", said6=GUESS, published="true")
    assert again.toggle(key="lesson_published").value
    assert "with 32, 16, 8, 4 and 2 images per GPU: BN 23.6, 23.7, 24.8, 27.3 and 34.7 %" in texts(again)
    again.toggle(key="lesson_published").set_value(False).run()
    assert "published" not in again.query_params
    assert "images per GPU: BN" not in texts(again)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("said6", "3"),
        ("said6", "20_20_-_20_20_20_20"),
        ("said6", "20_20_20_20_20_20_500"),
        ("said6", "20_20_20_20_20"),  # of a time with fewer batch sizes
        ("said6", ["shown", GUESS]),
        ("sketch", "-_-_-_-_-_-_-"),
        ("sketch", "20_20_-_-_-"),
        ("sketch", "2"),
        ("published", "perhaps"),
    ],
)
def test_what_is_no_guess_gets_a_sentence_and_leaves_the_address(open_page, name, value):
    app = open_page("lesson", step="6", **{name: value})
    (warning,) = app.warning
    assert warning.value.startswith(f"The link asks for {name} = ")
    assert name not in app.query_params
    assert "Predict first." in plain(app)


@pytest.mark.parametrize("said", ["", "shown", GUESS])
def test_without_a_table_there_is_a_sentence(open_page, tables, said):
    (tables / f"{SET_SIZE.name}.json").unlink()
    app = open_page("lesson", step="6", **({"said6": said} if said else {}))
    (warning,) = app.warning
    assert NO_TABLE in warning.value
    assert ("Take home." in plain(app)) == bool(said)


def test_a_table_that_lacks_sizes_or_is_none_is_named(open_page, tables):
    save(set_size_table(one={2: 50.0}, own=FLAT, gn=FLAT), tables)
    (warning,) = open_page("lesson", step="6", said6=GUESS).warning
    assert "lacks some of the batch sizes" in warning.value
    (tables / f"{SET_SIZE.name}.json").write_text(json.dumps({"schema": 0}), encoding="utf-8")
    (warning,) = open_page("lesson", step="6", said6=GUESS).warning
    assert "cannot be read" in warning.value


@pytest.mark.parametrize(
    "sent",
    [None, "20", [20.0] * 5, [20.0] * 8, [True] * 7, ["20"] * 7, [float("nan")] * 7, {"0": 20.0}],
)
def test_the_browser_can_send_anything(monkeypatch, sent):
    monkeypatch.setattr(batch_size.st, "session_state", {batch_size.KEY: {"drawn": sent}})
    kept = []
    monkeypatch.setattr(batch_size, "keep", lambda *given: kept.append(given))
    batch_size._sketched()
    assert kept == []


def test_a_drawing_that_was_sent_is_kept(monkeypatch):
    monkeypatch.setattr(batch_size.st, "session_state", {batch_size.KEY: {"drawn": [52.4, 3.14, None, 0, 400, 2, 2]}})
    kept = []
    monkeypatch.setattr(batch_size, "keep", lambda *given: kept.append(given))
    batch_size._sketched()
    assert kept == [(batch_size.SKETCH, "52_3.1_-_1_100_2_2")]
