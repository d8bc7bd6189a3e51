"""Step 2 of the lesson in a real browser: dots dragged by mouse, finger and keys, on one screen."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from core.lesson.numbers import START, normalized
from tests.browser.axe import serious
from tests.browser.conftest import drawn, settle
from tests.browser.one_screen import no_wider, outside
from tests.browser.server import Server
from tests.browser.steady import reads, steady

WINDOWS = {"1024": {"width": 1024, "height": 768}, "390": {"width": 390, "height": 844}}
ASKED = """() => { window.asked = 0; const send = WebSocket.prototype.send
  WebSocket.prototype.send = function (...a) { window.asked++; return send.apply(this, a) } }"""


def open_step(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.url}/lesson?step=2{query}")
    page.wait_for_selector(".tensor canvas.movable")
    page.wait_for_selector(".tensor .numbers dd")
    steady(page.locator(".tensor canvas.line"))


def dot(page: Page, value: float) -> tuple[float, float]:
    """Where a number lies on the upper line: its axis goes from -3 to 33, and a share of 0.04 beyond both."""
    box = page.locator(".tensor canvas.line").bounding_box()
    low, high = -3 - 0.04 * 36, 33 + 0.04 * 36
    return box["x"] + 14 + (value - low) / (high - low) * (box["width"] - 28), box["y"] + 55


def facts(page: Page) -> list[float]:
    """x, mean, variance and x-hat of the chosen number."""
    return [float(text) for text in page.locator(".tensor .numbers dd").all_inner_texts()]


def shows(page: Page, numbers: tuple[float, ...], place: int) -> None:
    """Wait for the four of the number at this place."""
    x = np.array(numbers)
    expected = pytest.approx([x[place], x.mean(), x.var(), normalized(numbers)[place]], rel=1e-4, abs=1e-6)
    reads(page, lambda: facts(page), expected)


def with_one(place: int, value: float) -> tuple[float, ...]:
    return (*START[:place], value, *START[place + 1 :])


def test_a_dot_is_dragged_with_the_mouse_and_by_keys_and_all_follows(page, server):
    page.set_viewport_size(WINDOWS["1024"])
    open_step(page, server)
    shows(page, START, 3)
    page.evaluate(ASKED)
    page.mouse.move(*dot(page, 9))
    page.mouse.down()
    for value in (12, 20, 25):
        page.mouse.move(*dot(page, value))
        shows(page, with_one(1, value), 1)
    assert page.evaluate("window.asked") == 0  # all of it in the browser
    page.mouse.up()
    expect(page).to_have_url(re.compile("numbers=4_25_1_6_13_3"))
    page.locator(".tensor canvas.line").focus()
    spoken = page.locator(".tensor .spoken")
    page.keyboard.press("ArrowDown")
    expect(spoken).to_have_text(re.compile("^13, μ 8.6667"))
    page.keyboard.press("ArrowLeft")
    expect(spoken).to_have_text(re.compile("^12, μ 8.5"))
    page.keyboard.press("PageUp")
    expect(page).to_have_url(re.compile("numbers=4_25_1_6_22_3"))
    settle(page)
    shows(page, (4, 25, 1, 6, 22, 3), 4)
    for key in "2,5":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("numbers=4_25_1_6_2.5_3"))
    settle(page)
    seen = (4, 25, 1, 6, 2.5, 3), 4
    shows(page, *seen)
    for key in ("1", "-", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_text("was not taken")).to_be_visible()
    shows(page, *seen)
    page.reload()
    page.wait_for_selector(".tensor .numbers dd")
    settle(page)
    shows(page, *seen)
    # an escape in the middle leaves all as it was
    page.locator(".tensor canvas.line").focus()
    page.keyboard.down("PageUp")
    reads(page, lambda: facts(page)[0], 12.5)  # ten steps of 1
    page.keyboard.press("Escape")
    page.keyboard.up("PageUp")
    shows(page, *seen)


def test_an_older_answer_of_the_server_does_not_undo_what_was_moved_since(page, server):
    """What the browser says is held back after the first move, so that its answer comes when a second one is made."""
    page = page.context.new_page()  # what stands between it and the server goes with it
    page.set_viewport_size(WINDOWS["1024"])
    held: list[tuple[WebSocketRoute, str | bytes]] = []
    let_through: list[int] = []  # so many more may pass; any number while it is empty

    def between(of_page: WebSocketRoute) -> None:
        of_server = of_page.connect_to_server()

        def said(message: str | bytes) -> None:
            if let_through == [0]:
                held.append((of_server, message))
                return
            if let_through:
                let_through[0] -= 1
            of_server.send(message)

        of_page.on_message(said)

    def all_pass(numbers: tuple[int, ...], pinned: int) -> None:
        """What was held back arrives, and from now on everything: the server ends with the numbers of the browser."""
        let_through.clear()
        while held:
            of_server, said = held.pop(0)
            of_server.send(said)
        expect(page).to_have_url(re.compile("numbers=" + "_".join(map(str, numbers))))
        settle(page)
        shows(page, numbers, pinned)

    page.route_web_socket(re.compile("_stcore/stream"), between)
    open_step(page, server)
    page.locator(".tensor canvas.line").focus()
    page.keyboard.press("ArrowDown")  # from 6 to 4, which is pinned
    expect(page).to_have_url(re.compile("number=1"))
    settle(page)
    let_through.append(1)
    page.keyboard.press("ArrowRight")
    while let_through != [0]:
        page.evaluate("() => new Promise(requestAnimationFrame)")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")  # and from there to 6, which is to be pinned
    expect(page).to_have_url(re.compile("numbers=5_9_1_6_13_3"))
    settle(page)
    shows(page, with_one(0, 6), 3)
    page.keyboard.press("ArrowRight")
    shows(page, (6, 9, 1, 7, 13, 3), 3)
    # one after the other: of several that wait, the server takes the last alone
    of_server, said = held.pop(0)
    of_server.send(said)
    page.wait_for_url(re.compile("numbers=6_9_1_6_13_3"))
    shows(page, (6, 9, 1, 7, 13, 3), 3)
    all_pass((6, 9, 1, 7, 13, 3), 3)
    # two numbers while the server hears nothing; then both at once, of which it takes the last alone
    let_through.append(0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")  # to 9
    page.keyboard.press("ArrowRight")
    shows(page, (6, 10, 1, 8, 13, 3), 1)
    all_pass((6, 10, 1, 8, 13, 3), 1)


def test_a_finger_drags_a_dot_on_a_phone(phone, server):
    page = phone
    open_step(page, server)
    finger = page.context.new_cdp_session(page)
    (x, y), (to, _) = dot(page, 13), dot(page, 28)
    touch = lambda kind, *points: finger.send(  # noqa: E731
        "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": px, "y": py} for px, py in points]}
    )
    touch("touchStart", (x + 4, y + 6))  # not quite on it
    for i in range(1, 6):
        touch("touchMove", (x + 4 + (to - x) * i / 5, y + 6))
    expect(page.locator(".tensor .numbers dd").first).to_have_text("28")
    touch("touchEnd")
    expect(page).to_have_url(re.compile("numbers=4_9_1_6_28_3"))
    settle(page)
    shows(page, with_one(4, 28), 4)


def test_it_is_one_screen_before_and_after(page, server):
    open_step(page, server)
    lines = {name: page.locator(f".tensor canvas.{name}") for name in ("line", "second")}
    cells = {"cells": page.locator(".tensor .board"), "title": page.get_by_role("heading", level=1)}
    options = page.get_by_text("each of these")
    for window in WINDOWS.values():
        page.set_viewport_size(window)
        drawn(page)
        assert not outside(page, {**cells, **lines, "last option": options}), window
    page.get_by_text("moving one of them far away").click()
    expect(page).to_have_url(re.compile("said2=3"))
    settle(page)
    expect(page.locator(".st-key-lesson_home")).to_be_visible()
    undo, home = page.get_by_text("it is undone"), page.locator(".st-key-lesson_home")
    parts = {**cells, **lines, "μ and σ²": page.locator(".st-key-lesson_numbers_more"), "undo": undo, "home": home}
    for window in WINDOWS.values():
        page.set_viewport_size(window)
        drawn(page)
        assert not outside(page, parts), window
        no_wider(page)
        assert not serious(page)
