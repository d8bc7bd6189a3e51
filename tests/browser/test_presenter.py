"""The presenter's view by keys alone: pages and steps are turned, controls keep their keys, Escape leaves."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import SCHEMES, serious, to_scheme
from tests.browser.conftest import settle
from tests.browser.one_screen import outside
from tests.browser.server import Server
from tests.browser.steady import reads

PROJECTORS = ({"width": 1024, "height": 768}, {"width": 1280, "height": 720})
NORMAL = 16


def root_font(page: Page) -> float:
    return page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")


def arrived(page: Page, server: Server, path: str) -> None:
    """Wait for a page of the presenter's view, drawn."""
    expect(page).to_have_url(re.compile(f"^{server.url}/{path}.*[?&]present=true"))
    settle(page)


def clicks(page: Page) -> int:
    """How often anything was clicked since this was asked first: a key that turns the page clicks at once."""
    return page.evaluate(
        """() => { if (window.clicks === undefined) {
             window.clicks = 0
             document.addEventListener('click', () => window.clicks++, true)
           }
           return window.clicks }"""
    )


def keeps_its_keys(page: Page, part: Locator) -> None:
    """Neither arrow nor Page keys turn anything while ``part`` has the focus."""
    before = clicks(page)
    part.focus()
    for key in ("ArrowRight", "PageDown", "ArrowLeft", "PageUp"):
        page.keyboard.press(key)
    assert clicks(page) == before
    page.evaluate("document.activeElement.blur()")


def test_pages_are_turned_by_keys_and_escape_leaves(page, server):
    page.goto(f"{server.url}/statistics?present=true")
    arrived(page, server, "statistics")
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    expect(page.locator(".st-key-page_row")).to_be_hidden()
    reads(page, lambda: root_font(page) >= 1.125 * NORMAL, True)
    for scheme in SCHEMES:
        to_scheme(page, scheme)
        assert not serious(page), scheme
    page.keyboard.press("ArrowRight")
    arrived(page, server, "train")
    epochs = page.get_by_role("slider", name="Epochs")
    keeps_its_keys(page, epochs)
    keeps_its_keys(page, page.get_by_role("combobox").first)
    epochs.press("End")
    expect(page).to_have_url(re.compile(f"train_epochs={epochs.get_attribute('max')}(&|$)"))  # bound to a widget
    page.evaluate("document.activeElement.blur()")
    settle(page)
    page.keyboard.press("PageDown")
    arrived(page, server, "lab")
    page.keyboard.press("PageUp")
    arrived(page, server, "train")
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("present"))
    expect(page.get_by_test_id("stHeader")).to_be_visible()
    reads(page, lambda: root_font(page), NORMAL)
    page.get_by_role("button", name="Presenter's view").click()
    arrived(page, server, "train")


def back_to(page: Page, number: int) -> None:
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".st-key-lesson_where")).to_have_text(f"Step {number} of 7")
    settle(page)


def test_steps_are_turned_by_keys_and_fit_the_projector(page, server):
    page.goto(f"{server.url}/lesson?step=4&present=true&said2=1&number=1")
    arrived(page, server, "lesson")
    board, where = page.locator(".tensor .board"), page.locator(".st-key-lesson_where")
    expect(where).to_be_visible()
    for size in PROJECTORS:
        page.set_viewport_size(size)
        parts = {
            "picture": board,
            "words": page.locator(".st-key-lesson_words"),
            "bar": page.locator(".st-key-lesson_bar"),
        }
        assert outside(page, parts) == {}, size
        reads(page, lambda: root_font(page) >= 1.125 * NORMAL, True)
    expect(where).to_have_text("Step 4 of 7")
    keeps_its_keys(page, board)
    page.keyboard.press("PageDown")
    expect(where).to_have_text("Step 5 of 7")
    expect(page).to_have_url(re.compile("step=5"))
    for number in (4, 3, 2):
        back_to(page, number)
    # the longest of all: a wrong answer, three formulas, and torch's number
    line, words = page.locator("canvas.line"), page.locator(".st-key-lesson_words")
    for size in PROJECTORS:
        page.set_viewport_size(size)
        # drawn as large as the type
        expect(line).to_have_attribute("height", str(round(96 * root_font(page) / NORMAL)))
        assert outside(page, {"picture": page.locator(".st-key-lesson_picture"), "words": words}) == {}, size
    back_to(page, 1)
    title = page.locator(".chart .title")
    assert float(title.get_attribute("y")) == root_font(page)
    page.keyboard.press("ArrowRight")
    expect(where).to_have_text("Step 2 of 7")
    settle(page)
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("present"))
    settle(page)
    expect(line).to_have_count(1)  # the one of the other view stays until the run has ended
    expect(line).to_have_attribute("height", "96")
