"""What a test waits for: places that stay where they are, and readings that come a moment after what was done."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Download, FloatRect, Locator, Page, Position, TimeoutError

from tests.browser.conftest import PATIENCE, drawn, settle

FRAMES = 10
STILL = """(element, frames) => new Promise(done => {
    let last = null, same = 0
    const look = () => {
        const box = element.getBoundingClientRect()
        const now = [box.x, box.y, box.width, box.height].join()
        same = now === last ? same + 1 : 0
        last = now
        if (same < frames) requestAnimationFrame(look)
        else done()
    }
    look()
})"""
"""Ends once the box of an element has been the same in so many pictures of the browser, one behind the other."""
SAID = "([name, value]) => new URL(location.href).searchParams.get(name) === value"
PAUSE = 30
"""Milliseconds between two readings of what is to come."""
ONE_PRESS = 8_000
"""Milliseconds until a button that has brought no file is pressed again."""


def steady(part: Locator) -> FloatRect:
    """The box of ``part``, in the window: once the page is drawn and nothing above it grows any more.

    A box that is read earlier is another one when the pointer comes: what has room left for it is drawn after what is
    there at once. And a place below the window gets no pointer at all.
    """
    settle(part.page)
    drawn(part.page)
    part.scroll_into_view_if_needed()
    part.evaluate(STILL, FRAMES)
    found = part.bounding_box()
    assert found is not None
    return found


def box_of(part: Locator) -> FloatRect:
    """That of ``part``, in the window, for what is read again and again until it is what it should be.

    Playwright's own is None at the moment at which the page draws ``part`` anew.
    """
    found: FloatRect = part.evaluate("part => part.getBoundingClientRect().toJSON()")
    return found


def boxes_of(parts: Locator) -> list[FloatRect]:
    """As ``box_of``, of all ``parts`` at one moment."""
    found: list[FloatRect] = parts.evaluate_all("parts => parts.map(part => part.getBoundingClientRect().toJSON())")
    return found


def tap_at(part: Locator, place: Position) -> None:
    """A finger on ``part``, at a place within it.

    By the element: Playwright taps where it lies at that moment, and only if nothing covers it.
    """
    steady(part)
    part.tap(position=place)


def reads(page: Page, read: Callable[[], object], expected: object) -> None:
    """Wait until ``read`` gives what is expected: for what is read of several parts, or compared as numbers.

    What a server or a piece of the page draws comes a moment after what was done, on a busy machine a long one.
    """
    end = time.monotonic() + PATIENCE / 1000
    while (found := read()) != expected:
        assert time.monotonic() < end, f"{found} is not {expected}"
        page.wait_for_timeout(PAUSE)


def addressed(page: Page, name: str, value: str | None) -> None:
    """Wait until the address holds ``value`` under ``name``; None: until the name is not in it."""
    page.wait_for_function(SAID, arg=[name, value])


def saved(button: Locator) -> Download:
    """The file that a button brings.

    While a run draws the page anew, the server has no file under the name that the button still holds, and the press
    brings nothing: a visitor presses again, too.
    """
    end = time.monotonic() + PATIENCE / 1000
    while True:
        settle(button.page)
        try:
            with button.page.expect_download(timeout=ONE_PRESS) as download:
                button.click()
            return download.value
        except TimeoutError:
            assert time.monotonic() < end, f"{button} brings no file"
