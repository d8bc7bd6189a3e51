"""What the server wrote into the address stays written, though the browser asks again before it has heard of it."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from core.experiments.listed import EXPERIMENTS, experiment
from core.records import store as runs
from tests.browser.conftest import settle
from tests.browser.late import kind, late_answers
from tests.browser.steady import addressed, reads
from tests.wrong_records import config, predictions, record

RUNS = [record(config("bn"), predictions({4: 9})), record(config("ln"), predictions({4: 0}))]
HEARD = pytest.mark.parametrize("heard", [(), ("page_info_changed",)], ids=["nothing", "the address alone"])
"""What the browser has heard of the run before when it asks again."""


@HEARD
def test_an_image_that_was_closed_stays_closed(server, windows, heard):
    """A click while the browser has heard nothing, or not yet all, of the run that closes the image."""
    for one in RUNS:
        runs.save(one, server.runs)
    with late_answers(windows, f"{server.url}/misclassified", heard) as (page, answers):
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


@HEARD
def test_a_prediction_stays_with_the_experiment_it_was_made_for(shipping, windows, heard):
    """Another one is chosen before the browser has heard of the run in which the options go."""
    with late_answers(windows, f"{shipping.url}/lab?lab_experiment=light", heard) as (page, answers):
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
            reads(page, lambda: answers.runs_that_ended() >= 2, True)
        answers.come()
        settle(page)
        expect(page.get_by_text("Predict first.")).to_be_visible()
        addressed(page, "lab_said", None)


@pytest.mark.parametrize("opened", ["heard", "unheard"])
def test_a_race_that_was_started_stays_on_the_screen(server, windows, opened):
    """Its start ends in a run that the server itself asks for, which says nothing of what the browser has heard.

    opened: whether the browser has heard that the server knows its form to be open.
    """
    address = f"{server.url}/train?train_dataset=digits&train_epochs=1&train_batch_size=512"
    with late_answers(windows, address) as (page, answers):
        page.get_by_role("button", name="Start the race").click()
        page.wait_for_url(re.compile("race="))
        first = parse_qs(urlsplit(page.url).query)["race"]
        page.get_by_text("Finished", exact=True).wait_for()
        settle(page)
        ended = answers.ended
        answers.late = opened == "unheard"
        page.locator("summary", has_text="Change, or start another").click()
        start = page.get_by_role("button", name="Start the race")
        start.wait_for()
        reads(page, lambda: answers.ended > ended, True)
        settle(page)
        answers.late = True
        start.click()
        reads(page, lambda: answers.address().get("race", first) != first, True)
        page.get_by_text("Only my runs", exact=True).click()
        reads(page, lambda: answers.address().get("mine"), ["true"])
        answers.come()
        addressed(page, "mine", "true")
        settle(page)
        assert parse_qs(urlsplit(page.url).query)["race"] != first
        expect(start).to_be_hidden()  # what holds the form was closed, that the race has the screen
        page.get_by_text("Finished", exact=True).wait_for()  # and writes no more where the next test begins


@pytest.mark.parametrize(("path", "role", "name"), [("", "radio", "LayerNorm"), ("train", "slider", "Epochs")])
def test_a_piece_of_the_page_that_was_left_is_not_drawn_into_the_next(shipping, windows, path, role, name):
    """The browser still shows the page before, and somebody chooses something in it."""
    with late_answers(windows, f"{shipping.url}/{path}") as (page, answers):
        part = page.get_by_role(role, name=re.compile(f"^{name}")).last
        part.wait_for(state="attached")
        settle(page)
        answers.after(page.get_by_role("link", name="Lab").first.click)
        part.press("ArrowRight") if role == "slider" else part.click()
        page.wait_for_timeout(1000)  # what is to be seen is that nothing comes
        answers.come()
        page.get_by_role("heading", name=EXPERIMENTS[0].question).wait_for()
        settle(page)
