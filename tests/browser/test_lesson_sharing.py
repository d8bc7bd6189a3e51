"""Step 3 of the lesson in a real browser: cells chosen by mouse, finger and keys, on one screen."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import Page, expect

from core.lesson.sharing import MARKED, SHAPE, Answer, answer_to_text
from tests.browser.axe import serious
from tests.browser.conftest import settle
from tests.browser.one_screen import no_wider, outside
from tests.browser.server import Server
from tests.browser.steady import addressed, steady

WINDOWS = {"1024": {"width": 1024, "height": 768}, "390": {"width": 390, "height": 844}}
LN = "000000f7ffff000000000000"
"""All cells that share under LN."""


def open_step(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.url}/lesson?step=3{query}")
    page.wait_for_selector(".tensor .told:not(:empty)")
    steady(page.locator(".tensor .board"))


def address(cells: set[tuple[int, ...]]) -> str:
    """Chosen cells as an address holds them."""
    chosen = np.zeros(SHAPE, dtype=bool)
    chosen[tuple(zip(*cells, strict=True))] = True
    return answer_to_text(Answer(chosen))


def planes(*found: tuple[int, int]) -> set[tuple[int, ...]]:
    """All cells of some planes (image, channel), but the marked one."""
    return {(n, c, h, w) for n, c in found for h in range(2) for w in range(2)} - {MARKED}


def center(page: Page, image: int, channel: int) -> tuple[float, float]:
    """The middle of a plane, found by the geometry of a picture without sets: all gaps are 6 wide."""
    box = page.locator(".tensor .board").bounding_box()
    side, gap = (62 if page.viewport_size["width"] >= 640 else 18), 6
    n, _, h, w = SHAPE
    size = (box["height"] - 20 - 6 - (n - 1) * gap) / (n * h)
    x = side + channel * (w * size + gap) + w * size / 2
    y = 20 + image * (h * size + gap) + h * size / 2
    return box["x"] + x, box["y"] + y


def told(page: Page, text: str) -> None:
    expect(page.locator(".tensor .told")).to_have_text(text)


def test_planes_and_frames_are_chosen_with_the_mouse_and_checked(page, server):
    page.set_viewport_size(WINDOWS["1024"])
    open_step(page, server)
    one_screen(page)
    told(page, "0 cells chosen")
    for plane in ((0, 1), (1, 1), (3, 4)):
        page.mouse.click(*center(page, *plane))
    told(page, "11 cells chosen")
    page.mouse.click(*center(page, 3, 4))  # and not
    told(page, "7 cells chosen")
    (x1, y1), (x2, y2) = center(page, 2, 1), center(page, 3, 2)
    page.mouse.move(x1 - 40, y1 - 40)
    page.mouse.down()
    page.mouse.move(x2, y2, steps=3)  # to the middle of the last plane: a quarter of it
    page.mouse.up()
    told(page, "16 cells chosen")
    frame = planes((2, 1)) | {(3, 1, 0, 0), (3, 1, 0, 1), (2, 2, 0, 0), (2, 2, 1, 0), (3, 2, 0, 0)}
    expect(page).to_have_url(re.compile(f"sharing_bn={address(planes((0, 1), (1, 1)) | frame)}$"))
    settle(page)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("13 right, 2 missed, 3 wrong.")).to_be_visible()
    told(page, "✓ right   ○ missed   ✕ wrong")
    settle(page)
    page.reload()
    expect(page.get_by_text("13 right, 2 missed, 3 wrong.")).to_be_visible()
    page.get_by_text("6", exact=True).click()
    expect(page.get_by_text("Right: 6.")).to_be_visible()
    assert not serious(page)


def test_by_keyboard_alone(page, server):
    page.set_viewport_size(WINDOWS["1024"])
    open_step(page, server, "&sharing=ln")
    board = page.locator(".tensor .board")
    board.focus()
    spoken = page.locator(".tensor .spoken")
    page.keyboard.press("Space")
    expect(spoken).to_have_text("image 2, channel 2, row 1, column 1: the marked cell. 3 cells chosen.")
    page.keyboard.press("PageUp")
    expect(spoken).to_have_text("image 2, channel 1, row 1, column 1: not chosen. 3 cells chosen.")
    page.keyboard.press("Enter")
    expect(spoken).to_have_text("image 2, channel 1, row 1, column 1: chosen. 4 cells chosen.")
    page.keyboard.press("Delete")
    told(page, "0 cells chosen")
    for _ in range(6):
        page.keyboard.press("Space")
        page.keyboard.press("PageDown")
    told(page, "23 cells chosen")
    expect(page).to_have_url(re.compile(f"sharing_ln={LN}"))
    settle(page)
    check = page.get_by_role("button", name="Check")
    for _ in range(4):
        page.keyboard.press("Tab")
        if check.evaluate("e => e === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("All 23 found, none too many.")).to_be_visible()
    settle(page)
    one_screen(page)
    expect(board).to_have_attribute("aria-label", re.compile("^(?!.*set)", re.IGNORECASE | re.DOTALL))


def test_by_touch_on_one_screen_of_a_phone(phone, server):
    page = phone
    open_step(page, server, "&sharing=gn&sharing_bn=" + "0" * 24 + ".checked.4&sharing_ln=" + LN + ".checked.4")
    board = page.locator(".tensor .board")
    check = page.get_by_role("button", name="Check")
    assert not outside(page, {"board": board, "check": check})
    for channel in range(3):
        page.touchscreen.tap(*center(page, 1, channel))
    told(page, "11 cells chosen")
    check.tap()
    expect(page.get_by_text("All 11 found, none too many.")).to_be_visible()
    page.get_by_text("24", exact=True).tap()
    expect(page.get_by_text("You said: 24. The answer: 8.")).to_be_visible()
    home = page.locator(".st-key-lesson_home")
    expect(home).to_be_visible()
    settle(page)
    addressed(page, "sharing_gn", f"{address(planes((1, 0), (1, 1), (1, 2)))}.checked.24")
    assert not outside(page, {"board": board, "home": home})
    no_wider(page)


def test_what_is_shown_without_an_answer_is_one_screen_at_1024(page, server):
    page.set_viewport_size(WINDOWS["1024"])
    page.goto(f"{server.url}/lesson?step=3&said3=shown&sharing=ln")
    page.wait_for_selector(".tensor .board canvas")
    settle(page)
    one_screen(page)


def one_screen(page: Page) -> None:
    """The cells and what is asked or said of them."""
    words = (
        page.get_by_role("button", name="Check")
        .or_(page.get_by_text("24", exact=True))
        .or_(page.locator(".st-key-lesson_home"))
    )
    assert not outside(page, {"board": page.locator(".tensor .board"), "words": words.first})
