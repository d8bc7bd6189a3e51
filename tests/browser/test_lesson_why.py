"""Step 1 of the lesson in a browser: a race by keyboard alone, on one screen, and the layers by touch on a phone."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.axe import serious
from tests.browser.conftest import settle
from tests.browser.one_screen import no_wider, outside
from tests.browser.steady import box_of, reads

WINDOW = {"width": 1024, "height": 768}


def focused(page: Page) -> str:
    """The text of what has the focus."""
    return page.evaluate("document.activeElement.innerText")


def home(page: Page):
    return page.get_by_text("Take home.")


def test_a_race_by_keyboard_alone_on_one_screen(page, server):
    page.set_viewport_size(WINDOW)
    page.goto(f"{server.url}/lesson?step=1")
    option = page.get_by_text("about as many as by guessing")
    expect(option).to_be_visible()
    settle(page)
    parts = {
        "picture": page.locator(".st-key-lesson_picture"),
        "last option": page.get_by_text("more than with BatchNorm"),
        "without a prediction": page.get_by_role("button", name="Show me"),
    }
    assert outside(page, parts) == {}
    page.get_by_role("button", name="Next").focus()
    for key in ("Tab", "ArrowRight"):
        for _ in range(4):
            if focused(page) in ("about as many as by guessing", "about as many as with BatchNorm" * (key == "Tab")):
                break
            page.keyboard.press(key)
    assert focused(page) == "about as many as by guessing"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("lesson_race=[0-9a-f]{16}"))
    expect(page.get_by_text("Right: about as many as by guessing.")).to_be_visible()
    parts = {
        "control": page.get_by_role("radio", name="After training"),
        "chart": page.locator(".st-key-lesson_picture"),
        "home": home(page),
        "another": page.get_by_role("button", name="Another seed"),
    }
    assert outside(page, parts) == {}
    assert not serious(page)
    page.get_by_role("radio", name="Accuracy").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"lesson_layers=Before(\+|%20)training"))
    expect(page.get_by_text("Before training, the numbers")).to_be_visible()
    settle(page)
    before = page.url
    page.reload()
    expect(page.get_by_text("Before training, the numbers")).to_be_visible()
    expect(page.get_by_text("Right: about as many as by guessing.")).to_be_visible()
    settle(page)
    expect(page).to_have_url(before)


def test_the_layers_by_touch_on_a_phone(phone: Page, server):
    page = phone
    page.goto(f"{server.url}/lesson?step=1&said1=1")
    control = page.get_by_role("radio", name="Before training")
    expect(control).to_be_visible()
    settle(page)
    control.tap()
    expect(page.get_by_text("Before training, the numbers")).to_be_visible()
    page.locator(".st-key-lesson_layers_chart .main-svg").first.wait_for()
    settle(page)
    assert outside(page, {"chart": page.locator(".st-key-lesson_chart"), "home": home(page)}) == {}
    reads(page, lambda: box_of(page.locator(".st-key-lesson_chart"))["height"] <= 330, True)
    no_wider(page)
