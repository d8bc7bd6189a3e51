"""The live parts of the lab for everybody: axe in both schemes, the keyboard, and a finger on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.axe import SCHEMES, serious, to_scheme
from tests.browser.conftest import PATIENCE, settle
from tests.browser.test_one_screen_lab import PARTS, lab, opened  # noqa: F401 - a fixture is used by its name

PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("query", PARTS)
def test_axe_and_the_keyboard(page, lab, query):  # noqa: F811
    slider = PARTS[query][0]
    opened(page, lab, query)
    for scheme in SCHEMES:
        to_scheme(page, scheme)
        assert not serious(page), scheme
    picture = page.locator('[data-testid="stPlotlyChart"]').first
    before = page.locator('[data-testid="stMain"]').inner_text()
    page.get_by_role("slider", name=slider).focus()
    page.keyboard.press("ArrowLeft")
    expect(page).not_to_have_url(f"{lab.url}/lab?lab_said=1&{query}")
    settle(page)
    expect(page.locator('[data-testid="stMain"]')).not_to_have_text(before)
    expect(picture).to_be_visible()
    assert page.evaluate("document.activeElement.getAttribute('role') || document.activeElement.type") in (
        "slider",
        "range",
    )


@pytest.mark.parametrize("query", PARTS)
def test_a_finger_on_the_slider_moves_the_numbers(browser: Browser, lab, query):  # noqa: F811
    slider = PARTS[query][0]
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    opened(page, lab, query)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    touched = page.get_by_test_id("stSlider").filter(has_text=slider)
    touched.scroll_into_view_if_needed()
    box = touched.bounding_box()
    value = page.get_by_role("slider", name=slider).input_value()
    page.touchscreen.tap(box["x"] + 0.55 * box["width"], box["y"] + box["height"] - 10)
    expect(page.get_by_role("slider", name=slider)).not_to_have_value(value)
    settle(page)
    expect(page).to_have_url(re.compile("lab_(contrast|size|depth|pruning_share|scaled_factor)="))
    context.close()
