"""One object on one screen: on Statistics the picture, what changes it and what is said of it share the window."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from tests.browser.conftest import drawn, settle
from tests.browser.one_screen import SIZES as WINDOWS
from tests.browser.one_screen import in_order, no_wider, outside
from tests.browser.server import Server
from tests.browser.steady import box_of, reads

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


def open_statistics(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.url}/statistics{query}")
    page.wait_for_selector(".tensor .where:not(:empty)")
    settle(page)


def test_picture_control_and_sentences_share_the_window_and_on_a_phone_the_picture_comes_first(page, server):
    open_statistics(page, server)
    for window in WINDOWS:
        page.set_viewport_size(window)
        assert not outside(page, parts(page)), window

    page.set_viewport_size(PHONE)
    found = parts(page)
    # whoever chooses a norm sees what becomes of the picture
    last = page.get_by_role("radio", name="InstanceNorm")
    assert not outside(page, {"board": found["board"], "norm": found["norm"], "last norm": last})
    reads(page, lambda: box_of(last)["y"] == box_of(page.get_by_role("radio").first)["y"], True)
    order = ["board", "number line", "norm", "headline", "lesson", "first sentence of the lesson"]
    in_order(page, *(found[name] for name in order))
    no_wider(page)


def test_the_picture_stays_in_view_while_the_lesson_scrolls(page, server):
    open_statistics(page, server, "?stats_tab=Training+and+inference")
    for window in WINDOWS:
        page.set_viewport_size(window)
        page.locator("[data-testid=stMain]").evaluate("main => main.scrollTo(0, 0)")
        drawn(page)
        stays_in_view(page, window)


def stays_in_view(page: Page, window: dict[str, int]) -> None:
    def scrolled() -> bool:
        """By more than what stands above the picture: the lesson may still be growing."""
        to = "main => { main.scrollTo(0, 300); return main.scrollTop }"
        return page.locator("[data-testid=stMain]").evaluate(to) > 250

    reads(page, scrolled, True)
    found = parts(page)
    assert not outside(page, {part: found[part] for part in ("board", "number line")}), window
