"""Whether what belongs together stands in the window, without scrolling."""

from __future__ import annotations

import time

from playwright.sync_api import FloatRect, Locator, Page

from tests.browser.conftest import drawn
from tests.browser.steady import PAUSE, reads

SIZES = ({"width": 1440, "height": 900}, {"width": 1024, "height": 768})
SECONDS = 20
"""How long parts may take to find their places on a machine that does much else."""


def outside(page: Page, parts: dict[str, Locator]) -> dict[str, FloatRect | None]:
    """The boxes of those parts that do not lie in the window as a whole, by name; None: it is not there, or empty.

    They have a while to get there: a chart is drawn, and a line broken, a moment after the window is given its size.
    """
    drawn(page)
    end = time.monotonic() + SECONDS
    while (found := _outside(page, parts)) and time.monotonic() < end:
        page.wait_for_timeout(PAUSE)
    return found


def _outside(page: Page, parts: dict[str, Locator]) -> dict[str, FloatRect | None]:
    size = page.viewport_size
    found: dict[str, FloatRect | None] = {}
    for name, part in parts.items():
        box = part.bounding_box()
        if box is None or not box["width"] * box["height"]:
            found[name] = None
        elif (
            min(box["x"], box["y"]) < 0
            or box["x"] + box["width"] > size["width"]
            or box["y"] + box["height"] > size["height"]
        ):
            found[name] = box
    return found


def no_wider(page: Page) -> None:
    """Wait until the page needs no more than the window's width."""
    reads(page, lambda: page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], True)


def in_order(page: Page, *parts: Locator) -> None:
    """Wait until the parts stand one below the other, in this order."""

    def ordered() -> bool:
        boxes = [part.bounding_box() for part in parts]
        tops = [box["y"] for box in boxes if box]
        return len(tops) == len(parts) and tops == sorted(tops)

    reads(page, ordered, True)
