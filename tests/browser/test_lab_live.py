"""The live parts of the lab on a phone: what comes first, and a finger on the slider."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import drawn, settle
from tests.browser.one_screen import in_order, no_wider
from tests.browser.steady import steady, tap_at
from tests.browser.test_one_screen_lab import PARTS, opened

AROUND = {
    "lab_experiment=pruning": (".st-key-lab_pruning_errors", ".st-key-lab_pruning_kernels"),
    "lab_experiment=pruning&lab_pruning=Scale+a+convolution": (".st-key-lab_scaled_changes",),
    "lab_experiment=depth": (".st-key-lab_depth_activation",),
}
"""By address: the first picture, which stands before the slider, and one that follows it, where there is one."""


@pytest.mark.parametrize("query", PARTS)
def test_the_picture_comes_before_the_slider_and_a_finger_on_it_moves_the_numbers(phone, shipping, query):
    slider = PARTS[query][0]
    page = phone
    opened(page, shipping, query)
    no_wider(page)
    found = page.get_by_role("slider", name=slider)
    if query in AROUND:
        drawn(page)
        picture, *later = map(page.locator, AROUND[query])
        in_order(page, picture, found, *later)
    value = found.input_value()
    track = page.get_by_test_id("stSlider").filter(has_text=slider)
    box = steady(track)
    tap_at(track, {"x": 0.55 * box["width"], "y": box["height"] - 10})
    expect(found).not_to_have_value(value)
    settle(page)
    expect(page).to_have_url(re.compile("lab_(contrast|size|depth|pruning_share|scaled_factor)="))
