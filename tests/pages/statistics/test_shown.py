"""What each lesson makes of the picture, numbers that are typed into it, and the shapes that it takes."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import streamlit as st

from core.four_images.influence import gradient, running_estimates
from core.four_images.micro_batches import micro_batches
from core.four_images.source import Integers
from core.normalization import EPS, set_name, statistics
from pages.parts.shared.tensor_view import MOST_TYPED, typed_by_hand
from pages.parts.statistics.editor import take_typed
from tests.pages.conftest import texts
from tests.pages.statistics.test_statistics import TABS, choose, counted, drawn, outputs, parameter

COUNT, ARITHMETIC, WHO, RUNNING, HALVES, *OTHERS = TABS
REFUSED = "Expected more than 1 value per channel when training, got input size"


def numbers(picture: dict, name: str) -> np.ndarray:
    """One array of the picture, (N, C, H, W)."""
    return np.frombuffer(base64.b64decode(picture[name]), dtype="<f4").reshape(picture["shape"])


@pytest.mark.parametrize("tab", [COUNT, *OTHERS])
def test_most_lessons_leave_the_batch_as_it_is(open_page, tab):
    picture = drawn(open_page("statistics", stats_tab=tab))
    x = Integers().batch("bn", 1)
    np.testing.assert_array_equal(numbers(picture, "values"), x)
    assert (picture["old"], picture["tint"], picture["running"], picture["eps"]) == (None, None, False, EPS)
    assert (picture["gamma"], picture["beta"]) == ([1] * 6, [0] * 6)
    assert picture["names"] == [set_name("bn", s, x.shape) for s in range(6)]
    assert picture["editable"]


def test_arithmetic_sends_gamma_beta_and_epsilon(open_page):
    link = {"stats_gamma": "2", "stats_beta": "0.5", "stats_eps": "1e-3", "stats_cell": "2.3.1.2"}
    app = open_page("statistics", stats_tab=ARITHMETIC, **link)
    assert not app.warning
    picture = drawn(app)
    assert picture["gamma"] == [1, 1, 2, 1, 1, 1]
    assert picture["beta"] == [0, 0, 0.5, 0, 0, 0]
    assert picture["eps"] == 1e-3


@pytest.mark.parametrize(
    ("text", "x_hat"),
    [("1e-5", "1.291"), ("0.00001", "1.291"), ("1e-05", "1.291"), ("0.001", "0.3086"), ("1e-3", "0.3086")],
)
def test_epsilon_acts_on_nearly_equal_numbers(open_page, text, x_hat):
    link = {"stats_channels": "1", "stats_side": "1", "stats_edit": "0_0~1_0.01~2_0.02~3_0.01", "stats_cell": "3.1.1.1"}
    app = open_page("statistics", stats_tab=ARITHMETIC, stats_eps=text, **link)
    assert not app.warning
    own, theirs = outputs(app)
    assert own.startswith(x_hat)
    assert float(theirs) == pytest.approx(float(x_hat), abs=5e-4)


@pytest.mark.parametrize(("norm", "short"), [("BatchNorm", "bn"), ("GroupNorm", "gn")])
def test_who_influences_whom_sends_old_numbers_and_gradients(open_page, norm, short):
    picture = drawn(open_page("statistics", stats_tab=WHO, stats_norm=norm, stats_replaced="3", stats_cell="1.2.1.1"))
    source = Integers()
    new = source.batch(short, 2, replaced=3)
    np.testing.assert_array_equal(numbers(picture, "old"), source.batch(short, 2))
    np.testing.assert_array_equal(numbers(picture, "values"), new)
    tint = gradient(new, statistics(new, short, 2), (0, 1, 0, 0))
    np.testing.assert_allclose(numbers(picture, "tint"), tint, atol=1e-6)
    assert not picture["editable"]
    assert picture["tintName"] == "∂x̂/∂x"
    assert bool(tint[1:].any()) == (short == "bn")  # only BatchNorm reaches other images


def test_training_shows_the_last_batch_and_inference_the_estimates(open_page):
    app = open_page("statistics", stats_tab=RUNNING, stats_batches="3")
    np.testing.assert_array_equal(numbers(drawn(app), "values"), Integers(seed=2).numbers)
    assert "In training mode the picture shows the last of them, batch 3; in inference mode, batch 1." in texts(app)
    assert not drawn(app)["editable"]  # it is not the batch that can be edited
    app = choose(app, "stats_mode", "inference")
    picture, estimates = drawn(app), running_estimates(Integers(), 3)[-1]
    np.testing.assert_array_equal(numbers(picture, "values"), Integers().numbers)
    assert picture["running"]
    np.testing.assert_allclose(picture["mean"], estimates.mean)
    np.testing.assert_allclose(picture["var"], estimates.var)
    assert "**BatchNorm** (inference): each channel has its **running mean and variance**" in texts(app)
    app = choose(app, "stats_norm", "LayerNorm")
    assert not drawn(app)["running"]
    assert "which keeps nothing from training" in texts(app)


def test_accumulated_gradients_show_the_halves(open_page):
    app = open_page("statistics", stats_tab=HALVES, stats_cell="1.3.1.1")
    picture, x = drawn(app), Integers().batch("bn", 1)
    expected = micro_batches(x, "bn", 1)
    np.testing.assert_allclose(picture["mean"], expected.mean)
    assert (picture["cells"], len(picture["names"])) == (8, 12)
    assert (picture["names"][0], picture["names"][11]) == ("images 1 to 2: channel 1", "images 3 to 4: channel 6")
    [table] = [d.value for d in app.dataframe if "images" in d.value]
    assert list(table["images"]) == ["all", "1 to 2", "3 to 4"]
    assert list(table["cells"]) == [16, 8, 8]
    np.testing.assert_allclose(table["mean μ"], [x[:, 2].mean(), x[:2, 2].mean(), x[2:, 2].mean()])
    assert "**Not for BatchNorm.**" in texts(app)
    # what is said above the picture is of the same sets
    assert (
        "**BatchNorm** (training mode): each channel has one mean, taken over the 2 images of a half, one for each "
        "half. That makes **12 means** and 12 variances, each over 8 cells." in texts(app)
    )
    app = choose(app, "stats_norm", "GroupNorm")
    assert "That makes **8 means** and 8 variances, each over 12 cells." in texts(app)
    np.testing.assert_allclose(drawn(app)["mean"], statistics(x, "gn", 2).mean)
    assert "**For GroupNorm it is**" in texts(app)


def test_halves_of_one_image_are_told_so(open_page):
    said = texts(open_page("statistics", stats_tab=HALVES, stats_images="2"))
    assert "taken over the one image of a half, one for each half. That makes **12 means** and 12 variances" in said


def test_an_odd_batch_has_no_halves(open_page):
    app = open_page("statistics", stats_tab=HALVES, stats_images="3")
    assert "3 images do not make two equal halves" in app.info[0].value


def test_the_calculator_counts_any_tensor(open_page):
    app = open_page("statistics", stats_more="true")
    assert list(counted(app, 1).values()) == ["12", "8", "24", "96", "200", "8"]
    sizes = {"n": "4096", "c": "4096", "h": "1024", "w": "1024", "g": "32"}
    app = open_page("statistics", **{f"stats_count_{name}": size for name, size in sizes.items()})
    assert list(counted(app, 1).values()) == ["4,096", "4,096", "131,072", "16,777,216"]
    app = open_page("statistics", stats_count_g="5")
    assert [w.value for w in app.warning if "5" in w.value and "12" in w.value]


@pytest.mark.parametrize("channels", range(1, 17))
def test_every_number_of_channels_is_drawn(open_page, channels):
    app = open_page("statistics", stats_channels=str(channels))
    assert drawn(app)["shape"] == [4, channels, 2, 2]
    assert counted(app)["BatchNorm"] == str(channels)


@pytest.mark.parametrize("images", [1, 2, 8])
@pytest.mark.parametrize("side", [1, 3, 6])
def test_every_batch_and_size_is_drawn(open_page, images, side):
    app = open_page("statistics", stats_images=str(images), stats_side=str(side))
    assert not app.exception
    np.testing.assert_array_equal(numbers(drawn(app), "values"), Integers(6, side, images=images).numbers)
    assert counted(app)["LayerNorm"] == str(images)
    assert bool(app.warning) == (images == side == 1)


@pytest.mark.parametrize("tab", TABS)
def test_one_image_is_taken_by_every_lesson(open_page, tab):
    app = open_page("statistics", stats_images="1", stats_side="1", stats_tab=tab)
    assert not app.exception
    [warning] = app.warning
    assert "torch's BatchNorm2d refuses this batch in training mode" in warning.value
    assert REFUSED in warning.value.replace("\\", "")
    app = choose(app, "stats_norm", "LayerNorm")
    assert not [w for w in app.warning if "BatchNorm2d" in w.value]


def test_torchs_own_words_are_those_of_the_norm(open_page):
    app = open_page("statistics", stats_side="1", stats_norm="InstanceNorm")
    assert "Expected more than 1 spatial element when training" in app.warning[0].value


GOOD = {"cell": [1, 2, 0, 1], "text": "7,5", "count": 1}


@pytest.mark.parametrize("sent", [None, 7, "1", [], {}, {"numbers": 7}, {"numbers": GOOD}, {"numbers": [GOOD] * 65}])
def test_what_is_sent_as_typed_is_checked(monkeypatch, sent):
    monkeypatch.setattr(st, "session_state", {"picture": {"typed": sent}})
    assert typed_by_hand("picture") == []


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        7,
        {},
        {"cell": [0, 0, 0, 0]},
        {"text": "7"},
        {"cell": [0, 0, 0], "text": "7"},
        {"cell": [0, 0, 0, -1], "text": "7"},
        {"cell": [0, 0, 0, True], "text": "7"},
        {"cell": [0, 0, 0, 10**9], "text": "7"},
        {"cell": "0000", "text": "7"},
        {"cell": [0, 0, 0, 0], "text": 7},
        {"cell": [0, 0, 0, 0], "text": ["7"]},
        {"cell": [0, 0, 0, 0], "text": "7" * (MOST_TYPED + 1)},
    ],
)
def test_each_typed_number_is_checked_and_the_order_kept(monkeypatch, wrong):
    later = {"cell": [0, 0, 0, 0], "text": "2", "count": 3}
    monkeypatch.setattr(st, "session_state", {"picture": {"typed": {"numbers": [GOOD, wrong, later], "count": 3}}})
    assert typed_by_hand("picture") == [((1, 2, 0, 1), "7,5"), ((0, 0, 0, 0), "2")]


@pytest.mark.parametrize(("cell", "text"), [((0, 0, 0, 0), "7,5"), ((3, 5, 1, 1), "-3")])
def test_a_typed_number_is_in_the_picture_and_in_the_address(open_page, cell, text):
    app = open_page("statistics")
    typed(app, cell, text).run()
    x = Integers().numbers.copy()
    x[cell] = float(text.replace(",", "."))
    np.testing.assert_array_equal(numbers(drawn(app), "values"), x)
    np.testing.assert_allclose(drawn(app)["mean"], x.mean(axis=(0, 2, 3)))
    position = np.ravel_multi_index(cell, x.shape)
    assert parameter(app, "stats_edit") == f"{position}_{x[cell]:g}"


@pytest.mark.parametrize(
    ("cell", "text", "reason"),
    [
        ((0, 0, 0, 0), "1-2", "'1-2' is not a number"),
        ((0, 0, 0, 0), "[a](b)", "is not a number"),
        ((0, 0, 0, 0), "inf", "infinity has no mean"),
        ((0, 0, 0, 0), "9999999", "too large"),
        ((0, 0, 0, 0), "", "the cell is empty"),
        ((7, 0, 0, 0), "5", ""),  # a cell of another shape, that was drawn a moment ago
    ],
)
def test_what_cannot_be_used_is_said_and_the_number_stays(open_page, cell, text, reason):
    app = open_page("statistics")
    typed(app, cell, text).run()
    np.testing.assert_array_equal(numbers(drawn(app), "values"), Integers().numbers)
    assert [reason in w.value.replace("\\", "") for w in app.warning] == [True] * bool(reason)
    assert not app.run().warning


def typed(app, cell, text):
    """The visit after ``text`` was typed into ``cell``: the driver has no browser that would send it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(st, "session_state", app.session_state)
        take_typed(cell, text)
    return app
