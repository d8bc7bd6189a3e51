"""Step 7 and the ten questions in a browser, with the study that ships: one screen, by keyboard alone and by touch."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from core.lesson.questions import LETTERS, ten
from core.lesson.situations import SITUATIONS
from tests.browser.axe import serious
from tests.browser.conftest import drawn, settle
from tests.browser.lesson import WIDE, go_to, opened
from tests.browser.one_screen import no_wider, outside
from tests.browser.steady import addressed
from tests.shipped_study import shipped_pairs

HIGHEST = next(row for row in SITUATIONS if row.name == "light")
"""The case with the longest answer."""


def parts(page: Page, *names: str) -> dict:
    return {name: page.locator(f".st-key-{name}") for name in ("lesson_bar", *names)}


def test_the_case_and_the_seeds_by_keyboard_alone(page, shipping):
    page.set_viewport_size(WIDE)
    opened(page, shipping.url, f"step=7&situation={HIGHEST.name}")
    assert not outside(page, parts(page, "lesson_picture", "lesson_words"))
    expect(page.get_by_text("Seed 0 alone says")).to_be_visible()
    go_to(page, *HIGHEST.options[:-1])
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-lesson_home")).to_be_visible()
    settle(page)
    drawn(page)
    expect(page.get_by_text("different orders")).to_be_visible()
    expect(page.get_by_text("What does L1 do to the weights under BN?").first).to_be_visible()
    assert not outside(page, parts(page, "lesson_picture", "lesson_words", "lesson_home"))
    assert not serious(page)


def test_the_case_by_touch_on_one_screen_of_a_phone(phone, shipping):
    wrong = max(HIGHEST.instead, key=len)
    opened(phone, shipping.url, f"step=7&situation={HIGHEST.name}&said7={HIGHEST.options.index(wrong) + 1}")
    assert not outside(phone, parts(phone, "lesson_picture", "lesson_home"))
    no_wider(phone)
    phone.get_by_role("radio", name="3", exact=True).tap()
    expect(phone.get_by_text("Seed 3 alone says")).to_be_visible()
    phone.get_by_role("button", name="Numbers, L1, PyTorch").tap()
    expect(phone.get_by_text("nn.BatchNorm2d(16)").last).to_be_visible()
    expect(phone.get_by_text("What does L1 do to the weights under BN?").last).to_be_visible()


def test_a_question_by_keyboard_and_ten_lines_by_touch_with_the_way_to_a_step(page, phone, shipping):
    page.set_viewport_size(WIDE)
    opened(page, shipping.url, "step=8&round=1")
    asked = ten(1, shipped_pairs())
    first = asked[0].question
    go_to(page, *first.options[:2])
    page.keyboard.press("Enter")
    expect(page.get_by_text(first.why)).to_be_visible()
    settle(page)
    addressed(page, "answers", "b")
    assert not outside(page, parts(page, "lesson_questions"))
    go_to(page, "Next question")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Question 2 of 10")).to_be_visible()

    # all wrong: each line has its way back
    wrong = "".join(LETTERS[one.question.options.index(one.question.answer) == 0] for one in asked)
    opened(phone, shipping.url, f"step=8&round=1&answers={wrong}&question=11")
    expect(phone.get_by_text("0 of 10 right.")).to_be_visible()
    assert not outside(phone, parts(phone, "lesson_questions"))
    no_wider(phone)
    step = next(place for place, one in enumerate(asked, start=1) if one.step == 4)
    phone.locator(f".st-key-lesson_to_step_{step} button").tap()
    expect(phone.get_by_role("heading", name="Who depends on whom?")).to_be_visible()
    addressed(phone, "answers", wrong)
