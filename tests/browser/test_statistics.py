"""The Statistics page in a real browser: the keyboard, a copied address, its forms, and axe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.axe import SCHEMES, serious
from tests.browser.conftest import settle
from tests.browser.statistics import choose_lesson, numbers, open_statistics
from tests.browser.steady import addressed, reads, steady


def press_until(page: Page, key: str, arrived: Callable[[], bool], most: int) -> None:
    """Press ``key`` again and again until ``arrived``; the browser moves the focus before it answers."""
    for _ in range(most):
        page.keyboard.press(key)
        if arrived():
            return
    raise AssertionError(f"not reached with {key}; the focus is on {page.evaluate('document.activeElement.outerHTML')}")


def open_choice(page: Page, name: str, key: str, most: int) -> None:
    """Along the choice that has the focus to ``name``, and choose it; the focus stays there."""
    press_until(page, key, lambda: focused(page) == name, most)
    page.keyboard.press("Enter")
    expect(page.locator("[role=radio]:focus")).to_have_attribute("aria-checked", "true")


def focused(page: Page) -> str:
    """The name of the option that has the focus; nothing where it is elsewhere."""
    return page.evaluate(
        """() => { const e = document.activeElement
             return e.getAttribute('role') === 'radio' ? e.innerText.trim() : '' }"""
    )


def test_the_whole_journey_by_keyboard(page, server):
    open_statistics(page, server)
    board = page.locator(".tensor .board")
    press_until(page, "Tab", lambda: board.evaluate("e => e === e.getRootNode().activeElement"), 60)
    spoken = page.locator(".tensor .spoken")
    expect(spoken).to_have_text(re.compile("^image 1, channel 1, row 1, column 1. Set 1, channel 1"))
    expect(spoken).to_have_text(re.compile("On the number line: mean 4.875, standard deviation 2.368.$"))
    expect(board).to_have_attribute("aria-label", re.compile("^BatchNorm on 4 images, .* Shown: x before. Arrow keys"))
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    expect(spoken).to_have_text(re.compile("^image 1, channel 2, row 2, column 1. Set 2, channel 2"))
    page.keyboard.press("PageDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"stats_cell=1\.3\.2\.1"))
    expect(spoken).to_have_text(re.compile("^Pinned. image 1, channel 3, row 2, column 1"))
    settle(page)
    # backwards to the choice of norm, and from BatchNorm to LayerNorm
    press_until(page, "Shift+Tab", lambda: focused(page) == "BatchNorm", 60)
    open_choice(page, "LayerNorm", "ArrowRight", 3)
    expect(page.get_by_text("each image has one mean, taken over all its channels")).to_be_visible()
    settle(page)
    reads(page, lambda: focused(page), "LayerNorm")
    # forwards to the lessons, and from each to the next one
    ahead = page.get_by_role("button", name="Next", exact=False)
    press_until(page, "Tab", lambda: "Next" in page.evaluate("document.activeElement.innerText"), 80)
    for words in ("Its 24 cells:", "How far did the normalized image 1 move?"):
        page.keyboard.press("Enter")
        expect(page.get_by_text(words)).to_be_visible()
        settle(page)
        expect(ahead.last).to_be_focused()


def test_a_copied_address_gives_the_same_view(page, server):
    open_statistics(page, server, "?stats_norm=GroupNorm&stats_groups=4&stats_channels=8&stats_side=1&stats_seed=3")
    page.locator(".tensor .board").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("stats_cell=2.1.1.1"))
    settle(page)

    def seen(page: Page) -> tuple[list[float], str]:
        return numbers(page), page.locator(".tensor .where").inner_text()

    expect(page.locator(".tensor .where")).to_have_text(re.compile(r"^Set 5 \(image 2, group 1\)"))
    other = page.context.new_page()
    other.goto(page.url)
    reads(other, lambda: seen(other), seen(page))


def type_into_first_cell(page: Page, text: str) -> None:
    """Type into the first cell of the open editor and hand it over."""
    editor = page.locator('[data-testid="stPopoverBody"] [data-testid="stDataFrame"]')
    over = page.locator("#portal textarea, #portal input")  # what a grid lays over the cell that is edited
    menu = page.locator('[data-testid="stDataFrameColumnMenu"]')
    for _ in range(30):  # until the grid has measured itself, it does not take the mouse, or takes it for its header
        if menu.is_visible():
            page.get_by_text("Change any number.").click()
            menu.wait_for(state="detached")
        with suppress(TimeoutError):
            editor.dblclick(position={"x": 150, "y": 52}, timeout=2000)
            over.wait_for(timeout=1000)
            break
    over.fill(text)
    page.keyboard.press("Enter")
    over.wait_for(state="detached")


def test_edited_numbers_reach_the_tensor_and_bad_ones_are_refused(page, server):
    open_statistics(page, server)
    page.get_by_role("button", name="Shape").click()
    type_into_first_cell(page, "100")
    expect(page.locator(".tensor .numbers dd").first).to_have_text("100")
    settle(page)
    addressed(page, "stats_edit", "0_100")
    for text, words in (("abc", "'abc' is not a number"), ("inf", "infinity has no mean"), ("1e9", "too large")):
        type_into_first_cell(page, text)
        expect(page.get_by_text(words)).to_be_visible()
        settle(page)
        expect(page.locator(".tensor .numbers dd").first).to_have_text("100")
        addressed(page, "stats_edit", "0_100")
    type_into_first_cell(page, "\N{MINUS SIGN}2,5")
    expect(page.locator(".tensor .numbers dd").first).to_have_text(re.compile("^[-\N{MINUS SIGN}]2.5$"))
    settle(page)
    addressed(page, "stats_edit", "0_-2.5")


def test_the_default_shape_is_not_in_the_address(page, server):
    open_statistics(page, server, "?stats_channels=4")
    counts = page.locator(".st-key-stats_counts")
    expect(counts).to_contain_text("N × C = 4 × 4 = 16 means")
    page.get_by_role("button", name="Shape").click()
    channels = page.get_by_role("slider", name="Channels C")
    channels.focus()
    for _ in range(2):
        channels.press("ArrowRight")
    expect(counts).to_contain_text("N × C = 4 × 6 = 24 means")
    addressed(page, "stats_channels", None)
    channels.press("ArrowLeft")
    expect(counts).to_contain_text("N × C = 4 × 5 = 20 means")
    addressed(page, "stats_channels", "5")


def test_a_drawing_becomes_image_1(page, server):
    open_statistics(page, server, "?stats_source=Real+images")
    before = numbers(page)
    page.get_by_role("button", name="Images").click()
    paper = page.locator(".draw .paper")
    page.locator(".draw .use").scroll_into_view_if_needed()
    box = steady(paper)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 30, steps=8)
    page.mouse.up()
    page.locator(".draw .use").click()
    expect(page.get_by_text("1 of your own")).to_be_visible()
    reads(page, lambda: numbers(page) != before, True)


LESSONS = (
    "Arithmetic",
    "Accumulated gradients",
    "Write it in PyTorch",
    "Training and inference",
    "Before and after",
    "Check yourself",
)
OF_SOURCES = {"Two layers": "Who influences whom?", "Real images": "Take it with you"}
"""By source, the lesson that it is looked at with."""


def click_through(page: Page) -> Iterator[str]:
    """What can be clicked on the page of a GroupNorm, one after the other."""
    yield "GroupNorm with a gamma of 2"
    page.get_by_role("radio", name="BatchNorm").click()
    addressed(page, "stats_norm", None)
    expect(page.get_by_text("each channel has one mean, taken over all 4 images")).to_be_visible()
    settle(page)
    yield "BatchNorm"
    for name in LESSONS:
        choose_lesson(page, name)
        yield name
    for source, name in OF_SOURCES.items():
        before = page.locator(".tensor .numbers").text_content()
        page.locator(".st-key-stats_source").get_by_role("combobox").click()
        page.get_by_role("option", name=source).click()
        expect(page.locator(".tensor .numbers")).not_to_have_text(before)
        choose_lesson(page, name)
        if source == "Two layers":
            page.get_by_role("button", name="Replace image 4").hover()
        yield source


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_serious(page, server, scheme):
    page.emulate_media(color_scheme=scheme)
    open_statistics(page, server, "?stats_norm=GroupNorm&stats_gamma=2")
    found = {name: serious(page) for name in click_through(page)}
    for address in ("?stats_images=1&stats_side=1", "?stats_norm=LayerNorm+per+position&stats_tab=The+cube"):
        open_statistics(page, server, address)
        found[address] = serious(page)
    assert not {where: what for where, what in found.items() if what}
