"""Step 5 of the lesson in a browser: predicted by keyboard alone, and the size of the batch by touch on a phone."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.axe import serious
from tests.browser.conftest import settle
from tests.browser.one_screen import no_wider, outside
from tests.browser.steady import box_of, reads, steady, tap_at

WINDOW = {"width": 1024, "height": 768}


def seen(page: Page):
    """What belongs together once it is revealed."""
    page.locator(".st-key-lesson_chart .main-svg").first.wait_for()
    settle(page)
    return {"picture": page.locator(".st-key-lesson_picture"), "home": page.get_by_text("Take home.")}


def test_predicted_by_keyboard_alone_on_one_screen(page, shipping):
    page.set_viewport_size(WINDOW)
    page.goto(f"{shipping.url}/lesson?step=5")
    button = page.get_by_role("button", name="That is my prediction")
    expect(button).to_be_visible()
    page.locator(".st-key-lesson_chart .main-svg").first.wait_for()
    settle(page)
    assert outside(page, {"picture": page.locator(".st-key-lesson_picture"), "button": button}) == {}
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("lesson_guess=550"))
    settle(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("said5=550"))
    expect(page.get_by_text("You said: 550. The answer: 441.")).to_be_visible()
    assert outside(page, seen(page)) == {}
    assert not serious(page)
    page.get_by_role("slider", name="Images in a batch").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text(re.compile("In batches of 2, [0-9]{3} of 1,000 test images are right"))).to_be_visible()
    expect(page).to_have_url(re.compile("lesson_images=2"))


def test_the_size_of_the_batch_by_touch_on_a_phone(phone: Page, shipping):
    page = phone
    page.goto(f"{shipping.url}/lesson?step=5&said5=900")
    assert outside(page, seen(page)) == {}
    page.get_by_text("Running estimates", exact=True).first.tap()
    expect(page.get_by_text("Means of single images scatter by 0.2")).to_be_visible()
    assert outside(page, seen(page)) == {}
    reads(page, lambda: box_of(page.locator(".st-key-lesson_chart"))["height"] <= 330, True)
    slider = page.get_by_test_id("stSlider")
    box = steady(slider)
    tap_at(slider, {"x": 0.99 * box["width"], "y": box["height"] - 10})
    expect(page.get_by_text("Means of 128 images scatter by 0.019")).to_be_visible()
    expect(page).to_have_url(re.compile("lesson_images=128"))
    no_wider(page)
