"""The Lab in a real browser: a link, a prediction by keyboard, a slider, and one screen for the question."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from core.experiments.listed import EXPERIMENTS, experiment
from tests.browser import one_screen
from tests.browser.axe import SCHEMES, serious
from tests.browser.conftest import PHONE, TRAINED, drawn, settle
from tests.browser.server import Server
from tests.browser.steady import reads

CUT = """options => options.filter(option => {
  const words = option.querySelector('p')
  return words.scrollWidth > words.clientWidth || option.getBoundingClientRect().right > innerWidth
}).map(option => option.textContent)"""
"""Of options, those whose words are cut."""
WINDOWS = [{"width": 1440, "height": 900}, {"width": 1024, "height": 768}]


def open_lab(page: Page, server: Server, query: str) -> None:
    page.goto(f"{server.url}/lab?{query}")
    settle(page)


def question(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", name=experiment(name).question, level=1)


def outside(page: Page, *parts: Locator) -> list[object]:
    """The boxes of those of ``parts`` that the window does not show whole, without scrolling."""
    return list(one_screen.outside(page, {str(number): part for number, part in enumerate(parts)}).values())


@pytest.fixture
def console(page) -> Iterator[list[str]]:
    """Fails where the browser's console has an error in it; Streamlit looks for its base path by two requests."""
    errors: list[str] = []
    page.on(
        "console",
        lambda message: (
            errors.append(f"{message.text} {message.location.get('url', '')}")
            if message.type == "error" and "/_stcore/" not in message.location.get("url", "")
            else None
        ),
    )
    yield errors
    assert errors == []


def test_a_link_a_prediction_by_keyboard_a_slider_and_back(page, shipping, console):
    open_lab(page, shipping, "lab_experiment=light")
    expect(question(page, "light")).to_be_visible()
    # of an address on the server the console may say that it is not found
    expect(page.locator("link[rel~=icon]")).to_have_attribute("href", re.compile("^data:image/png;base64,"))
    asked = page.get_by_text("Predict first.")
    expect(asked).to_be_visible()
    expect(page.locator('[data-testid="stPlotlyChart"]')).to_have_count(0)
    first = (
        page.get_by_role("radio")
        .or_(page.get_by_role("button"))
        .filter(has_text=experiment("light").prediction.options[0])
    )
    first.first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("You said:")).to_be_visible()
    expect(asked).to_have_count(0)
    expect(page).to_have_url(re.compile("lab_said=1"))
    settle(page)
    slider = page.get_by_role("slider", name="Contrast")
    picture = page.locator('[data-testid="stPlotlyChart"]').first
    picture.wait_for()
    drawn(page)
    before = picture.text_content()
    slider.focus()
    page.keyboard.press("End")
    expect(page).to_have_url(re.compile("lab_contrast=1(&|$)"))
    settle(page)
    expect(picture).not_to_have_text(before)
    page.reload()
    settle(page)
    expect(page.get_by_text("You said:")).to_be_visible()
    expect(page.get_by_role("slider", name="Contrast")).to_have_value("1")
    page.locator(".st-key-lab_next").get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(question(page, EXPERIMENTS[1].name)).to_be_visible()
    expect(page.get_by_text("Predict first.")).to_be_visible()


def test_each_question_and_its_options_share_the_window_and_so_does_its_result(page, shipping):
    open_lab(page, shipping, f"lab_experiment={EXPERIMENTS[0].name}")
    show = page.get_by_role("button", name="Show me")
    measured = page.get_by_role("heading", name="Measured on all seeds")
    result = [page.locator(".st-key-lab_picture"), page.locator(".st-key-lab_words")]
    for found in EXPERIMENTS:
        if found is not EXPERIMENTS[0]:
            page.locator(".st-key-lab_next").get_by_role("button").click()
        expect(question(page, found.name)).to_be_visible()
        settle(page)
        for window in WINDOWS:
            page.set_viewport_size(window)
            assert outside(page, question(page, found.name), show) == [], (found.name, window)
        page.set_viewport_size(PHONE)
        reads(page, lambda: page.locator(".st-key-lab_ask [role=radio]").evaluate_all(CUT), [])
        show.click()
        said = page.get_by_text("It was:")
        expect(said).to_be_visible()
        settle(page)
        page.locator(".st-key-lab_verdicts").wait_for()
        for window in WINDOWS:
            page.set_viewport_size(window)
            above = [question(page, found.name), said]
            if found.live:  # below what is measured live
                measured.evaluate("heading => heading.scrollIntoView()")
                above = [measured]
            assert outside(page, *above, *result) == [], (found.name, window)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_before_and_after_the_prediction(page, shipping, scheme):
    page.emulate_media(color_scheme=scheme)
    open_lab(page, shipping, f"lab_experiment={TRAINED}")
    assert not serious(page)
    answer = page.get_by_role("radio").or_(page.get_by_role("button"))
    answer.filter(has_text=experiment(TRAINED).prediction.options[1]).first.click()
    expect(page).to_have_url(re.compile("lab_said=2"))
    expect(page.get_by_text("You said:")).to_be_visible()
    settle(page)
    assert not serious(page)
