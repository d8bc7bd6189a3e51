"""What comes first in a narrow window, and what shares a row in a middling one."""

from __future__ import annotations

from playwright.sync_api import Page

from core.records import store as runs
from tests.browser.conftest import PHONE, drawn, settle
from tests.browser.one_screen import in_order, outside
from tests.browser.statistics import choose_lesson
from tests.browser.steady import box_of, boxes_of, reads
from tests.wrong_records import config, predictions, record

MIDDLING = {"width": 1024, "height": 768}


def opened(page: Page, url: str) -> Page:
    page.goto(url)
    settle(page)
    drawn(page)
    return page


def test_on_a_phone_the_first_grid_stands_before_the_controls_and_they_before_the_second(phone, server):
    every = [record(config(norm), predictions({4: 9, 6: 0})) for norm in ("bn", "ln")]
    for one in every:
        runs.save(one, server.runs)
    opened(phone, f"{server.url}/misclassified")
    first, second = (phone.locator(f".st-key-wrong_grid_{one.run_id}") for one in every)
    places = [
        phone.get_by_role("heading", name="What they get wrong"),
        first,
        phone.locator(".st-key-wrong_controls"),
        phone.locator(".st-key-wrong_order_and_page"),
        second,
    ]
    in_order(phone, *places)
    reads(phone, lambda: box_of(first)["y"] < PHONE["height"] / 2, True)


def test_the_controls_of_statistics_and_its_lessons_share_rows_at_1024(page, server):
    page.set_viewport_size(MIDDLING)
    opened(page, f"{server.url}/statistics?stats_tab=Training+and+inference")
    # the table of image 1 alone shows all its columns
    scroller = page.get_by_test_id("stDataFrame").first.locator(".dvn-scroller")
    reads(page, lambda: scroller.evaluate("part => part.scrollWidth - part.clientWidth") <= 0, True)

    def norm_and_groups_share_a_row() -> bool:
        row = box_of(page.get_by_role("radio", name="BatchNorm"))
        return box_of(page.get_by_role("slider", name="Groups G of GroupNorm"))["y"] < row["y"] + row["height"]

    choose_lesson(page, "Arithmetic")
    drawn(page)
    reads(page, norm_and_groups_share_a_row, True)
    lesson = page.locator(".st-key-stats_lesson")
    reads(page, lambda: len({slider["y"] for slider in boxes_of(lesson.get_by_role("slider"))}), 1)
    assert not outside(page, {"output": lesson.get_by_text("Output y ="), "torch": lesson.get_by_text("By torch:")})

    choose_lesson(page, "How many means?")
    counts = {name: page.locator(f".st-key-stats_{name}") for name in ("counts", "counted")}
    assert not outside(page, counts)  # of this tensor, and of any other

    opened(page, f"{server.url}/statistics?stats_source=Two+layers")
    reads(page, norm_and_groups_share_a_row, True)
