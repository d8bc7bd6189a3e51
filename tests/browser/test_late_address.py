"""What the server wrote into the address stays written, though the browser asks again before it has heard of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from core.experiments.listed import EXPERIMENTS, experiment
from core.records import store as runs
from tests.browser.conftest import DESKTOP, PATIENCE, settle
from tests.browser.late import LateAnswers, kind
from tests.browser.steady import addressed, reads
from tests.wrong_records import config, predictions, record

RUNS = [record(config("bn"), predictions({4: 9})), record(config("ln"), predictions({4: 0}))]
HEARD = pytest.mark.parametrize("heard", [(), ("page_info_changed",)], ids=["nothing", "the address alone"])
"""What the browser has heard of the run before when it asks again."""


@HEARD
def test_an_image_that_was_closed_stays_closed(server, browser, heard):
    """A click while the browser has heard nothing, or not yet all, of the run that closes the image."""
    for one in RUNS:
        runs.save(one, server.runs)
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    answers = LateAnswers(page, heard)
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
    if heard:
        addressed(page, "wrong_image", None)
    page.get_by_role("radio", name="across runs").click()
    answers.come()
    page.get_by_role("figure", name=re.compile("^Bars of how many test images")).wait_for()
    settle(page)
    addressed(page, "wrong_image", None)
    expect(dialog).to_have_count(0)
    context.close()


@HEARD
def test_a_prediction_stays_with_the_experiment_it_was_made_for(shipping, browser, heard):
    """Another one is chosen before the browser has heard of the run in which the options go."""
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    answers = LateAnswers(page, heard)
    page.goto(f"{shipping.url}/lab?lab_experiment=light")
    option = page.get_by_role("radio", name=experiment("light").prediction.options[0])
    option.wait_for()
    settle(page)
    answers.late = True
    option.click()
    if heard:
        addressed(page, "lab_said", "1")
    reads(page, lambda: "script_finished" in [kind(said) for _, said in answers.waiting], True)
    page.get_by_role("combobox", name="Experiment").click()
    page.get_by_role("option").nth(1).click()
    if heard:
        addressed(page, "lab_experiment", EXPERIMENTS[1].name)
    else:
        reads(page, lambda: [kind(said) for _, said in answers.waiting].count("script_finished"), 2)
    answers.come()
    settle(page)
    expect(page.get_by_text("Predict first.")).to_be_visible()
    addressed(page, "lab_said", None)
    context.close()
