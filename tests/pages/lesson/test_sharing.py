"""Step 3 of the lesson: cells that were chosen, what is said of them, and how many means."""

from __future__ import annotations

import json

import numpy as np
import pytest
import streamlit as st

from core.lesson.order import STEPS
from core.lesson.sharing import ASKED, MARKED, SHAPE, Answer, answer_to_text, compare
from core.normalization import set_index
from pages.parts.shared.tensor_view import chosen_by_hand
from tests.pages.conftest import texts


def right(norm, **answer):
    """An answer that chooses all cells that share, as text."""
    index = set_index(norm, SHAPE, 2)
    chosen = index == index[MARKED]
    chosen[MARKED] = False
    return answer_to_text(Answer(chosen, **answer))


def parameter(app, name):
    """One value of the address; the test driver hands out some as a list."""
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def picture(app):
    """What the picture was given to draw."""
    [found] = [c.proto for c in app.get("bidi_component") if c.key == "lesson_tensor3"]
    return json.loads(found.json)


def labels(app):
    return [button.label for button in app.button]


def test_while_it_is_asked_no_set_is_shown(open_page):
    app = open_page("lesson", step="3")
    drawn = picture(app)
    assert drawn["secret"]
    assert drawn["choice"] == {"task": "bn", "chosen": "0" * 96, "marks": None}
    assert drawn["pinned"] == list(MARKED)
    assert "**BatchNorm**" in texts(app)
    assert "every image" not in texts(app)


def test_the_whole_step_norm_by_norm(open_page):
    app = open_page("lesson", step="3", sharing_bn=right("bn"))
    for norm, cells, means, following in (
        ("bn", 16, 6, "Now LayerNorm (2 of 3)"),
        ("ln", 24, 4, "Now GroupNorm with G = 2 (3 of 3)"),
        ("gn", 12, 8, ""),
    ):
        assert f"**Predict first, {list(ASKED).index(norm) + 1} of 3.** Under" in texts(app)
        assert ("G = 2 groups: each has C/G = 6/2 = 3 neighbouring channels." in texts(app)) == (norm == "gn")
        app.button(key="lesson_check").click().run()
        # the sets stay hidden until it is said how many means there are
        assert picture(app)["secret"]
        found = compare(np.array([c == "1" for c in picture(app)["choice"]["chosen"]]).reshape(SHAPE), norm)
        assert picture(app)["choice"]["marks"] == "".join(str(mark) for mark in found.marks.ravel())
        if norm == "bn":
            assert f"All {cells - 1} found, none too many." in texts(app)
        else:
            assert f"**0 right, {cells - 1} missed, 0 wrong.**" in texts(app)
        assert STEPS[3].take_home not in texts(app)
        app.pills(key=f"lesson_means_{norm}").set_value(means).run()
        assert f"Right: {means}." in texts(app)
        assert f"= {cells} cells, the marked one among them." in texts(app)  # one more than could be found
        assert not picture(app)["secret"]
        if following:
            assert following in labels(app)
            app.button(key="lesson_following").click().run()
    assert parameter(app, "said3") == "done"
    assert STEPS[3].take_home in texts(app)
    # a refresh, and any norm again
    again = open_page("lesson", **{name: parameter(app, name) for name in app.query_params})
    assert texts(again) == texts(app)
    again.segmented_control(key="sharing_choice").set_value("bn").run()
    assert "All 15 found" in texts(again)
    # asked again, all of it is open
    next(button for button in again.button if button.label == "Ask me again").click().run()
    assert picture(again)["choice"] == {"task": "bn", "chosen": "0" * 96, "marks": None}
    assert not [name for name in again.query_params if name.startswith("sharing")]


def test_missed_and_wrong_cells_are_counted(open_page):
    channel = right("bn", checked=True, count=8)
    app = open_page("lesson", step="3", sharing="ln", sharing_ln=channel)
    assert "**3 right, 20 missed, 12 wrong.**" in texts(app)
    assert "You said: 8. **The answer: 4.**" in texts(app)
    assert "Now BatchNorm (1 of 3)" in labels(app)


@pytest.mark.parametrize("norm", ASKED)
def test_without_a_prediction_all_sets_are_shown(open_page, norm):
    app = open_page("lesson", step="3", said3="shown", sharing=norm)
    assert picture(app)["choice"] is None
    assert not picture(app)["secret"]
    assert "missed" not in texts(app)


def test_what_is_no_prediction_leaves_the_address(open_page):
    app = open_page("lesson", step="3", said3="7")
    assert parameter(app, "said3") == "shown"
    assert not picture(app)["secret"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("sharing", "in"), ("sharing_bn", "f" * 24), ("sharing_bn", "00"), ("sharing_gn", ["0" * 24, "0" * 24])],
)
def test_what_the_address_cannot_mean_is_said_and_the_default_shown(open_page, name, value):
    app = open_page("lesson", **{"step": "3", name: value})
    assert len(app.warning) == 1
    assert name in app.warning[0].value
    assert picture(app)["choice"] == {"task": "bn", "chosen": "0" * 96, "marks": None}


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "1" * 96,
        {"task": "ln", "cells": "1" * 96},
        {"task": "bn", "cells": "1" * 95},
        {"task": "bn", "cells": "2" * 96},
        {"task": "bn", "cells": [1] * 96},
        {"task": "bn"},
    ],
)
def test_what_a_browser_cannot_have_chosen_is_no_choice(monkeypatch, sent):
    monkeypatch.setattr(st, "session_state", {"tensor": {"chosen": sent}})
    assert chosen_by_hand("tensor", "bn", SHAPE) is None


def test_what_it_has_chosen_is(monkeypatch):
    monkeypatch.setattr(st, "session_state", {"tensor": {"chosen": {"task": "bn", "cells": "01" * 48}}})
    np.testing.assert_array_equal(chosen_by_hand("tensor", "bn", SHAPE).ravel(), [False, True] * 48)
