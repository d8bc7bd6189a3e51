"""The whole lesson in one go, from the first step to the score: by keyboard alone, and by touch on a phone.

What a step has of its own to point at, to drag or to draw in has its tests beside this one; here steps 3 and 6 are only
shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from core.lesson import why
from core.lesson.order import QUESTIONS, STEPS
from core.lesson.questions import COUNT, LETTERS, ten
from core.lesson.situations import SITUATIONS
from pages.parts.lesson import dependence, numbers
from tests.browser.conftest import drawn, settle
from tests.browser.lesson import WIDE, go_to, opened
from tests.browser.steady import addressed, reads
from tests.shipped_study import shipped_pairs

SHOW = ("Show me",)
CASE = next(row for row in SITUATIONS if row.name == "large")
PREDICTIONS = {
    1: why.OPTIONS[:3],
    2: numbers.OPTIONS[:3],
    3: ("Show me all three",),
    4: dependence.OPTIONS[:2],
    5: ("That is my prediction",),
    6: SHOW,
    7: CASE.options[: CASE.options.index(CASE.take) + 1],
}
"""By step, what stands in the way of the focus within a group, and last what is chosen: the right one in 2, 4 and 7."""
ROUND = 1
NEXT = """bar => {
    const whole = bar.getBoundingClientRect(), next = bar.querySelector(".st-key-lesson_next").getBoundingClientRect()
    return [next.x - whole.x, next.y - whole.y, next.width, whole.height].map(Math.round)
}"""
"""Where Next stands in the bar of steps, how wide it is, and how high the bar."""
Choose = Callable[..., None]


def by_keys(page: Page, *texts: str) -> None:
    go_to(page, *texts)
    page.keyboard.press("Enter")


def by_touch(page: Page, *texts: str) -> None:
    page.get_by_text(texts[-1], exact=True).last.tap()


def goes_on_from(page: Page, name: str, choose: Choose) -> None:
    """The control that was pressed is gone: by keys one goes on from what is revealed, a finger leaves the focus."""
    revealed = expect(page.locator(f".st-key-{name}"))
    revealed.to_be_focused() if choose is by_keys else revealed.not_to_be_focused()


def walk(page: Page, url: str, choose: Choose, questions: int) -> None:
    """From the first step to the end of so many questions, each right."""
    opened(page, url, f"round={ROUND}")
    bar = page.locator(".st-key-lesson_bar")
    place = bar.evaluate(NEXT)  # with no step done
    for number, outline in STEPS.items():
        expect(page.get_by_role("heading", name=outline.question)).to_be_visible()
        settle(page)
        drawn(page)
        choose(page, *PREDICTIONS[number])
        expect(page.locator(".st-key-lesson_home")).to_be_visible()
        expect(page.locator(".st-key-lesson_home")).to_contain_text(outline.take_home)
        settle(page)
        goes_on_from(page, "lesson_picture", choose)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page).to_have_url(re.compile(rf"[?&]said{number}="))
        reads(page, lambda: bar.evaluate(NEXT), place)
        choose(page, "Next")
    for number, asked in enumerate(ten(ROUND, shipped_pairs())[:questions], start=1):
        expect(page.get_by_text(f"Question {number} of {COUNT}")).to_be_visible()
        settle(page)
        options = asked.question.options
        choose(page, *options[: options.index(asked.question.answer) + 1])
        expect(page.get_by_text("Right:")).to_be_visible()
        settle(page)
        goes_on_from(page, "lesson_questions", choose)
        choose(page, "Next question" if number < COUNT else "See all ten")
    addressed(page, "step", str(QUESTIONS))


def test_by_keyboard_alone_to_the_score(page, shipping):
    page.set_viewport_size(WIDE)
    walk(page, shipping.url, by_keys, 2)
    questions = ten(ROUND, shipped_pairs())
    right = "".join(LETTERS[asked.question.options.index(asked.question.answer)] for asked in questions)
    addressed(page, "answers", right[:2])
    # the other questions are asked in the same way: a link brings all but the last
    opened(page, shipping.url, f"step={QUESTIONS}&round={ROUND}&answers={right[:-1]}&question={COUNT}")
    last = questions[-1].question
    assert last.text.startswith("The study in step 7 trained ")
    by_keys(page, *last.options[: last.options.index(last.answer) + 1])
    expect(page.get_by_text("Right:")).to_be_visible()
    settle(page)
    by_keys(page, "See all ten")
    expect(page.get_by_text(f"{COUNT} of {COUNT} right.")).to_be_visible()
    page.reload()  # another session: all of it is in the address
    settle(page)
    expect(page.get_by_text(f"{COUNT} of {COUNT} right.")).to_be_visible()


def test_by_touch_on_a_phone_to_the_second_question(phone, shipping):
    walk(phone, shipping.url, by_touch, 1)
    expect(phone.get_by_text(f"Question 2 of {COUNT}, 1 of 1 right so far")).to_be_visible()
