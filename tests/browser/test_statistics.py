"""The Statistics page in a real browser: the touchable tensor, the keyboard, links, and axe."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Position, TimeoutError, expect

from core.four_images.source import Integers
from core.normalization import statistics
from tests.browser.axe import SCHEMES, serious
from tests.browser.conftest import settle
from tests.browser.server import Server
from tests.browser.steady import steady


def open_statistics(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.url}/statistics{query}")
    page.wait_for_selector(".tensor .where:not(:empty)")
    settle(page)


def parameter(page: Page, name: str) -> str | None:
    return parse_qs(urlsplit(page.url).query).get(name, [None])[0]


def numbers(page: Page) -> list[str]:
    return page.locator(".tensor .numbers dd").all_inner_texts()


def cell_point(page: Page, image: int, channel: int, row: int = 0, column: int = 0) -> Position:
    """Where a cell of the default 4 x 6 x 2 x 2 tensor under BatchNorm lies on the board, found by asking."""
    box = steady(page.locator(".tensor .board"))
    hint = page.locator(".tensor .hint")

    def pointed(x: float, y: float) -> tuple[int, ...]:
        page.mouse.move(box["x"] + x, box["y"] + y)
        found = re.match(r"Image (\d+), channel (\d+), row (\d+), column (\d+)\.", hint.inner_text())
        return tuple(int(number) - 1 for number in found.groups()) if found else ()

    # height tells image and row, whatever the channel: along one line down to it, and then along that row
    ys = range(30, int(box["height"]), 12)
    xs = range(60, int(box["width"]), 12)
    y = next(y for x in xs for y in ys if (at := pointed(x, y)) and (at[0], at[2]) == (image, row))
    x = next(x for x in xs if pointed(x, y) == (image, channel, row, column))
    return {"x": x, "y": y}


def test_pointing_dims_all_other_sets_and_shows_the_cells_numbers_without_the_server(page, server):
    open_statistics(page, server)
    assert lit_share(page) < 0.02
    page.evaluate(
        """() => { window.asked = 0
             const send = WebSocket.prototype.send
             WebSocket.prototype.send = function (...a) { window.asked++; return send.apply(this, a) } }"""
    )
    cell_point(page, 2, 1, 1, 0)
    assert lit_share(page) > 0.1
    x = Integers().batch("bn", 1)
    stats = statistics(x, "bn")
    value, mean, var, x_hat = (float(text) for text in numbers(page))
    assert value == x[2, 1, 1, 0]
    assert mean == pytest.approx(stats.mean[1], rel=1e-4)
    assert var == pytest.approx(stats.var[1], rel=1e-4)
    assert x_hat == pytest.approx((value - mean) / var**0.5, rel=1e-3)
    assert (
        page.locator(".tensor .where").inner_text()
        == "Set 2 (channel 2): this cell shares μ and σ² with 15 other cells"
    )
    assert page.evaluate("window.asked") == 0
    page.mouse.move(1, 1)
    assert "Pinned" in page.locator(".tensor .hint").inner_text()

    # the outline of a set runs past its pinned cell
    # within the pinned cell and within one far from it: pointing answers a little above a cell as well
    heights = [cell_point(page, image, 0)["y"] + 15 for image in (0, 3)]
    page.mouse.move(1, 1)
    beside_pinned, outline = page.evaluate(
        """(heights) => { const c = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)
             .map(r => r.querySelector('canvas.light')).find(Boolean) || document.querySelector('canvas.light')
           const area = c.getBoundingClientRect()
           const [pinned, far] = heights.map(y => c.getContext('2d').getImageData(
             0, Math.round(y * c.height / area.height), c.width, 1).data)
           let i = 0
           while (i < far.length && far[i + 3] < 250) i += 4
           return [pinned, far].map(row => [...row.slice(i, i + 4)]) }""",
        heights,
    )
    assert outline[3] > 250
    assert beside_pinned == outline


def lit_share(page: Page) -> float:
    """The share of the highlight layer that is veiled."""
    return page.evaluate(
        """() => { const c = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)
             .map(r => r.querySelector('canvas.light')).find(Boolean) || document.querySelector('canvas.light')
           const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data
           let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i] > 100 && d[i] < 250) n++
           return n / (d.length / 4) }"""
    )


def test_a_set_of_one_position_is_lit_in_every_channel(page, server):
    open_statistics(page, server, "?stats_norm=LayerNorm+per+position")
    cell_point(page, 2, 1, 1, 0)
    x = Integers().batch("bn", 1)
    value, mean, var, x_hat = (float(text) for text in numbers(page))
    own = x[2, :, 1, 0]
    assert value == own[1]
    assert (mean, var) == pytest.approx((own.mean(), own.var()), rel=1e-4)
    assert x_hat == pytest.approx((value - own.mean()) / own.std(), rel=1e-3)
    said = page.locator(".tensor .where").inner_text()
    assert said == "Set 11 (image 3, row 2, column 1): this cell shares μ and σ² with 5 other cells"
    assert lit_share(page) > 0.5  # all but 6 of the 96 cells are veiled


def test_rms_shows_one_statistic_and_the_switch_puts_it_away(page, server):
    open_statistics(page, server)
    page.get_by_text("More norms").click()
    page.wait_for_url(re.compile("stats_more=true"))
    page.get_by_role("radio", name="RMSNorm").click()
    expect(page.locator(".tensor .numbers dt")).to_have_text(["x", "mean of x²", "x̂"])
    x = Integers().batch("bn", 1)
    value, square, x_hat = (float(text) for text in numbers(page))
    assert square == pytest.approx((x[0] ** 2).mean(), rel=1e-4)
    assert x_hat == pytest.approx(value / square**0.5, rel=1e-3)
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
    expect(page.get_by_text("Set 3: channel 3 (BatchNorm, training mode). Its 16 numbers:")).to_be_visible()


def press_until(page: Page, key: str, arrived: Callable[[], bool], most: int) -> None:
    """Press ``key`` again and again until ``arrived``; the browser moves the focus before it answers."""
    for _ in range(most):
        page.keyboard.press(key)
        if arrived():
            return
    raise AssertionError(f"not reached with {key}; the focus is on {page.evaluate('document.activeElement.outerHTML')}")


def choose_lesson(page: Page, name: str) -> None:
    """Choose a lesson beside the picture."""
    page.locator(".st-key-stats_tab").get_by_role("combobox").click()
    page.get_by_role("option", name=name).click()
    settle(page)


IN_COMPONENT = """const root = [document, ...[...document.querySelectorAll('*')].map(e => e.shadowRoot)]
     .filter(Boolean).find(r => r.querySelector('.tensor canvas.line'))"""


def dots_at(page: Page, times: Sequence[float], meanwhile: str = "") -> list[list[float]]:
    """Where the dots of the number line lie before a click on x-hat, and so many milliseconds after it.

    All of it in one piece of script, during which nothing else can happen in the page: a clock that stands at these
    times calls what asked for a frame, and the dots are those that are drawn then. None are drawn: those before.
    meanwhile: script that runs before the second frame.
    """
    return page.evaluate(
        f"""times => {{ {IN_COMPONENT}
             const line = root.querySelector('canvas.line'), clock = performance.now, ask = window.requestAnimationFrame
             const arc = CanvasRenderingContext2D.prototype.arc, clear = CanvasRenderingContext2D.prototype.clearRect
             const drop = window.cancelAnimationFrame
             let now = 0, asked = [], dots = [], count = 0
             const frame = time => {{ now = time; for (const [, call] of asked.splice(0)) call(now) }}
             performance.now = () => now
             window.requestAnimationFrame = call => {{ asked.push([++count, call]); return count }}
             window.cancelAnimationFrame = id => {{ asked = asked.filter(([other]) => other !== id) }}
             CanvasRenderingContext2D.prototype.clearRect = function (...a) {{
               if (this.canvas === line) dots = []
               return clear.apply(this, a) }}
             CanvasRenderingContext2D.prototype.arc = function (x, ...a) {{
               if (this.canvas === line) dots.push(x)
               return arc.call(this, x, ...a) }}
             const seen = []
             root.querySelector('.before').click()
             frame(1000) // it stands still by now
             seen.push(dots)
             root.querySelector('.after').click()
             times.forEach((time, i) => {{
               if (i === 1) {{ {meanwhile} }}
               frame(1000 + time)
               seen.push(dots) }})
             performance.now = clock
             window.requestAnimationFrame = ask
             window.cancelAnimationFrame = drop
             CanvasRenderingContext2D.prototype.arc = arc
             CanvasRenderingContext2D.prototype.clearRect = clear
             return seen.map(xs => [...xs].sort((a, b) => a - b)) }}""",
        times,
    )


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
    assert ends.all_inner_texts() == ["0", "9"]
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
    low, high = (float(text.strip("≤≥ ")) for text in ends.all_inner_texts())
    assert low < -1 < 1 < high
    assert page.locator(".tensor .partly").is_hidden()

    # under reduced motion all is there at once
    page.emulate_media(reduced_motion="reduce")
    before, at_once, later = dots_at(page, (0, 640))
    page.emulate_media(reduced_motion="no-preference")
    assert at_once == later != before


def test_a_digit_typed_into_the_pinned_cell_changes_x_mean_and_address(page, server):
    open_statistics(page, server, "?stats_cell=1.2.1.1")
    x = Integers().numbers.copy()
    shown = [float(text) for text in numbers(page)[:2]]
    assert shown == pytest.approx([x[0, 1, 0, 0], x[:, 1].mean()], rel=1e-4)
    page.locator(".tensor .board").focus()
    for key in ("1", "2", ".", "5"):
        page.keyboard.press(key)
    expect(page.locator(".tensor .hint")).to_contain_text("Typing 12.5: Enter takes it")
    page.keyboard.press("Escape")
    assert [float(text) for text in numbers(page)[:2]] == shown
    for key in ("1", "2", ".", "5", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url(re.compile("stats_edit=4_12.5"))
    settle(page)
    x[0, 1, 0, 0] = 12.5
    expect(page.locator(".tensor .numbers dd").first).to_have_text("12.5")
    assert float(numbers(page)[1]) == pytest.approx(x[:, 1].mean(), rel=1e-4)
    for key in ("1", "-", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_text("was not taken")).to_be_visible()
    expect(page.locator(".tensor .numbers dd").first).to_have_text("12.5")


def test_a_dot_of_the_pinned_set_is_dragged_and_the_server_takes_it_as_if_typed(page, server):
    open_statistics(page, server, "?stats_norm=LayerNorm&stats_cell=2.1.1.1")
    x = Integers().numbers.copy()
    line = page.locator(".tensor canvas.line")
    line.scroll_into_view_if_needed()
    box = line.bounding_box()
    (first, *_), *_ = dots_at(page, ())
    page.get_by_role("button", name="x before").click()
    page.wait_for_selector(".tensor canvas.movable")
    y = box["y"] + 55
    page.mouse.move(box["x"] + first, y)
    page.mouse.down()
    page.mouse.move(box["x"] + first + 60, y)
    where = [int(i) - 1 for i in re.findall(r"\d+", page.locator(".tensor .hint").inner_text())[:4]]
    value, mean, var, x_hat = (float(text) for text in numbers(page))
    smallest = x[1].min()
    assert x[tuple(where)] == smallest < value
    x[tuple(where)] = value
    assert (mean, var) == pytest.approx((x[1].mean(), x[1].var()), rel=1e-4)
    assert x_hat == pytest.approx((value - x[1].mean()) / x[1].std(), rel=1e-3)
    page.mouse.up()
    at = ((where[0] * 6 + where[1]) * 2 + where[2]) * 2 + where[3]
    page.wait_for_url(re.compile(re.escape(f"stats_edit={at}_{value:g}")))
    settle(page)
    page.mouse.move(1, 1)  # away from the line: the numbers are those of the pinned cell
    after = [float(text) for text in numbers(page)]
    assert after == pytest.approx([value, mean, var, x_hat], rel=1e-4)
    assert parameter(page, "stats_cell") == ".".join(str(i + 1) for i in where)
    # the normalized values are what they are
    page.get_by_role("button", name="x̂ normalized").click()
    assert page.locator(".tensor canvas.movable").count() == 0


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
    assert focused(page) == "LayerNorm"
    # forwards to the lessons, and from each to the next one
    ahead = page.get_by_role("button", name="Next", exact=False)
    press_until(page, "Tab", lambda: "Next" in page.evaluate("document.activeElement.innerText"), 80)
    for words in ("Its 24 numbers:", "How far did the normalized image 1 move?"):
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
    address, seen = page.url, (numbers(page), page.locator(".tensor .where").inner_text())
    assert seen[1].startswith("Set 5 (image 2, group 1)")
    other = page.context.new_page()
    other.goto(address)
    other.wait_for_selector(".tensor .where:not(:empty)")
    settle(other)
    assert (numbers(other), other.locator(".tensor .where").inner_text()) == seen


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
    assert parameter(page, "stats_edit") == "0_100"
    for text, words in (("abc", "'abc' is not a number"), ("inf", "infinity has no mean"), ("1e9", "too large")):
        type_into_first_cell(page, text)
        expect(page.get_by_text(words)).to_be_visible()
        settle(page)
        expect(page.locator(".tensor .numbers dd").first).to_have_text("100")
        assert parameter(page, "stats_edit") == "0_100"
    type_into_first_cell(page, "\N{MINUS SIGN}2,5")
    expect(page.locator(".tensor .numbers dd").first).to_have_text(re.compile("^[-\N{MINUS SIGN}]2.5$"))
    settle(page)
    assert parameter(page, "stats_edit") == "0_-2.5"


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
    page.wait_for_function("!location.search.includes('stats_channels')")
    channels.press("ArrowLeft")
    expect(counts).to_contain_text("N × C = 4 × 5 = 20 means")
    page.wait_for_function("location.search.includes('stats_channels=5')")


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
    assert numbers(page) != before


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
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert page.locator(".tensor .partly").is_hidden()  # BatchNorm: the whole set is on the screen
    page.get_by_role("radio", name="GroupNorm").tap()
    page.wait_for_url(re.compile("stats_norm=GroupNorm"))
    settle(page)
    partly = page.locator(".tensor .partly")
    expect(partly).to_have_text("Set 1 covers channels 1 to 4; you see channel 2.")  # the browser has the new sets
    page.get_by_role("button", name="Previous channel").tap()
    expect(partly).to_have_text("Set 1 covers channels 1 to 4; you see channel 1.")
    page.get_by_role("button", name="Next channel").tap()
    expect(partly).to_have_text("Set 1 covers channels 1 to 4; you see channel 2.")


LESSONS = (
    "Arithmetic",
    "Accumulated gradients",
    "Write it in PyTorch",
    "Training and inference",
    "Before and after",
    "Check yourself",
)
ADDRESSES = (
    "?stats_norm=GroupNorm&stats_gamma=2",
    "?stats_images=1&stats_side=1",
    "?stats_norm=LayerNorm+per+position&stats_tab=The+cube",
    "?stats_tab=Who+influences+whom%3F&stats_source=Two+layers",
    "?stats_tab=Take+it+with+you&stats_source=Real+images",
)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_serious(page, server, scheme):
    page.emulate_media(color_scheme=scheme)
    found = {}
    for address in ADDRESSES:
        open_statistics(page, server, address)
        found[address] = serious(page)
        if address == ADDRESSES[0]:
            page.get_by_role("radio", name="BatchNorm").click()
            page.wait_for_url(lambda url: "stats_norm" not in url)
            for name in LESSONS:
                choose_lesson(page, name)
                found[name] = serious(page)
    assert not {where: what for where, what in found.items() if what}
