"""The ten questions on screen: one at a time, the score, the way to a step and back, and what the address holds."""

from __future__ import annotations

import pytest

from core.lesson.order import STEPS
from core.lesson.questions import COUNT, LETTERS, ten
from tests.pages.conftest import texts

ROUND = 3
ASKED = ten(ROUND)
RIGHT = "".join(LETTERS[one.question.options.index(one.question.answer)] for one in ASKED)
WRONG = "".join("b" if letter == "a" else "a" for letter in RIGHT)


def button(app, key: str):
    return next(b for b in app.button if b.key == key)


def has(app, key: str) -> bool:
    return any(b.key == key for b in app.button)


def parameter(app, name: str) -> str:
    value = app.query_params.get(name, "")
    return value if isinstance(value, str) else "".join(value)


def pills(app):
    [found] = [b for b in app.button_group if (b.key or "").startswith("lesson_answer_")]
    return found


def answer(app, place: int, letter: str):
    found = pills(app)
    found.set_value(ASKED[place - 1].question.options[LETTERS.index(letter)]).run()
    assert not app.exception
    return app


def test_a_visit_without_a_round_draws_one_into_its_address(open_page):
    rounds = {parameter(open_page("lesson", step="8"), "round") for _ in range(3)}
    assert all(1 <= int(number) <= 999_999 for number in rounds)
    assert len(rounds) > 1  # of a million, three alike would be one in 10^12


def test_a_right_answer_a_wrong_one_its_step_and_the_way_back(open_page):
    app = open_page("lesson", step="8", round=str(ROUND))
    first, second = ASKED[0].question, ASKED[1].question
    assert f"**1.** {first.text}" in texts(app)
    assert list(pills(app).options) == list(first.options)
    assert not has(app, "lesson_question_next")
    answer(app, 1, RIGHT[0])
    said = texts(app)
    assert f"**Right: {first.answer}.**" in said
    assert first.why in said
    assert not has(app, "lesson_to_step_1")
    assert pills(app).proto.disabled
    button(app, "lesson_question_next").click().run()

    assert f"**2.** {second.text}" in texts(app)
    answer(app, 2, WRONG[1])
    said = texts(app)
    assert f"**The answer: {second.answer}.**" in said
    assert second.why in said
    back = button(app, "lesson_to_step_2")
    assert back.label == f"Step 2: {STEPS[2].question}"
    here = {name: parameter(app, name) for name in ("round", "answers", "question")}
    assert here == {"round": str(ROUND), "answers": RIGHT[0] + WRONG[1], "question": "2"}


def test_the_way_to_a_step_and_back_loses_nothing(open_page):
    # the last wrong answer of a round in which that step is one that stands here
    place = next(i for i, one in enumerate(ASKED, start=1) if one.step == 4)
    answers = RIGHT[: place - 1] + WRONG[place - 1]
    app = open_page("lesson", step="8", round=str(ROUND), answers=answers, question=str(place))
    button(app, f"lesson_to_step_{place}").click().run()
    assert not app.exception
    assert app.title[0].value == "Who depends on whom?"
    assert [parameter(app, name) for name in ("step", "round", "answers")] == ["4", str(ROUND), answers]
    control = next(b for b in app.button_group if b.key == "lesson_steps")
    control.set_value(8).run()
    assert not app.exception
    assert app.title[0].value == "Ten questions"
    assert f"**{place}.** {ASKED[place - 1].question.text}" in texts(app)
    assert f"**The answer: {ASKED[place - 1].question.answer}.**" in texts(app)


def test_ten_lines_with_the_score_and_each_wrong_one_leads_to_its_step(open_page):
    answers = RIGHT[:6] + WRONG[6:]
    app = open_page("lesson", step="8", round=str(ROUND), answers=answers, question="11")
    said = texts(app)
    assert "**6 of 10 right.** Beside each wrong answer is the way back to its step" in said
    for place, one in enumerate(ASKED, start=1):
        icon = ":material/check_circle:" if place <= 6 else ":material/cancel:"
        assert button(app, f"lesson_open_{place}").label == f"{icon} {place}. {one.question.text}"
        assert has(app, f"lesson_to_step_{place}") == (place > 6)
        if place > 6:
            assert button(app, f"lesson_to_step_{place}").label == f"Step {one.step}"
    button(app, "lesson_open_7").click().run()
    assert f"**7.** {ASKED[6].question.text}" in texts(app)
    assert f"**The answer: {ASKED[6].question.answer}.**" in texts(app)
    app = open_page("lesson", step="8", round=str(ROUND), answers=RIGHT, question="11")
    assert "**10 of 10 right.** That is the lesson." in texts(app)
    links = {link.proto.label: link.proto.page for link in app.get("page_link")}
    following = ("Race the norms yourself", "See where they part", "Read the study")
    assert [links[label] for label in following] == ["train", "lab", "compare"]


def test_other_questions_are_another_round_and_the_same_again_starts_anew(open_page):
    app = open_page("lesson", step="8", round=str(ROUND), answers=RIGHT, question="11")
    button(app, "lesson_same").click().run()
    assert [parameter(app, name) for name in ("round", "answers", "question")] == [str(ROUND), "", ""]
    assert f"**1.** {ASKED[0].question.text}" in texts(app)
    app = open_page("lesson", step="8", round=str(ROUND), answers=RIGHT, question="11")
    button(app, "lesson_other_questions").click().run()
    assert not app.exception
    assert [parameter(app, name) for name in ("answers", "question")] == ["", ""]
    assert 1 <= int(parameter(app, "round")) <= 999_999
    assert f"**1.** {ten(int(parameter(app, 'round')))[0].question.text}" in texts(app)


@pytest.mark.parametrize(
    "wrong",
    [
        {"answers": "abcdx"},
        {"answers": "d" * COUNT},  # some have fewer options
        {"answers": "a" * (COUNT + 1)},
        {"answers": ["a", "b"]},
        {"question": "12"},
        {"round": "0"},
        {"round": "x"},
    ],
    ids=str,
)
def test_what_cannot_be_is_said_and_left_out(open_page, wrong):
    [name] = wrong
    app = open_page("lesson", step="8", **({"round": str(ROUND)} | wrong))
    assert f"The link asks for {name} = " in app.warning[0].value
    if name == "round":
        assert int(parameter(app, "round")) >= 1
    else:
        assert f"**1.** {ASKED[0].question.text}" in texts(app)


def test_answers_without_their_questions_are_none(open_page):
    app = open_page("lesson", step="8", answers="abc", question="3")
    assert "The link has answers, but does not say to which questions; here are new ones." in app.warning[0].value
    assert parameter(app, "answers") == parameter(app, "question") == ""
    assert "Question 1 of 10" in [element.proto.text for element in app.get("progress")]


def test_a_place_behind_the_answers_is_that_of_the_first_open_one(open_page):
    app = open_page("lesson", step="8", round=str(ROUND), answers=RIGHT[:2], question="9")
    assert f"**3.** {ASKED[2].question.text}" in texts(app)
