"""The page of errors in a real browser: a bar and a cell that filter, one image, the next page, and axe."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from core.records import store as runs
from tests.browser.axe import SCHEMES, serious
from tests.browser.conftest import PHONE, settle
from tests.browser.one_screen import no_wider
from tests.browser.server import Server
from tests.browser.steady import addressed, steady
from tests.wrong_records import config, predictions, record

BN = {index: (index + 1) % 10 for index in range(23)}
LN = {4: 5, 31: 7, 41: 7}
"""Image 4 is wrong in both, 22 images in BN alone, two in LN alone."""


RUNS = [record(config("bn"), predictions(BN)), record(config("ln"), predictions(LN))]
QUERY = "&".join(f"wrong_runs={one.run_id}" for one in RUNS)


@pytest.fixture
def query(server: Server) -> str:
    """The address of two runs, in the server's store."""
    for one in RUNS:
        runs.save(one, server.runs)
    return QUERY


def tiles(page: Page) -> Locator:
    """The buttons that open the images shown."""
    return page.get_by_role("button", name=re.compile(r"^Image \d+$"))


def shows(page: Page, *images: int) -> None:
    """Wait until exactly these images are shown, in this order."""
    expect(tiles(page)).to_have_text([re.compile(rf"Image {index}$") for index in images])


def click_middle(page: Page, mark: Locator) -> None:
    box = steady(mark)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def takes_clicks(page: Page) -> None:
    """Wait until the page listens to what is clicked in its chart, which it does after the first drawing."""
    page.wait_for_function(
        """() => [...document.querySelectorAll('.js-plotly-plot')].every(
             chart => ['plotly_click', 'plotly_selected'].some(event => chart._ev?._events?.[event]))"""
    )


def test_filter_by_a_combination_open_an_image_and_page_on(page, server, query):
    page.goto(f"{server.url}/misclassified?{query}")
    settle(page)
    page.get_by_role("radio", name="across runs").click()
    page.get_by_role("figure", name=re.compile("^Bars of how many test images")).wait_for()
    shows(page, 4)

    bars = page.locator(".bars .point")
    expect(bars).to_have_count(3)
    takes_clicks(page)
    click_middle(page, bars.nth(2))
    shows(page, 31, 41)
    addressed(page, "wrong_combination", "01")

    page.get_by_role("button", name="Image 41", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(re.compile("^True class"))).to_contain_text("True class 1; wrong in")
    expect(dialog.get_by_role("figure", name="Ten probabilities of test image 41 under each run")).to_be_visible()
    addressed(page, "wrong_image", "41")
    dialog.get_by_role("button", name="Previous").click()
    expect(dialog.get_by_role("img", name="Test image 31, true 1", exact=True)).to_be_visible()
    addressed(page, "wrong_image", "31")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(tiles(page)).to_have_count(2)
    addressed(page, "wrong_image", None)
    page.get_by_role("button", name="Image 41", exact=True).click()  # the same one again
    dialog.get_by_role("img", name="Test image 41, true 1", exact=True).hover()
    # no toolbar with "Fullscreen" comes up over an image of 28 x 28 pixels
    toolbar = dialog.get_by_test_id("stFullScreenFrame").filter(has=page.get_by_test_id("stImage"))
    expect(toolbar.get_by_test_id("stElementToolbar").locator("visible=true")).to_have_count(0)
    page.keyboard.press("Escape")
    addressed(page, "wrong_image", None)

    page.get_by_role("radio", name="each run").click()
    expect(tiles(page)).to_have_count(13)
    page.get_by_role("button", name="Page 3", exact=True).click()
    expect(tiles(page)).to_have_count(3)
    expect(page.get_by_text("Here are 21 to 23.")).to_be_visible()
    addressed(page, "wrong_page", "3")
    page.reload()
    settle(page)
    expect(tiles(page)).to_have_count(3)


def test_a_cell_of_the_matrix_filters_the_grid(page, server, query):
    page.goto(f"{server.url}/misclassified?{query}&wrong_view=confusion")
    settle(page)
    cells = page.locator(".bars .point")
    expect(cells).to_have_count(100)
    takes_clicks(page)
    # the cells are drawn row by row; images 3 and 13 are true 3, predicted 4
    click_middle(page, cells.nth(34))
    shows(page, 3, 13)
    addressed(page, "wrong_pair", "3-4")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_nothing_serious_for_axe_on_a_narrow_screen(page, server, query, scheme):
    found = {}

    def look(name: str) -> None:
        settle(page)
        no_wider(page)
        found[name] = serious(page)

    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{server.url}/misclassified?{query}")
    settle(page)
    look("each run")
    page.get_by_role("button", name="Image 4", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(re.compile("^True class"))).to_be_visible()
    look("one image")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    addressed(page, "wrong_image", None)
    page.get_by_role("radio", name="across runs").click()
    page.get_by_role("figure", name=re.compile("^Bars of how many test images")).wait_for()
    look("across runs")
    page.get_by_role("radio", name="confusion").click()
    expect(page.locator(".bars .point")).to_have_count(100)
    look("confusion")
    page.goto(f"{server.url}/misclassified?{query}&wrong_minus=nothing")
    look("minus nothing")
    assert not {name: what for name, what in found.items() if what}
