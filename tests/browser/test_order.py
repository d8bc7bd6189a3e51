"""What comes first in a narrow window, and what shares a row in a middling one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from core.records import store as runs
from tests.browser.conftest import PATIENCE, drawn, settle
from tests.browser.one_screen import outside
from tests.browser.server import Server
from tests.wrong_records import config, predictions, record

NARROW, MIDDLING = {"width": 390, "height": 844}, {"width": 1024, "height": 768}
PRUNING = "/lab?lab_experiment=pruning&lab_said=shown"
PARTS = {
    PRUNING: (".st-key-lab_pruning_errors", "Weights removed, %", ".st-key-lab_pruning_kernels"),
    f"{PRUNING}&lab_pruning=Scale+a+convolution": (".st-key-lab_scaled_changes", "All its weights times", None),
    "/lab?lab_experiment=depth&lab_said=shown": (".st-key-lab_depth_activation", "Convolutions", None),
}
"""The first picture of a live part, its slider, and a picture that follows it."""


@pytest.fixture(scope="module")
def with_networks(tmp_path_factory) -> Iterator[Server]:
    """A server with the study's networks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NORMLENS_SHIPPED", raising=False)
        running = Server(tmp_path_factory.mktemp("networks"))
    yield running
    running.stop()


@pytest.fixture
def narrow(browser: Browser) -> Iterator[Page]:
    """An empty window as wide as a phone's."""
    context = browser.new_context(viewport=NARROW, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()


def top(part: Locator) -> float:
    return float(part.bounding_box()["y"])


def opened(page: Page, url: str) -> Page:
    page.goto(url)
    settle(page)
    drawn(page)
    return page


@pytest.mark.parametrize("address", PARTS)
def test_on_a_phone_a_live_part_shows_its_picture_before_its_slider(narrow, with_networks, address):
    opened(narrow, f"{with_networks.url}{address}")
    picture, slider, later = PARTS[address]
    found = narrow.get_by_role("slider", name=slider)
    assert top(narrow.locator(picture)) < top(found)
    if later is not None:
        assert top(found) < top(narrow.locator(later))
    assert narrow.evaluate("document.documentElement.scrollWidth") == NARROW["width"]


def test_on_a_phone_the_first_grid_stands_before_the_controls_and_they_before_the_second(narrow, server):
    every = [record(config(norm), predictions({4: 9, 6: 0})) for norm in ("bn", "ln")]
    for one in every:
        runs.save(one, server.runs)
    opened(narrow, f"{server.url}/misclassified")
    first, second = (narrow.locator(f".st-key-wrong_grid_{one.run_id}") for one in every)
    places = [
        narrow.get_by_role("heading", name="What they get wrong"),
        first,
        narrow.locator(".st-key-wrong_controls"),
        narrow.locator(".st-key-wrong_order_and_page"),
        second,
    ]
    tops = [top(place) for place in places]
    assert tops == sorted(tops)
    assert top(first) < NARROW["height"] / 2


@pytest.mark.parametrize("source", ["Two layers", "Small integers"])
def test_the_controls_of_statistics_share_a_row_at_1024(page, server, source):
    page.set_viewport_size(MIDDLING)
    opened(page, f"{server.url}/statistics?stats_source={source.replace(' ', '+')}")
    slider = page.get_by_role("slider", name="Groups G of GroupNorm")
    row = page.get_by_role("radio", name="BatchNorm").bounding_box()
    assert top(slider) < row["y"] + row["height"]


def test_the_arithmetic_shows_its_controls_in_a_row_and_the_output_at_1024(page, server):
    page.set_viewport_size(MIDDLING)
    opened(page, f"{server.url}/statistics?stats_tab=Arithmetic")
    lesson = page.locator(".st-key-stats_lesson")
    tops = {top(slider) for slider in lesson.get_by_role("slider").all()}
    assert len(tops) == 1
    assert not outside(page, {"output": lesson.get_by_text("Output y ="), "torch": lesson.get_by_text("By torch:")})


def test_the_table_of_image_1_alone_shows_all_its_columns_at_1024(page, server):
    page.set_viewport_size(MIDDLING)
    opened(page, f"{server.url}/statistics?stats_tab=Training+and+inference")
    table = page.get_by_test_id("stDataFrame").first
    scroller = table.locator(".dvn-scroller")
    assert scroller.evaluate("part => part.scrollWidth - part.clientWidth") <= 0
