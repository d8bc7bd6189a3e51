"""What the server wrote into the address stays written, though the browser asks again before it has heard of it."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.experiments.listed import EXPERIMENTS, experiment
from core.lesson.order import STEPS
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
        reads(page, lambda: [kind(said) for _, said in answers.waiting].count("script_finished") >= 2, True)
    answers.come()
    settle(page)
    expect(page.get_by_text("Predict first.")).to_be_visible()
    addressed(page, "lab_said", None)
    context.close()


def runs_that_ended(answers: LateAnswers) -> int:
    """How many runs the server has ended whose answers are held back."""
    return [kind(said) for _, said in answers.waiting].count("script_finished")


def held_back(answers: LateAnswers) -> dict[str, list[str]]:
    """The last address that the server has written and the browser has not heard of."""
    written = [ForwardMsg.FromString(said) for _, said in answers.waiting if kind(said) == "page_info_changed"]
    return parse_qs(written[-1].page_info_changed.query_string) if written else {}


def test_a_race_that_was_started_stays_on_the_screen(server, browser):
    """Its start ends in a run that the server itself asks for, which says nothing of what the browser has heard."""
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    answers = LateAnswers(page)
    page.goto(f"{server.url}/train?train_dataset=digits&train_epochs=1&train_batch_size=512")
    settle(page)
    page.get_by_role("button", name="Start the race").click()
    page.wait_for_url(re.compile("race="))
    first = parse_qs(urlsplit(page.url).query)["race"]
    page.get_by_text("Finished", exact=True).wait_for()
    settle(page)
    page.locator("summary", has_text="Change, or start another").click()
    start = page.get_by_role("button", name="Start the race")
    start.wait_for()
    settle(page)
    answers.late = True
    start.click()
    reads(page, lambda: held_back(answers).get("race", first) != first, True)
    page.get_by_text("Only mine", exact=True).click()
    reads(page, lambda: held_back(answers).get("mine"), ["true"])
    answers.come()
    addressed(page, "mine", "true")
    settle(page)
    assert parse_qs(urlsplit(page.url).query)["race"] != first
    context.close()


def test_the_next_image_stays_when_something_else_in_its_window_is_chosen(shipping, browser):
    """The list of images still says the one before, and its callback is called as if somebody had chosen that."""
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    answers = LateAnswers(page)
    page.goto(f"{shipping.url}/misclassified")
    settle(page)
    page.get_by_role("button", name=re.compile("^Image [0-9]+$")).first.click()
    dialog = page.get_by_role("dialog")
    under = dialog.get_by_role("combobox", name="Under")
    under.wait_for()
    settle(page)
    before = parse_qs(urlsplit(page.url).query)["wrong_image"]
    answers.late = True
    dialog.get_by_role("button", name="Next").click()
    reads(page, lambda: runs_that_ended(answers) >= 1, True)
    under.click()
    page.get_by_role("option").nth(1).click()
    reads(page, lambda: runs_that_ended(answers) >= 2, True)
    answers.come()
    page.wait_for_url(re.compile("wrong_layers="))
    settle(page)
    assert parse_qs(urlsplit(page.url).query)["wrong_image"] != before
    context.close()


def test_a_step_that_was_turned_stays_turned(shipping, browser):
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    answers = LateAnswers(page)
    page.goto(f"{shipping.url}/lesson")
    page.get_by_role("heading", name=STEPS[1].question).wait_for()
    settle(page)
    answers.late = True
    page.get_by_role("button", name="Next").click()
    reads(page, lambda: runs_that_ended(answers) >= 1, True)
    page.get_by_role("button", name="Presenter's view").click()
    reads(page, lambda: runs_that_ended(answers) >= 2, True)
    answers.come()
    addressed(page, "present", "true")
    page.get_by_role("heading", name=STEPS[2].question).wait_for()
    addressed(page, "step", "2")
    context.close()


def test_two_steps_that_are_chosen_one_after_the_other(shipping, browser):
    """The second is what stood there before the first, and still a choice."""
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    answers = LateAnswers(page)
    page.goto(f"{shipping.url}/lesson")
    page.get_by_role("heading", name=STEPS[1].question).wait_for()
    settle(page)
    answers.late = True
    for number in (2, 1):
        page.get_by_role("radio", name=f"{number} {STEPS[number].short}").click()
        reads(page, lambda ended=3 - number: runs_that_ended(answers) >= ended, True)
    answers.come()
    settle(page)
    page.get_by_role("heading", name=STEPS[1].question).wait_for()
    addressed(page, "step", None)
    context.close()


@pytest.mark.parametrize(("path", "role", "name"), [("", "radio", "LayerNorm"), ("train", "slider", "Epochs")])
def test_a_piece_of_the_page_that_was_left_is_not_drawn_into_the_next(shipping, browser, path, role, name):
    """The browser still shows the page before, and somebody chooses something in it."""
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    answers = LateAnswers(page)
    page.goto(f"{shipping.url}/{path}")
    part = page.get_by_role(role, name=re.compile(f"^{name}")).last
    part.wait_for(state="attached")
    settle(page)
    answers.late = True
    page.get_by_role("link", name="Lab").first.click()
    reads(page, lambda: runs_that_ended(answers) >= 1, True)
    part.press("ArrowRight") if role == "slider" else part.click()
    page.wait_for_timeout(1000)  # what is to be seen is that nothing comes
    answers.come()
    page.get_by_role("heading", name=EXPERIMENTS[0].question).wait_for()
    settle(page)
    assert not errors
    context.close()
