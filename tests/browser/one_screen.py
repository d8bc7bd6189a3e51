"""Whether what belongs together stands in the window, without scrolling."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

SIZES = ({"width": 1440, "height": 900}, {"width": 1024, "height": 768})


def outside(page: Page, parts: dict[str, Locator]) -> dict[str, dict[str, float]]:
    """The boxes of those parts that do not lie in the window as a whole, by name."""
    size = page.viewport_size
    found = {}
    for name, part in parts.items():
        box = part.bounding_box()
        within = (
            box["x"] >= 0
            and box["y"] >= 0
            and box["x"] + box["width"] <= size["width"]
            and box["y"] + box["height"] <= size["height"]
        )
        if not within:
            found[name] = box
    return found
