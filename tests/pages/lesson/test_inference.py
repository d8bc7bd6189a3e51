"""Step 5 of the lesson as its page runs it, with the study's networks on images of digits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.catalogue import QUICK
from core.experiments import forgot_eval_live as live
from core.lesson import inference as core
from core.records.store import SHIPPED_ENV
from pages.parts.lesson import inference
from pages.parts.shared import eval_curves
from pages.parts.shared.ready import NO_NETWORK
from tests.pages.conftest import texts


@pytest.fixture
def small(digits, monkeypatch, nothing_ships):
    """359 images to test on and 1,438 to train on, and the networks that come with the app."""
    data = replace(digits, name=QUICK)
    monkeypatch.delenv(SHIPPED_ENV)
    monkeypatch.setattr(eval_curves, "load", lambda name: data)
    monkeypatch.setattr(inference, "load", lambda name: data)
    return data


@pytest.fixture
def table(small):
    """What the page measures on."""
    return live.eval_table(small)


@pytest.fixture
def found(table):
    return core.answers(table, live.by_size(table))


def picture(app):
    (chart,) = app.get("plotly_chart")
    return chart.proto.alt


def test_a_slider_predicts_and_a_button_reveals(open_page, found):
    app = open_page("lesson", step="5")
    assert inference.QUESTION.format(inference=found.inference, total=found.total) in texts(app)
    assert picture(app) == core.answers_alt(found, None)
    app.select_slider(key="lesson_guess").set_value(900)  # the button comes in the same run: it was drawn before
    next(button for button in app.button if button.label == "That is my prediction").click().run()
    assert not app.exception
    assert app.query_params["said5"] in ("900", ["900"])
    said = texts(app)
    assert core.guess_said(found, 900) in said
    assert core.answers_said(found, 1) in said
    assert picture(app) == core.answers_alt(found, 1)
    app.select_slider(key="lesson_images").set_value(16).run()
    assert core.answers_said(found, 16) in texts(app)


def test_the_estimates_follow_the_size_of_the_batch(open_page, table, small):
    app = open_page("lesson", step="5", said5="shown", lesson_images="8", lesson_estimates=inference.ESTIMATES)
    seen = core.estimates(table, small, 8)
    assert core.estimates_said(seen) in texts(app)
    assert picture(app) == core.estimates_alt(seen)
    assert "You said" not in texts(app)


@pytest.mark.parametrize(
    ("name", "value"), [("lesson_images", "3"), ("lesson_images", "256"), ("lesson_estimates", "")]
)
def test_what_is_not_possible_is_refused(open_page, found, name, value):
    app = open_page("lesson", step="5", said5="400", **{name: value})
    assert f"The link asks for {name} = '{value}', which is not possible here." in texts(app).replace("\\", "")
    assert core.answers_said(found, 1) in texts(app)


@pytest.mark.parametrize("value", ["17", "1050", "00400"])
def test_what_is_no_number_to_predict_leaves_the_address(open_page, found, value):
    app = open_page("lesson", step="5", said5=value)
    assert app.query_params["said5"] in ("shown", ["shown"])
    assert "You said" not in texts(app)
    assert core.answers_said(found, 1) in texts(app)


def test_without_the_networks_it_says_so(open_page):
    for said in ("", "400"):
        app = open_page("lesson", step="5", **({"said5": said} if said else {}))
        assert NO_NETWORK in [warning.value for warning in app.warning]
