"""Step 4 in a browser: one screen before and after the prediction, by keyboard alone and by touch."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import drawn, settle
from tests.browser.lesson import WIDE, go_to, opened
from tests.browser.one_screen import no_wider, outside
from tests.browser.steady import addressed


def parts(page, *more: str) -> dict:
    """What belongs together."""
    found = {name: page.locator(f".st-key-{name}") for name in ("lesson_bar", "lesson_picture", "lesson_words", *more)}
    return found | {"title": page.get_by_role("heading", name="Who depends on whom?"), "cells": page.locator(".board")}


def test_by_keyboard_alone_and_on_one_screen(page, server):
    page.set_viewport_size(WIDE)
    opened(page, server.url, "step=4")
    assert not outside(page, parts(page))
    go_to(page, "under none of them", "under all three")
    page.keyboard.press("Enter")
    home = page.locator(".st-key-lesson_home")
    expect(home).to_contain_text("In training BN makes every image depend")
    settle(page)
    drawn(page)
    assert not outside(page, parts(page, "lesson_home"))
    # the reveal is on the tensor: it shows the change, and says so
    shown = page.get_by_role("button", name="change of x̂")
    expect(shown).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".board")).to_have_attribute(
        "aria-label",
        "BatchNorm on four images of whole numbers, in "
        "training mode. Shown: change of x̂. Arrow keys move, Page Up and Page Down change the channel, Enter pins.",
    )
    page.get_by_role("heading", name="Who depends on whom?").click()
    go_to(page, "BatchNorm", "LayerNorm")
    page.keyboard.press("Enter")
    expect(page.get_by_text("none of the 72")).to_be_visible()
    settle(page)
    addressed(page, "norm4", "ln")
    addressed(page, "said4", "4")
    expect(shown).to_have_attribute("aria-pressed", "true")
    assert not outside(page, parts(page, "lesson_home"))
    page.locator(".board").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"cell4=1\.1\.1\.2"))


def test_by_touch_on_one_screen_of_a_phone(phone: Page, server):
    page = phone
    opened(page, server.url, "step=4&norm4=ln")  # the highest picture
    assert not outside(page, parts(page))
    page.get_by_role("radio", name="under BatchNorm alone").tap()
    expect(page.get_by_text("Right: under BatchNorm alone.")).to_be_visible()
    settle(page)
    drawn(page)
    assert not outside(
        page, {name: part for name, part in parts(page, "lesson_home").items() if name != "lesson_words"}
    )
    no_wider(page)
    page.get_by_role("button", name="Another image 4").tap()
    expect(page).to_have_url(re.compile(r"another=2"))
