"""The page of errors: the controls, the first grid of ten and its sentence share a window."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from core.records import store as runs
from tests.browser.conftest import drawn, settle
from tests.browser.one_screen import SIZES, outside
from tests.browser.steady import boxes_of, reads
from tests.wrong_records import config, predictions, record

RUNS = [
    record(config("bn", l1=1e-4), predictions({i: (i + 1) % 10 for i in range(23)})),
    record(config("ln"), predictions({i: (i + 1) % 10 for i in range(12)})),
]


def test_controls_grid_and_sentence_share_a_window(page, server):
    for one in RUNS:
        runs.save(one, server.runs)
    page.goto(f"{server.url}/misclassified?" + "&".join(f"wrong_runs={one.run_id}" for one in RUNS))
    settle(page)
    first = page.locator(f".st-key-wrong_grid_{RUNS[0].run_id}")
    images = first.get_by_role("img")
    images.nth(9).wait_for()
    for size in SIZES:
        page.set_viewport_size(size)
        shares_the_window(page, first)


def shares_the_window(page: Page, first: Locator) -> None:
    images = first.get_by_role("img")
    drawn(page)
    assert not outside(
        page,
        {
            "title": page.get_by_role("heading", name="What they get wrong"),
            "runs and view": page.locator(".st-key-wrong_controls"),
            "order and page": page.locator(".st-key-wrong_order_and_page"),
            "sentence": page.get_by_text("23 of 60 test images of digits wrong"),
            "grid": first,
        },
    )

    def rows() -> list[int]:
        tops = [round(image["y"]) for image in boxes_of(images)[:10]]
        return [tops.count(top) for top in sorted(set(tops))]

    reads(page, rows, [5, 5])
