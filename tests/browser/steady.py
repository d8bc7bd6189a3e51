"""Places on the screen that stay where they are: for what a test points at by numbers and not by an element."""

from __future__ import annotations

from playwright.sync_api import FloatRect, Locator, Position

from tests.browser.conftest import drawn, settle

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


def steady(part: Locator) -> FloatRect:
    """The box of ``part``, in the window: once the page is drawn and nothing above it grows any more.

    A box that is read earlier is another one when the pointer comes: what has room left for it is drawn after what is
    there at once. And a place below the window gets no pointer at all.
    """
    settle(part.page)
    drawn(part.page)
    part.scroll_into_view_if_needed()
    part.evaluate(STILL, FRAMES)
    box = part.bounding_box()
    assert box is not None
    return box


def tap_at(part: Locator, place: Position) -> None:
    """A finger on ``part``, at a place within it.

    By the element: Playwright taps where it lies at that moment, and only if nothing covers it.
    """
    steady(part)
    part.tap(position=place)
