"""The presenter's view: its parameter on every page, and its way in and out."""

from __future__ import annotations

import pytest

from tests.pages.conftest import texts

PAGES = ("home", "lesson", "statistics", "train", "lab", "compare", "misclassified")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_the_view_and_a_way_out(open_page, name):
    app = open_page(name, present="true", **({"step": "4"} if name == "lesson" else {}))
    assert app.query_params["present"] in ("true", ["true"])
    assert app.button(key="present_leave").label == "Leave presenter's view"
    app.button(key="present_leave").click().run()
    assert not app.exception
    assert "present" not in app.query_params
    app.button(key="present_enter").click().run()
    assert app.query_params["present"] in ("true", ["true"])


def test_it_stays_from_page_to_page(open_page):
    app = open_page("home", present="true")
    for name in ("train", "lab"):
        app.switch_page(f"pages/{name}.py").run()
        assert app.query_params["present"] in ("true", ["true"])
        assert app.button(key="present_leave")


def test_a_link_without_it_goes_on_presenting(open_page):
    app = open_page("home", present="true")
    app.query_params.clear()  # as a link of the app leaves it
    app.run()
    assert app.query_params["present"] in ("true", ["true"])


@pytest.mark.parametrize("value", ["", "yes", "1", ["true", "true"], "<b>"])
def test_a_value_that_is_none_gets_a_sentence(open_page, value):
    app = open_page("statistics", present=value)
    assert "The link asks for present = " in texts(app)
    assert "present" not in app.query_params
    assert app.button(key="present_enter")


def test_false_is_the_default_and_leaves_the_address(open_page):
    app = open_page("home", present="false")
    assert not app.warning
    assert "present" not in app.query_params
