"""Step 4: the norm on the tensor, another image 4, and what it changed."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from core.four_images.source import Integers
from core.lesson.dependence import change
from tests.pages.conftest import texts


def drawn(app) -> dict:
    """What the picture of the tensor was given to draw."""
    [found] = [c.proto for c in app.get("bidi_component") if c.key == "lesson_tensor4"]
    return json.loads(found.json)


def numbers(picture: dict, name: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(picture[name]), dtype="<f4").reshape(picture["shape"])


def test_before_the_prediction_the_batch_is_as_it_was(open_page):
    app = open_page("lesson", step="4")
    picture = drawn(app)
    np.testing.assert_array_equal(numbers(picture, "values"), Integers().numbers)
    assert (picture["old"], picture["tint"], picture["leads"]) == (None, None, "before")
    assert "Under which norms do the normalized numbers of **image 1** change?" in texts(app)
    assert "Take home" not in texts(app)


def test_a_choice_reveals_on_the_tensor_and_stays_in_the_address(open_page):
    app = open_page("lesson", step="4")
    [pills] = [b for b in app.button_group if b.key == "lesson_options4"]
    pills.set_value(2).run()
    assert not app.exception
    assert app.query_params["said4"] in ("3", ["3"])
    said = texts(app)
    assert ":small[Image 4 was replaced: under which norms does image 1 change?]" in said
    assert "You said: under BatchNorm and GroupNorm. **The answer: under BatchNorm alone.**" in said
    assert "Under BatchNorm **72 of the 72** x̂ of images 1 to 3 changed: they share means with image 4." in said
    assert "Largest change of x̂ in image 1: BN 1.44, LN 0 and GN 0." in said
    assert "**Take home.** In training BN makes every image depend" in said
    picture = drawn(app)
    assert (picture["leads"], picture["tintName"]) == ("tint", "change of x̂")
    np.testing.assert_allclose(numbers(picture, "tint"), change(Integers(), "bn", 2, 1).x_hat, atol=1e-6)


@pytest.mark.parametrize(("norm", "sets", "title"), [("ln", 4, "LayerNorm"), ("gn", 8, "GroupNorm")])
def test_the_norm_is_chosen_on_the_tensor(open_page, norm, sets, title):
    app = open_page("lesson", step="4", said4="2", norm4=norm, another="7", cell4="1.2.1.1")
    assert not app.warning
    picture = drawn(app)
    assert len(picture["names"]) == sets
    assert picture["pinned"] == [0, 1, 0, 0]
    assert picture["title"] == f"{title} on four images of whole numbers, in training mode."
    found = change(Integers(), norm, 2, 7)
    np.testing.assert_array_equal(numbers(picture, "values"), found.new)
    np.testing.assert_array_equal(numbers(picture, "old"), found.old)
    np.testing.assert_allclose(numbers(picture, "tint"), found.x_hat, atol=1e-6)
    assert not numbers(picture, "tint")[:3].any()
    assert f"Under {title} **none of the 72** x̂ of images 1 to 3 changed: each set lies within one image." in texts(app)
    [choice] = [b for b in app.button_group if b.key == "norm4_choice"]
    choice.set_value("bn").run()
    assert "norm4" not in app.query_params
    assert len(drawn(app)["names"]) == 6


def test_another_image_comes_with_each_press_and_after_the_last_the_first(open_page):
    app = open_page("lesson", step="4", said4="shown", another="20")
    assert "Right" not in texts(app)
    next(b for b in app.button if b.key == "lesson_another").click().run()
    assert "another" not in app.query_params
    np.testing.assert_array_equal(numbers(drawn(app), "values"), Integers().batch("bn", 1, replaced=1))


def test_what_the_address_cannot_ask_for_is_said_and_left_out(open_page):
    app = open_page("lesson", step="4", said4="9", norm4="in", another="21", cell4="5.1.1.1")
    said = "\n".join(w.value for w in app.warning)
    for wrong in ("norm4 = 'in'", "another = '21'", "cell4 = '5.1.1.1'"):
        assert wrong in said
    assert drawn(app)["pinned"] == [0, 0, 0, 0]
    assert app.query_params["said4"] in ("shown", ["shown"])  # an option that there is none of: it is just shown
