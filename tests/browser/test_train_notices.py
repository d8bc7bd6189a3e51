"""Why a race could not start, which is not true of the form any more once that is changed."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import settle

PRESSES = 12
"""More than make races wait, also where some meet a page that is being drawn anew."""
PAUSE = 2000
"""Milliseconds in which a start is answered."""
SOON = 10_000
"""Milliseconds in which no race ends, with which the page would be drawn anew."""


def test_why_a_start_was_refused_goes_with_a_change_of_the_form(server, page: Page):
    page.goto(f"{server.url}/train?train_dataset=digits&train_epochs=50")
    start = page.get_by_role("button", name="Start the race")
    said = page.get_by_text("The race cannot start")
    start.wait_for()
    for _ in range(PRESSES):
        settle(page)
        if not start.is_visible():
            page.locator("summary", has_text="Change, or start another").click()
        start.click()
        page.wait_for_timeout(PAUSE)
        if said.is_visible():
            break
    expect(said).to_be_visible()
    settle(page)
    page.get_by_role("slider", name="Epochs").press("ArrowLeft")
    expect(said).to_have_count(0, timeout=SOON)
    stop = page.get_by_role("button", name="Stop", exact=True)
    while stop.count():
        stop.first.click()
        page.wait_for_timeout(PAUSE)
