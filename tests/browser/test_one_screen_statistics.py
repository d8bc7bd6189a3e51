"""One object on one screen: on Statistics the picture, what changes it and what is said of it share the window."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import drawn, settle
from tests.browser.server import Server

WINDOWS = [{"width": 1440, "height": 900}, {"width": 1024, "height": 768}]
PHONE = {"width": 390, "height": 844}


def parts(page: Page) -> dict[str, Locator]:
    """What belongs together, by name."""
    return {
        "board": page.locator(".tensor .board"),
        "number line": page.locator(".tensor canvas.line"),
        "what the pointed cell is": page.locator(".tensor .readout .where"),
        "norm": page.get_by_role("radiogroup", name="Norm").or_(page.locator(".st-key-stats_norm")).first,
        "headline": page.get_by_text("each channel has one mean, taken over all 4 images"),
        "lesson": page.locator(".st-key-stats_tab"),
        "first sentence of the lesson": page.get_by_text("Of this tensor"),
    }


def outside(page: Page) -> list[str]:
    """The parts that do not lie wholly inside the window."""
    window = page.viewport_size
    found = []
    for name, part in parts(page).items():
        expect(part).to_be_visible()
        box = part.bounding_box()
        inside = (
            box["x"] >= 0
            and box["y"] >= 0
            and box["x"] + box["width"] <= window["width"]
            and box["y"] + box["height"] <= window["height"]
        )
        found += [] if inside and box["height"] > 0 else [f"{name}: {box}"]
    return found


def open_statistics(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.url}/statistics{query}")
    page.wait_for_selector(".tensor .where:not(:empty)")
    settle(page)


def test_picture_control_and_sentences_share_the_window_and_on_a_phone_the_picture_comes_first(page, server):
    open_statistics(page, server)
    for window in WINDOWS:
        page.set_viewport_size(window)
        drawn(page)
        assert not outside(page), window

    page.set_viewport_size(PHONE)
    drawn(page)
    found = {name: part.bounding_box() for name, part in parts(page).items()}
    order = ["board", "number line", "headline", "norm", "lesson", "first sentence of the lesson"]
    tops = [found[name]["y"] for name in order]
    assert tops == sorted(tops)
    board = found["board"]
    assert board["y"] + board["height"] <= PHONE["height"]
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_the_picture_stays_in_view_while_the_lesson_scrolls(page, server):
    open_statistics(page, server, "?stats_tab=Training+and+inference")
    for window in WINDOWS:
        page.set_viewport_size(window)
        page.locator("[data-testid=stMain]").evaluate("main => main.scrollTo(0, 0)")
        drawn(page)
        stays_in_view(page, window)


def stays_in_view(page: Page, window: dict[str, int]) -> None:
    scrolled = page.evaluate(
        """() => { const main = document.querySelector("[data-testid=stMain]"); main.scrollBy(0, 300)
             return main.scrollTop }"""
    )
    assert scrolled > 250  # more than what stands above the picture
    page.evaluate("() => new Promise(over => requestAnimationFrame(() => requestAnimationFrame(over)))")
    for part in ("board", "number line"):
        box = parts(page)[part].bounding_box()
        assert box["y"] >= 0, part
        assert box["y"] + box["height"] <= window["height"], part
