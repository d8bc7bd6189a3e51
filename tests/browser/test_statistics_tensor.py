"""The tensor of the Statistics page in a real browser: pointed at, pinned, typed into, dragged, and on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from core.four_images.source import Integers
from core.normalization import statistics
from tests.browser.conftest import settle
from tests.browser.one_screen import no_wider
from tests.browser.statistics import cell_point, choose_lesson, dots_at, lit_share, numbers, open_statistics
from tests.browser.steady import addressed, reads, steady


def shows(page: Page, *expected: float) -> None:
    """Wait for these numbers of a cell, which are written with five digits."""
    reads(page, lambda: numbers(page), pytest.approx(list(expected), rel=1e-4))


OUTLINE = """(heights) => { const c = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)
             .map(r => r.querySelector('canvas.light')).find(Boolean) || document.querySelector('canvas.light')
           const area = c.getBoundingClientRect()
           const [pinned, far] = heights.map(y => c.getContext('2d').getImageData(
             0, Math.round(y * c.height / area.height), c.width, 1).data)
           let i = 0
           while (i < far.length && far[i + 3] < 250) i += 4
           return [pinned, far].map(row => [...row.slice(i, i + 4)]) }"""
"""Two rows of pixels of the highlight layer, at these heights, where the second meets the outline of its set."""


def test_pointing_dims_all_other_sets_and_shows_the_cells_numbers_without_the_server(page, server):
    open_statistics(page, server)
    reads(page, lambda: lit_share(page) < 0.02, True)
    page.evaluate(
        """() => { window.asked = 0
             const send = WebSocket.prototype.send
             WebSocket.prototype.send = function (...a) { window.asked++; return send.apply(this, a) } }"""
    )
    cell_point(page, 2, 1, 1, 0)
    reads(page, lambda: lit_share(page) > 0.1, True)
    x = Integers().batch("bn", 1)
    stats = statistics(x, "bn")
    value, mean, var = x[2, 1, 1, 0], stats.mean[1], stats.var[1]
    shows(page, value, mean, var, (value - mean) / var**0.5)
    expect(page.locator(".tensor .where")).to_have_text(
        "Set 2 (channel 2): this cell shares μ and σ² with 15 other cells"
    )
    assert page.evaluate("window.asked") == 0
    page.mouse.move(1, 1)
    expect(page.locator(".tensor .hint")).to_contain_text("Pinned")

    # the outline of a set runs past its pinned cell
    # within the pinned cell and within one far from it: pointing answers a little above a cell as well
    heights = [cell_point(page, image, 0)["y"] + 15 for image in (0, 3)]
    page.mouse.move(1, 1)

    def outlined() -> bool:
        beside_pinned, outline = page.evaluate(OUTLINE, heights)
        return bool(outline) and outline[3] > 250 and beside_pinned == outline

    reads(page, outlined, True)


def test_a_set_of_one_position_is_lit_in_every_channel(page, server):
    open_statistics(page, server, "?stats_norm=LayerNorm+per+position")
    cell_point(page, 2, 1, 1, 0)
    x = Integers().batch("bn", 1)
    own = x[2, :, 1, 0]
    shows(page, own[1], own.mean(), own.var(), (own[1] - own.mean()) / own.std())
    expect(page.locator(".tensor .where")).to_have_text(
        "Set 11 (image 3, row 2, column 1): this cell shares μ and σ² with 5 other cells"
    )
    reads(page, lambda: lit_share(page) > 0.5, True)  # all but 6 of the 96 cells are veiled


def test_rms_shows_one_statistic_and_the_switch_puts_it_away(page, server):
    open_statistics(page, server)
    page.get_by_text("More norms").click()
    page.wait_for_url(re.compile("stats_more=true"))
    page.get_by_role("radio", name="RMSNorm").click()
    expect(page.locator(".tensor .numbers dt")).to_have_text(["x", "mean of x²", "x̂"])
    x = Integers().batch("bn", 1)
    square = (x[0] ** 2).mean()
    shows(page, x[0, 0, 0, 0], square, x[0, 0, 0, 0] / square**0.5)
    page.get_by_text("More norms").click()
    page.wait_for_url(lambda url: "stats_more" not in url and "stats_norm" not in url)
    expect(page.locator(".tensor .numbers dt")).to_have_text(["x", "μ", "σ²", "x̂"])


def test_each_click_pins_and_the_hint_the_sections_and_the_address_follow(page, server):
    open_statistics(page, server)
    points = [cell_point(page, *cell) for cell in ((1, 4, 1, 0), (0, 5, 0, 0), (3, 2, 0, 1))]
    for point, name, place in zip(
        points,
        ("2.5.2.1", "1.6.1.1", "4.3.1.2"),
        ("Image 2, channel 5", "Image 1, channel 6", "Image 4, channel 3"),
        strict=True,
    ):
        page.locator(".tensor .board").click(position=point)
        page.wait_for_url(re.compile("stats_cell=" + re.escape(name)))
        settle(page)
        page.mouse.move(1, 1)  # away from the board: the hint is about the pinned cell
        expect(page.locator(".tensor .hint")).to_contain_text(place)
        expect(page.locator(".tensor .hint")).to_contain_text("Pinned")
    choose_lesson(page, "Arithmetic")
    expect(page.get_by_text("Set 3: channel 3 (BatchNorm, training mode). Its 16 cells:")).to_be_visible()


TIMES = (0, 160, 320, 480, 640)
"""A quarter of the movement each."""
WAY = (0, 5 / 32, 1 / 2, 27 / 32, 1)
"""t^2 (3 - 2t) at the quarters: how much of the way is done."""


MEANWHILE = {
    "alone": "",
    "the pointer leaves the cells": "root.querySelector('.board').dispatchEvent(new PointerEvent('pointerleave'))",
}


def test_the_pinned_set_moves_on_the_number_line_when_it_is_normalized_and_the_legend_names_its_shades(page, server):
    open_statistics(page, server)
    ends = page.locator(".tensor .legend .low, .tensor .legend .high")
    expect(ends).to_have_text(["0", "9"])
    for name, meanwhile in MEANWHILE.items():
        before, *on_the_way = dots_at(page, TIMES, meanwhile)
        after = on_the_way[-1]
        assert len(before) == len(after) == 16
        assert max(abs(x - y) for x, y in zip(before, after, strict=True)) > 10
        for dots, done in zip(on_the_way, WAY, strict=True):
            expected = [x + done * (y - x) for x, y in zip(before, after, strict=True)]
            assert dots == pytest.approx(expected, abs=1e-6), name
    spoken = page.locator(".tensor .spoken")
    page.get_by_role("button", name="x before").click()
    page.get_by_role("button", name="x̂ normalized").click()
    expect(spoken).to_have_text("Shown: x̂ normalized. On the number line: mean 0, standard deviation 1.")
    expect(page.locator(".tensor .board")).to_have_attribute("aria-label", re.compile("Shown: x̂ normalized"))

    def wide() -> bool:
        low, high = (float(text.strip("≤≥ ")) for text in ends.all_inner_texts())
        return low < -1 < 1 < high

    reads(page, wide, True)
    expect(page.locator(".tensor .partly")).to_be_hidden()

    # under reduced motion all is there at once
    page.emulate_media(reduced_motion="reduce")
    before, at_once, later = dots_at(page, (0, 640))
    page.emulate_media(reduced_motion="no-preference")
    assert at_once == later != before


def test_a_digit_typed_into_the_pinned_cell_changes_x_mean_and_address(page, server):
    open_statistics(page, server, "?stats_cell=1.2.1.1")
    x = Integers().numbers.copy()
    own = x[:, 1]
    shown = x[0, 1, 0, 0], own.mean(), own.var(), (x[0, 1, 0, 0] - own.mean()) / own.std()
    shows(page, *shown)
    page.locator(".tensor .board").focus()
    for key in ("1", "2", ".", "5"):
        page.keyboard.press(key)
    expect(page.locator(".tensor .hint")).to_contain_text("Typing 12.5: Enter takes it")
    page.keyboard.press("Escape")
    expect(page.locator(".tensor .hint")).not_to_contain_text("Typing")
    shows(page, *shown)
    for key in ("1", "2", ".", "5", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url(re.compile("stats_edit=4_12.5"))
    settle(page)
    x[0, 1, 0, 0] = 12.5
    own = x[:, 1]
    shows(page, 12.5, own.mean(), own.var(), (12.5 - own.mean()) / own.std())
    for key in ("1", "-", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_text("was not taken")).to_be_visible()
    expect(page.locator(".tensor .numbers dd").first).to_have_text("12.5")


def test_a_dot_of_the_pinned_set_is_dragged_and_the_server_takes_it_as_if_typed(page, server):
    open_statistics(page, server, "?stats_norm=LayerNorm&stats_cell=2.1.1.1")
    x = Integers().numbers.copy()
    line = page.locator(".tensor canvas.line")
    box = steady(line)
    (first, *_), *_ = dots_at(page, ())
    page.get_by_role("button", name="x before").click()
    page.wait_for_selector(".tensor canvas.movable")
    y = box["y"] + 55
    page.mouse.move(box["x"] + first, y)
    page.mouse.down()
    page.mouse.move(box["x"] + first + 60, y)
    smallest = x[1].min()
    reads(page, lambda: numbers(page)[0] > smallest, True)
    where = [int(i) - 1 for i in re.findall(r"\d+", page.locator(".tensor .hint").inner_text())[:4]]
    value = numbers(page)[0]
    assert x[tuple(where)] == smallest
    x[tuple(where)] = value
    seen = value, x[1].mean(), x[1].var(), (value - x[1].mean()) / x[1].std()
    shows(page, *seen)
    page.mouse.up()
    at = ((where[0] * 6 + where[1]) * 2 + where[2]) * 2 + where[3]
    page.wait_for_url(re.compile(re.escape(f"stats_edit={at}_{value:g}")))
    settle(page)
    page.mouse.move(1, 1)  # away from the line: the numbers are those of the pinned cell
    shows(page, *seen)
    addressed(page, "stats_cell", ".".join(str(i + 1) for i in where))
    # the normalized values are what they are
    page.get_by_role("button", name="x̂ normalized").click()
    expect(page.locator(".tensor canvas.movable")).to_have_count(0)


def test_one_channel_at_a_time_on_a_phone(phone, server):
    page = phone
    open_statistics(page, server, "?stats_channels=8&stats_side=4")
    channel = page.locator(".tensor .page")
    expect(channel).to_have_text("channel 1 of 8")
    page.get_by_role("button", name="Next channel").tap()
    expect(channel).to_have_text("channel 2 of 8")
    page.locator(".tensor .board").tap(position={"x": 40, "y": 40})
    page.wait_for_url(re.compile(r"stats_cell=1\.2\."))
    expect(page.locator(".tensor .where")).to_contain_text("Set 2 (channel 2)")
    no_wider(page)
    expect(page.locator(".tensor .partly")).to_be_hidden()  # BatchNorm: the whole set is on the screen
    page.get_by_role("radio", name="GroupNorm").tap()
    page.wait_for_url(re.compile("stats_norm=GroupNorm"))
    settle(page)
    partly = page.locator(".tensor .partly")
    expect(partly).to_have_text("Set 1 covers channels 1 to 4; you see channel 2.")  # the browser has the new sets
    page.get_by_role("button", name="Previous channel").tap()
    expect(partly).to_have_text("Set 1 covers channels 1 to 4; you see channel 1.")
    page.get_by_role("button", name="Next channel").tap()
    expect(partly).to_have_text("Set 1 covers channels 1 to 4; you see channel 2.")
