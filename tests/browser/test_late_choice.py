"""What a browser still shows in a widget is no choice, though the server has turned the widget meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from core.experiments.listed import EXPERIMENTS
from core.lesson.order import STEPS
from core.lesson.situations import SITUATIONS
from tests.browser.conftest import settle
from tests.browser.late import late_answers
from tests.browser.steady import addressed

SECOND = EXPERIMENTS[1].name


def press(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=name).click()


def take(label: str, place: int) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.get_by_role("combobox", name=label).click()
        page.get_by_role("option").nth(place).click()

    return act


CHANGES = {
    "the next experiment": ("lab?lab_said=1", press("arrow_forward"), {"lab_experiment": SECOND, "lab_said": None}),
    "an experiment of the list": ("lab", take("Experiment", 1), {"lab_experiment": SECOND}),
    "another case": (
        "lesson?step=7&said7=1",
        press("Another case"),
        {"situation": SITUATIONS[1].name, "said7": None, "seed7": None},
    ),
}
"""By what changes: where, how, and what the address says from then on."""


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_stays_when_something_else_is_chosen(shipping, windows, change):
    address, act, said = CHANGES[change]
    with late_answers(windows, f"{shipping.url}/{address}") as (page, answers):
        answers.after(lambda: act(page))
        answers.after(page.get_by_role("button", name="Presenter's view").click)
        answers.come()
        addressed(page, "present", "true")
        settle(page)
        found = parse_qs(urlsplit(page.url).query)
        assert {name: found.get(name, [None])[0] for name in said} == said


def test_the_norms_alone_stay_chosen(shipping, windows):
    """Of a widget with several choices nothing but the browser and the visit know what is chosen."""
    with late_answers(windows, f"{shipping.url}/compare") as (page, answers):
        alone = page.get_by_role("button", name="The norms alone")
        alone.wait_for()
        settle(page)
        answers.after(alone.click)
        wanted = answers.address()["compare_runs"]
        answers.after(lambda: press("Presenter's view")(page))
        answers.come()
        addressed(page, "present", "true")
        settle(page)
        assert parse_qs(urlsplit(page.url).query)["compare_runs"] == wanted
        expect(alone).to_have_count(0)


def test_the_next_image_stays_when_something_else_in_its_window_is_chosen(shipping, windows):
    """The list of images still says the one before, and its callback is called as if somebody had chosen that."""
    with late_answers(windows, f"{shipping.url}/misclassified") as (page, answers):
        page.get_by_role("button", name=re.compile("^Image [0-9]+$")).first.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("combobox", name="Under").wait_for()
        settle(page)
        before = parse_qs(urlsplit(page.url).query)["wrong_image"]
        answers.after(dialog.get_by_role("button", name="Next").click)
        answers.after(lambda: take("Under", 1)(page))
        answers.come()
        page.wait_for_url(re.compile("wrong_layers="))
        settle(page)
        assert parse_qs(urlsplit(page.url).query)["wrong_image"] != before


def test_a_step_that_was_turned_stays_turned(shipping, windows):
    with late_answers(windows, f"{shipping.url}/lesson") as (page, answers):
        page.get_by_role("heading", name=STEPS[1].question).wait_for()
        settle(page)
        answers.after(lambda: press("Next")(page))
        answers.after(lambda: press("Presenter's view")(page))
        answers.come()
        addressed(page, "present", "true")
        page.get_by_role("heading", name=STEPS[2].question).wait_for()
        addressed(page, "step", "2")


def test_two_steps_that_are_chosen_one_after_the_other(shipping, windows):
    """The second is what stood there before the first, and still a choice."""
    with late_answers(windows, f"{shipping.url}/lesson") as (page, answers):
        page.get_by_role("heading", name=STEPS[1].question).wait_for()
        settle(page)
        for number in (2, 1):
            answers.after(page.get_by_role("radio", name=f"{number} {STEPS[number].short}").click)
        answers.come()
        settle(page)
        page.get_by_role("heading", name=STEPS[1].question).wait_for()
        addressed(page, "step", None)


def test_a_question_is_answered_once(shipping, windows):
    """The next one is asked for, and the browser says the answer once more, of options that have gone."""
    with late_answers(windows, f"{shipping.url}/lesson?step=8&round=1") as (page, answers):
        page.locator(".st-key-lesson_questions").get_by_role("radio").first.click()
        following = page.get_by_role("button", name="Next question")
        following.wait_for()
        settle(page)
        answers.after(following.click)
        answers.after(page.get_by_role("button", name="Presenter's view").click)
        answers.come()
        addressed(page, "present", "true")
        settle(page)
        found = parse_qs(urlsplit(page.url).query)
        assert len(found["answers"][0]) == 1
        assert found["question"] == ["2"]
        expect(page.get_by_text(re.compile("right of 1|of 1 right"))).to_be_visible()
