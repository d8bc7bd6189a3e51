"""Lab: picture, control and sentence share a window, in live parts and tables; axe in both schemes, the keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import SCHEMES, serious, to_scheme
from tests.browser.conftest import DESKTOP, PHONE, TRAINED, settle
from tests.browser.one_screen import in_order
from tests.browser.server import Server
from tests.browser.steady import boxes_of, reads
from tests.browser.test_lab import outside

WINDOWS = [{"width": 1440, "height": 900}, {"width": 1024, "height": 768}]
PARTS = {
    "lab_experiment=light&lab_contrast=0.2": ("Contrast", "BN.* is wrong on .* with its stored means"),
    "lab_experiment=forgot-eval": ("Images in a random batch", "of 64 images are of class 7"),
    "lab_experiment=depth": ("Convolutions", "^Behind 20 convolutions"),
    "lab_experiment=pruning": ("Weights removed, %", "^Of seed 0, without .* weights, BN is wrong"),
    "lab_experiment=pruning&lab_pruning=Scale+a+convolution": ("All its weights times", "^Without a norm"),
}
"""By address: the slider that moves the numbers, and how the sentence about them goes."""


def opened(page: Page, server: Server, query: str) -> None:
    page.goto(f"{server.url}/lab?lab_said=1&{query}")
    settle(page)
    page.locator('[data-testid="stPlotlyChart"] .main-svg').first.wait_for()


def test_a_table(page, shipping):
    opened(page, shipping, f"lab_experiment={TRAINED}")
    parts = [
        page.get_by_role("heading", level=1),
        page.get_by_text("You said:"),
        page.get_by_role("button", name="Train it here"),
        page.locator('[data-testid="stPlotlyChart"]').first,
        page.locator(".st-key-lab_seen"),
        page.get_by_role("button", name=re.compile("[0-9] statements tested: ")),
        page.locator(".st-key-lab_not_borne_out"),
        page.locator(".st-key-lab_claim"),
    ]
    for window in WINDOWS:
        page.set_viewport_size(window)
        assert outside(page, *parts) == [], window

    page.set_viewport_size(PHONE)
    picture = page.locator('[data-testid="stPlotlyChart"]').first

    def names_start_below_the_axis() -> bool:
        names = [name["y"] for name in boxes_of(picture.locator(".legendtext"))]
        ends = [title["y"] + title["height"] for title in boxes_of(picture.locator(".xtitle, .x2title, .x3title"))]
        return bool(names) and len(ends) == 3 and max(ends) <= min(names)

    reads(page, names_start_below_the_axis, True)


def test_on_a_phone_light_has_its_first_slider_right_below_what_it_changes(page, shipping):
    page.set_viewport_size(PHONE)
    opened(page, shipping, "lab_experiment=light")
    bars, slider = page.locator(".st-key-lab_light_bars"), page.get_by_role("slider", name="Contrast")
    in_order(page, page.get_by_test_id("stImage"), bars, slider, page.get_by_text("with its stored means"))
    assert outside(page, bars, slider) == []


@pytest.mark.parametrize("query", PARTS)
def test_a_live_part_on_one_screen_with_axe_and_the_keyboard(page, shipping, query):
    opened(page, shipping, query)
    slider, sentence = PARTS[query]
    parts = [
        page.get_by_role("heading", level=1),
        page.get_by_text("You said:"),
        page.get_by_role("slider", name=slider),
        page.locator('[data-testid="stPlotlyChart"]').first,
        page.get_by_role("paragraph").filter(has_text=re.compile(sentence)).first,
    ]
    if "forgot-eval" in query:
        parts += [page.get_by_test_id("stImage"), page.get_by_text("The first of these batches")]
    for window in WINDOWS:
        page.set_viewport_size(window)
        assert outside(page, *parts) == [], window

    page.set_viewport_size(DESKTOP)
    for scheme in SCHEMES:
        to_scheme(page, scheme)
        assert not serious(page), scheme
    before = page.locator('[data-testid="stMain"]').text_content()
    address = page.url
    page.get_by_role("slider", name=slider).focus()
    page.keyboard.press("ArrowLeft")
    expect(page).not_to_have_url(address)
    settle(page)
    expect(page.locator('[data-testid="stMain"]')).not_to_have_text(before)
    expect(page.locator('[data-testid="stPlotlyChart"]').first).to_be_visible()
    expect(page.get_by_role("slider", name=slider)).to_be_focused()
