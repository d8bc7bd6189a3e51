"""A step of the lesson in a browser: opened, walked by keyboard alone, and what has to stand in the window."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import drawn, settle

WIDE = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
MOST_KEYS = 40
FOCUSED = "() => (document.activeElement.innerText || '').trim().split('\\n').pop()"
"""The last line of what has the focus: an icon's name may stand before it."""


def opened(page: Page, url: str, address: str) -> Page:
    """The lesson at an address, drawn as a whole."""
    page.goto(f"{url}/lesson?{address}")
    settle(page)
    drawn(page)
    return page


def go_to(page: Page, *texts: str) -> None:
    """Press Tab until one of these has the focus, and right arrows from there to the last: they are one group."""
    keys = "Tab"
    for _ in range(MOST_KEYS):
        page.keyboard.press(keys)
        focused = page.evaluate(FOCUSED)
        if focused == texts[-1]:
            return
        if focused in texts:
            keys = "ArrowRight"
    raise AssertionError(f"no way to {texts[-1]!r} by keyboard")
