"""What a step says fits the screen of a phone and of a projector where it says most: a prediction far off, and why."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import drawn, settle
from tests.browser.one_screen import outside
from tests.browser.server import Server
from tests.browser.test_presenter import PROJECTORS

INFERENCE, DRAWN, DETECTOR = "step=5&said5=500", "step=6&said6=20_10_5_3_2_2_2", "step=7&said7=1&situation=two"


def revealed(page: Page, server: Server, query: str) -> Page:
    page.goto(f"{server.url}/lesson?{query}")
    page.locator(".st-key-lesson_home").wait_for()
    settle(page)
    drawn(page)
    return page


def test_on_a_phone_the_take_home_is_in_the_first_window(phone, shipping):
    found = {}
    for query in ("step=4&norm4=ln&said4=2", INFERENCE, DRAWN, DETECTOR):
        parts = {part: phone.locator(f".st-key-lesson_{part}") for part in ("picture", "home")}
        found[query] = outside(revealed(phone, shipping, query), parts)
    assert not {query: what for query, what in found.items() if what}


def test_on_a_projector_all_of_it_is(page, shipping):
    found = {}
    for query in (INFERENCE, DRAWN, DETECTOR):
        revealed(page, shipping, f"{query}&present=true")
        for size in PROJECTORS:
            page.set_viewport_size(size)
            parts = {part: page.locator(f".st-key-lesson_{part}") for part in ("picture", "words")}
            found[query, size["height"]] = outside(page, parts)
    assert not {where: what for where, what in found.items() if what}
