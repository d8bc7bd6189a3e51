"""What a button did to a bound widget stays, though the browser asks again before it has heard of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from pages.parts.statistics.address import TABS
from tests.browser.conftest import settle
from tests.browser.late import late_answers
from tests.browser.steady import addressed


def press(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=name).click()


def augmentation(page: Page) -> None:
    page.get_by_text("Augmentation", exact=True).click()


def open_variants(page: Page) -> None:
    page.locator("summary", has_text="Variants, batch size").click()
    page.get_by_text("Augmentation", exact=True).wait_for()  # it comes with a run, whose answer is not to be a late one


PRESENT = press("Presenter's view")
BUTTONS = {
    "a preset, in a run of the form alone": (
        ("train", open_variants, press("All five, no penalty"), augmentation),
        {"train_variants": "5", "train_1_l1": "off", "train_augment": "false"},
    ),
    "the next lesson": (("statistics", settle, press("Next"), PRESENT), {"stats_tab": TABS[1], "present": "true"}),
    "new numbers twice": (
        ("statistics", press("Shape"), press("New numbers"), press("New numbers")),
        {"stats_seed": "2"},
    ),
    "a slider put back": (
        ("lab?lab_experiment=light&lab_said=1&lab_noise=0.2", settle, press("Back to the test set"), PRESENT),
        {"lab_noise": None, "present": "true"},
    ),
}
"""Where, what is opened first, the button, and what is pressed before the browser has heard of it; the address then."""


@pytest.mark.parametrize("button", BUTTONS)
def test_what_a_button_did_stays(shipping, windows, button):
    (address, prepare, act, press_again), said = BUTTONS[button]
    with late_answers(windows, f"{shipping.url}/{address}") as (page, answers):
        prepare(page)
        settle(page)
        answers.after(lambda: act(page))
        answers.after(lambda: press_again(page))
        answers.come()
        for name, value in said.items():
            addressed(page, name, value)
        settle(page)
        found = parse_qs(urlsplit(page.url).query)
        assert {name: found.get(name, [None])[0] for name in said} == said


def test_new_numbers_stay_though_their_popover_is_closed_meanwhile(shipping, windows):
    """Its widgets are gone, and never hear what they were turned to."""
    with late_answers(windows, f"{shipping.url}/statistics") as (page, answers):
        press("Shape")(page)
        settle(page)
        answers.after(lambda: press("New numbers")(page))
        page.keyboard.press("Escape")
        page.get_by_role("button", name="New numbers").wait_for(state="detached")
        answers.come()
        addressed(page, "stats_seed", "1")
        settle(page)
        PRESENT(page)
        addressed(page, "present", "true")
        settle(page)
        expect(page.locator(".tensor .board")).to_have_attribute("aria-label", re.compile("integers, seed 1[.]"))


def test_what_was_there_before_can_be_chosen_again(shipping, windows):
    """Once the browser shows what the button did."""
    with late_answers(windows, f"{shipping.url}/statistics") as (page, _):
        press("Next")(page)
        addressed(page, "stats_tab", TABS[1])
        settle(page)
        page.get_by_role("combobox", name="Lesson").click()
        page.get_by_role("option", name=TABS[0]).click()
        addressed(page, "stats_tab", None)
        settle(page)
        addressed(page, "stats_tab", None)
