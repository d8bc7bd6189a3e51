"""The live parts of the lab by a finger on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, settle
from tests.browser.steady import steady, tap_at
from tests.browser.test_one_screen_lab import PARTS, opened


@pytest.mark.parametrize("query", PARTS)
def test_a_finger_on_the_slider_moves_the_numbers(phone, study_server, query):
    slider = PARTS[query][0]
    page = phone
    opened(page, study_server, query)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    value = page.get_by_role("slider", name=slider).input_value()
    track = page.get_by_test_id("stSlider").filter(has_text=slider)
    box = steady(track)
    tap_at(track, {"x": 0.55 * box["width"], "y": box["height"] - 10})
    expect(page.get_by_role("slider", name=slider)).not_to_have_value(value)
    settle(page)
    expect(page).to_have_url(re.compile("lab_(contrast|size|depth|pruning_share|scaled_factor)="))
