"""What the server wrote into the address stays written, though the browser asks again before it has heard of it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from core.records import store as runs
from tests.browser.conftest import DESKTOP, PATIENCE, settle
from tests.browser.steady import addressed, reads
from tests.browser.test_back import LateAnswers
from tests.wrong_records import config, predictions, record

RUNS = [record(config("bn"), predictions({4: 9})), record(config("ln"), predictions({4: 0}))]


def test_an_image_that_was_closed_stays_closed(server, browser):
    for one in RUNS:
        runs.save(one, server.runs)
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    answers = LateAnswers(page)
    page.goto(f"{server.url}/misclassified")
    settle(page)
    page.get_by_role("button", name="Image 4", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(re.compile("^True class"))).to_be_visible()
    addressed(page, "wrong_image", "4")
    settle(page)
    answers.late = True
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    reads(page, lambda: bool(answers.waiting), True)  # the server has heard that it is closed
    page.get_by_role("radio", name="across runs").click()
    answers.come()
    page.get_by_role("figure", name=re.compile("^Bars of how many test images")).wait_for()
    settle(page)
    addressed(page, "wrong_image", None)
    expect(dialog).to_have_count(0)
    context.close()
