"""Step 2 of the lesson: six numbers, what was done to them, and what the address says of them."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.lesson.numbers import CHANGES, ONE_MOVED, START
from core.lesson.order import STEPS
from tests.pages.conftest import texts


def picture(app):
    """What the picture was given to draw."""
    [found] = [c.proto for c in app.get("bidi_component") if c.key == "lesson_tensor2"]
    return json.loads(found.json)


def parameter(app, name):
    """One value of the address; the test driver hands out some as a list."""
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def numbers(app):
    return np.frombuffer(base64.b64decode(picture(app)["values"]), dtype="<f4").tolist()


def test_before_the_prediction_the_numbers_can_be_moved_and_nothing_is_said(open_page):
    app = open_page("lesson", step="2")
    drawn = picture(app)
    assert numbers(app) == list(START)
    assert (drawn["mean"], drawn["var"], drawn["lines"], drawn["editable"]) == ([6], [16], 2, True)
    assert "1.44" not in texts(app)
    assert STEPS[2].take_home not in texts(app)


def test_the_reveal_moves_one_number_and_says_by_how_much_the_others_follow(open_page):
    app = open_page("lesson", step="2", said2="3")
    assert numbers(app) == list(CHANGES[ONE_MOVED].numbers)
    said = texts(app)
    assert "Right: moving one of them far away." in said
    # 13 goes from (13 - 6) / 4 to (13 - 10) / sqrt(96)
    assert "σ grows from 4 to 9.80, and the x̂ of the others change by up to **1.44**" in said
    assert STEPS[2].take_home in said
    assert "Ask me again" in [button.label for button in app.button]


@pytest.mark.parametrize(("said", "outcome"), [("1", "You said: doubling all six."), ("shown", "")])
def test_a_wrong_prediction_is_answered_and_none_is_not(open_page, said, outcome):
    shown = texts(open_page("lesson", step="2", said2=said))
    assert ("You said" in shown) == bool(outcome)
    assert outcome in shown


def test_formula_and_torch_speak_of_the_chosen_number(open_page):
    app = open_page("lesson", step="2", said2="3", changed="4_9_1_6_13_3.5", number="6")
    theirs = functional.layer_norm(torch.tensor([4, 9, 1, 6, 13, 3.5], dtype=torch.float64), (6,))[5]
    assert f"(torch:\N{NO-BREAK SPACE}{theirs:.5f}; ε guards" in texts(app)
    mean = (4 + 9 + 1 + 6 + 13 + 3.5) / 6
    assert rf"= {theirs:.5f}$".replace("-", "−") in texts(app)
    assert rf"\frac{{3.5 - {mean:.5g}}}" in texts(app)
    assert picture(app)["pinned"] == [0, 0, 0, 5]


def test_gamma_and_beta_undo_it(open_page):
    app = open_page("lesson", step="2", said2="3", changed="4_9_1_6_13_3", number="5")
    assert picture(app)["gamma"] == [1]
    app.toggle(key="lesson_undo").set_value(True).run()
    assert parameter(app, "undo") == "true"
    drawn = picture(app)
    assert (drawn["gamma"], drawn["beta"]) == ([pytest.approx((16 + 1e-5) ** 0.5)], [6])
    assert "(torch:\N{NO-BREAK SPACE}13.00000)" in texts(app)


def test_each_change_is_shown_and_kept(open_page):
    app = open_page("lesson", step="2", said2="3")
    for place, (name, expected) in enumerate(
        [("Before", START), ("Doubled", (8, 18, 2, 12, 26, 6)), ("10 more", (14, 19, 11, 16, 23, 13))]
    ):
        assert CHANGES[place].name == name
        app.segmented_control(key="lesson_change").set_value(place).run()
        assert numbers(app) == list(expected)
        again = open_page("lesson", step="2", said2="3", changed=parameter(app, "changed"))
        assert numbers(again) == list(expected)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("changed", "1_2_3"),
        ("changed", ""),
        ("changed", ["1_2_3_4_5_6", "6_5_4_3_2_1"]),
        ("number", "7"),
        ("undo", "maybe"),
    ],
)
def test_what_the_address_cannot_mean_is_said_and_the_default_shown(open_page, name, value):
    app = open_page("lesson", **{"step": "2", "said2": "2", name: value})
    assert len(app.warning) == 1
    assert name in app.warning[0].value
    assert numbers(app) == list(CHANGES[ONE_MOVED].numbers)
    assert name not in app.query_params


def test_what_was_moved_before_the_prediction_is_kept_and_the_reveal_begins_anew(open_page):
    app = open_page("lesson", step="2", numbers="4_9_1_6_13_5")
    assert numbers(app) == [4, 9, 1, 6, 13, 5]
    app.pills(key="lesson_options2").set_value(2).run()
    assert numbers(app) == list(CHANGES[ONE_MOVED].numbers)
    next(button for button in app.button if button.label == "Ask me again").click().run()
    assert numbers(app) == [4, 9, 1, 6, 13, 5]


def test_equal_numbers_have_no_traceback(open_page):
    app = open_page("lesson", step="2", said2="2", changed="5_5_5_5_5_5", undo="true")
    assert "(torch:\N{NO-BREAK SPACE}5.00000)" in texts(app)
