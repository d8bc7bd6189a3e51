"""The presenter's view: its parameter on every page, its way in and out, and the order of the pages."""

from __future__ import annotations

import pytest

from pages.parts.shared.presenter import neighbour
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


def test_the_pages_are_turned_in_the_order_of_the_navigation():
    pages = ["home", "lesson", "lab"]
    assert neighbour(pages, "home", "next") == "lesson"
    assert neighbour(pages, "lab", "back") == "lesson"
    assert neighbour(pages, "home", "back") is None
    assert neighbour(pages, "lab", "next") is None
