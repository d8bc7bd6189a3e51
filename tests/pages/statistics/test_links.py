"""Addresses of the Statistics page: what they bring back, and what they may not ask for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.data import datasets as data
from core.four_images.networks import WITHOUT_RUNS
from core.four_images.source import Integers
from core.model import layer_shapes
from core.normalization import statistics
from tests.pages.conftest import texts
from tests.pages.statistics.test_statistics import choose, click, counted, drawn, parameter, sets


def test_a_link_brings_back_the_view(open_page):
    link = {
        "stats_norm": "GroupNorm",
        "stats_groups": "3",
        "stats_channels": "3",
        "stats_side": "1",
        "stats_seed": "11",
        "stats_edit": "0_50~7_-2.5",
        "stats_cell": "2.2.1.1",
    }
    app = open_page("statistics", **link)
    assert not app.warning
    x = Integers(3, 1, 11, ((0, 50.0), (7, -2.5))).batch("gn", 3)
    expected = statistics(x, "gn", 3)
    np.testing.assert_allclose(sets(app)["mean μ"], expected.mean)
    assert "lies in set **5**" in texts(app)
    assert drawn(app)["names"][4] == "image 2, group 2"
    assert parameter(app, "stats_edit") == "0_50~7_-2.5"
    assert parameter(app, "stats_cell") == "2.2.1.1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stats_norm", "WeightNorm"),
        ("stats_source", "<script>"),
        ("stats_groups", "4"),
        ("stats_channels", "17"),
        ("stats_images", "0"),
        ("stats_images", "9"),
        ("stats_side", "7"),
        ("stats_eps", "0.5"),
        ("stats_eps", "-1e-5"),
        ("stats_count_n", "0"),
        ("stats_count_c", "4097"),
        ("stats_count_g", "x"),
        ("stats_side", "0"),
        ("stats_seed", "-1"),
        ("stats_seed", "1e3"),
        ("stats_layer", "../../etc"),
        ("stats_layer", "0"),
        ("stats_layer", "2: 16 × 14 × 14"),
        ("stats_image1", "x"),
        ("stats_cell", "9.9.9.9"),
        ("stats_gamma", "99"),
        ("stats_momentum", "nan"),
        ("stats_tab", "Nowhere"),
        ("stats_mode", "testing"),
        ("stats_split", "each cell"),
        ("stats_batches", "201"),
        ("stats_replaced", "0"),
        ("stats_seed", "inf"),
        ("stats_seed", "1e999"),
    ],
)
def test_a_parameter_out_of_range_gets_a_sentence_and_the_default(open_page, name, value):
    app = open_page("statistics", **{name: value})
    assert len(app.warning) == 1
    assert repr(value) in app.warning[0].value.replace("\\", "")
    assert counted(app)["GroupNorm"] == "8"


def test_what_the_chosen_data_and_layer_do_not_have_is_said(open_page, no_mnist):
    app = open_page("statistics", stats_source="Real images", stats_image2="9999")
    assert [w.value for w in app.warning] == ["The link asks for test image 9999; mnist-small has 0 to 999."]
    channels, _, _ = layer_shapes(WITHOUT_RUNS)[4]  # more than the second layer has
    asked = {"stats_source": "Real images", "stats_norm": "GroupNorm", "stats_groups": str(channels)}
    app = open_page("statistics", **asked)
    assert f"stats_groups = '{channels}'" in app.warning[0].value
    app = open_page("statistics", **asked, stats_layer="5")
    assert not app.warning
    assert counted(app)["GroupNorm"] == str(4 * channels)


@pytest.mark.parametrize("value", ["inf", "-1e999", "9" * 5000])
def test_an_image_that_is_no_number_is_said(open_page, no_mnist, value):
    first = open_page("statistics", stats_source="Real images").number_input(key="stats_image1").value
    app = open_page("statistics", stats_source="Real images", stats_image1=value)
    assert "stats_image1 = '" in app.warning[0].value
    assert app.number_input(key="stats_image1").value == first
    app.number_input(key="stats_image1").set_value(3).run()
    assert not app.exception
    assert app.number_input(key="stats_image1").value == 3
    assert app.number_input(key="stats_image1").proto.query_param_key == "stats_image1"
    assert "stats_image1" not in app.query_params  # the browser writes the new one; the bad one is gone


def test_edits_in_a_link_that_make_no_sense(open_page):
    app = open_page("statistics", stats_edit="0_5~999_1~x")
    (warning,) = app.warning
    assert warning.value.replace("\\", "") == (
        "2 edited numbers in the link were left out: '999_1': there is no cell '999' among 96; "
        "'x': there is no cell 'x' among 96."
    )
    assert parameter(app, "stats_edit") == "0_5"


def test_edits_in_a_link_may_have_a_comma_and_the_minus_of_the_page(open_page):
    app = open_page("statistics", stats_edit="0_\N{MINUS SIGN}2,5~1_1 000")
    assert not app.warning
    assert parameter(app, "stats_edit") == "0_-2.5~1_1000"
    x = Integers(edits=((0, -2.5), (1, 1000))).batch("bn", 1)
    np.testing.assert_allclose(sets(app)["mean μ"], statistics(x, "bn").mean)


def test_edits_survive_a_look_at_another_source(open_page):
    app = open_page("statistics", stats_edit="0_50")
    before = sets(app)["mean μ"].tolist()
    app = choose(app, "stats_source", "Two layers")
    app = choose(app, "stats_source", "Small integers")
    assert sets(app)["mean μ"].tolist() == before
    app = choose(app, "stats_channels", 2)
    assert "stats_edit" not in app.query_params


def test_a_shape_that_the_groups_do_not_divide_says_what_becomes_of_them(open_page):
    app = open_page("statistics", stats_norm="GroupNorm", stats_groups="3")
    assert not app.toast
    app = choose(app, "stats_channels", 4)
    assert [toast.value for toast in app.toast] == ["G = 3 does not divide 4 channels, so G is 2 now."]
    assert "each image has one mean for each of its 2 groups of 2 channels." in texts(app)
    app = choose(choose(app, "stats_norm", "BatchNorm"), "stats_channels", 5)
    assert not app.toast  # there it changes nothing that is shown
    assert "for its one group of 5 channels." in texts(choose(app, "stats_norm", "GroupNorm"))
    assert "each of its 5 groups of 1 channel." in texts(
        open_page("statistics", stats_norm="GroupNorm", stats_groups="5", stats_channels="5")
    )


def test_a_link_brings_back_what_buttons_counted(open_page):
    app = open_page("statistics", stats_tab="Training and inference", stats_batches="3")
    assert "channel 1, 3 batches seen: 0.90 · " in texts(app)
    app = open_page("statistics", stats_tab="Who influences whom?", stats_replaced="50")
    assert "replacement 50;" in texts(app)
    assert parameter(app, "stats_replaced") == "50"
    assert "replacement 1;" in texts(click(app, "Replace image 4"))
    assert "stats_replaced" not in app.query_params


def test_a_pinned_cell_that_the_shape_does_not_have_is_the_first(open_page):
    app = open_page("statistics", stats_cell="4.6.2.2")
    assert parameter(app, "stats_cell") == "4.6.2.2"
    app.session_state["stats_cell"] = (3, 5, 1, 8)  # as a browser could send it
    app.run()
    assert not app.exception
    assert not app.warning
    assert "stats_cell" not in app.query_params
    assert "The pinned cell lies in set **1**" in texts(app)


def test_what_a_link_says_does_not_act_as_markdown(open_page):
    app = open_page("statistics", stats_edit="![](//x.io/a.png)", stats_cell="[a](//evil.co)")
    said = [w.value for w in app.warning]
    assert len(said) == 2
    assert any(r"\[a\]\(\/\/evil.co\)" in sentence for sentence in said)
    assert any(r"!\[\]\(\/\/x.io" in sentence for sentence in said)


@pytest.mark.parametrize(
    "parameters",
    [
        {"stats_edit": "9" * 5000 + "_1"},
        {"stats_channels": "0" * 4400 + "6"},
        {"stats_batches": "0" * 4400 + "6", "stats_tab": "Training and inference"},
        {"stats_momentum": "0.001", "stats_tab": "Training and inference"},
    ],
)
def test_numbers_that_nobody_would_write_are_refused(open_page, parameters):
    app = open_page("statistics", **parameters)
    assert len(app.warning) == 1
    assert "m = 0.00" not in texts(app)


def test_groups_stay_in_the_address_under_another_norm(open_page):
    app = open_page("statistics", stats_norm="LayerNorm", stats_groups="3")
    assert counted(app)["GroupNorm"] == "12"
    assert parameter(app, "stats_groups") == "3"
    app = choose(app, "stats_norm", "GroupNorm")
    assert app.select_slider(key="stats_groups").value == 3
    # another shape takes them away, and that is nothing the link asked for
    app = choose(app, "stats_source", "Two layers")
    assert not app.warning


def test_a_race_on_other_data_takes_an_image_away_without_a_word_about_the_link(open_page, no_mnist, monkeypatch):
    app = open_page("statistics", stats_source="Real images", stats_image1="300")
    assert app.number_input(key="stats_image1").value == 300
    full = data.load("mnist-small")
    fewer = replace(full, test_images=full.test_images[:100], test_labels=full.test_labels[:100])
    monkeypatch.setattr("pages.parts.statistics.images.dataset_of", lambda name: (fewer, ""))
    app.run()
    assert not app.exception
    assert not app.warning
    assert app.number_input(key="stats_image1").value < 100
