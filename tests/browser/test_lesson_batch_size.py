"""Step 6 by mouse, by keys alone and by a finger: a guess is drawn, kept in the address, and what is measured comes."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, Position, expect

from core.experiments.set_size import SET_SIZE
from core.experiments.table import TABLES, load
from core.lesson.batch_size import SIZES, about_curves, about_guess, from_text, measured, whole
from tests.browser.axe import serious, to_scheme
from tests.browser.conftest import settle
from tests.browser.one_screen import SIZES as WINDOWS
from tests.browser.one_screen import no_wider, outside
from tests.browser.server import Server
from tests.browser.steady import reads, steady, tap_at

WHERE = """svg => { const at = (kind, name) => [...svg.querySelectorAll(kind)].map(line => +line.getAttribute(name))
             return [at('.column', 'x1'), at('.grid', 'y1')] }"""
"""The columns of the batch sizes and the heights of the ticks, which are 1, 2, 5, 10, 20, 50 and 100 %."""
TWO, FIFTY = 1, 5


def opened(page: Page, server: Server, query: str = "") -> Locator:
    page.goto(f"{server.url}/lesson?step=6{query}")
    chart = page.locator(".guess .chart")
    chart.locator("text").first.wait_for()
    settle(page)
    return chart


def guess(page: Page, name: str) -> tuple[float | None, ...]:
    return from_text(parse_qs(urlsplit(page.url).query)[name][0])


def parts(page: Page) -> dict[str, Locator]:
    return {
        "picture": page.locator(".guess"),
        "words": page.locator(".st-key-lesson_words"),
        "title": page.get_by_role("heading", level=1),
    }


def revealed(page: Page) -> None:
    """The sentences that core makes of the guess in the address stand on the page."""
    expect(page).to_have_url(re.compile("said6="))
    curves = measured(load(TABLES / f"{SET_SIZE.name}.json"))
    for sentence in (about_guess(whole(guess(page, "said6")), curves), about_curves(curves)):
        plain = sentence.replace("*", "").replace("\xa0", " ")
        expect(page.locator(".st-key-lesson_words")).to_contain_text(plain)


def test_one_stroke_of_the_mouse_by_who_comes_from_step_5(page, shipping):
    page.goto(f"{shipping.url}/lesson?step=5")
    expect(page.get_by_role("slider")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    chart = page.locator(".guess .chart")
    chart.locator("text").first.wait_for()
    settle(page)
    show = page.get_by_role("button", name="Show the measured curve")
    expect(show).to_be_disabled()
    for window in WINDOWS:
        page.set_viewport_size(window)
        assert outside(page, parts(page)) == {}, window
    assert not serious(page)
    box = steady(chart)
    columns, heights = chart.evaluate(WHERE)
    page.mouse.move(box["x"] + columns[0], box["y"] + heights[FIFTY])
    page.mouse.down()
    page.mouse.move(box["x"] + columns[-1], box["y"] + heights[TWO], steps=3)
    page.mouse.up()
    expect(page).to_have_url(re.compile("sketch="))
    # a straight line from 50 to 2 % on logarithmic axes: the sizes double, so each error is 25 ** (1/6) times the next
    for drawn, exact in zip(guess(page, "sketch"), (50 / 25 ** (i / 6) for i in range(7)), strict=True):
        assert abs(drawn / exact - 1) < 0.06
    page.mouse.move(1, 1)
    expect(page.locator(".guess .readout")).to_have_text("Drawn. Change it, or see what is measured.")
    show.click()
    revealed(page)
    for window in WINDOWS:
        page.set_viewport_size(window)
        assert outside(page, parts(page)) == {}, window
    to_scheme(page, "dark")
    assert not serious(page)
    page.reload()
    revealed(page)


def test_keys_alone_in_the_dark(page, server):
    page.emulate_media(color_scheme="dark")
    opened(page, server)
    waiting = page.get_by_role("button", name="Show the measured curve").locator("p")
    # dark as on the accent colour it would not be seen: what waits has the colour of the page behind it
    expect(waiting).not_to_have_css("color", "rgb(11, 18, 27)")
    page.get_by_role("button", name="Next").focus()
    for _ in range(2):  # past the link of the title
        page.keyboard.press("Tab")
    for size in SIZES:
        for _ in range(3):
            page.keyboard.press("PageUp")
        expect(page.locator(".guess .spoken")).to_have_text(re.compile(rf"^Batch size {size}: your guess [\d.]+ %"))
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Show the measured curve")).to_be_enabled()
    settle(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    revealed(page)


def test_a_finger_on_a_phone(phone: Page, server):
    page = phone
    chart = opened(page, server)
    show = page.get_by_role("button", name="Show the measured curve")
    assert outside(page, {"picture": page.locator(".guess"), "button": show}) == {}
    columns, heights = chart.evaluate(WHERE)
    for column in columns:
        place: Position = {"x": column, "y": heights[TWO]}
        tap_at(chart, place)
    expect(show).to_be_enabled()
    reads(page, lambda: guess(page, "sketch"), (2.0,) * len(SIZES))
    show.tap()
    revealed(page)
    settle(page)
    assert outside(page, {"picture": page.locator(".guess"), "home": page.locator(".st-key-lesson_home")}) == {}
    no_wider(page)
