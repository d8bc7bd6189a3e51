"""One image under every run: the dialog of the page of errors."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

import numpy as np
import pytest
import streamlit as st

from core.four_images.networks import trained_network
from core.misclassified import one_image
from core.records.archive import to_zip
from tests.pages.conftest import texts
from tests.pages.wrong_page import button, parameter, press, save, select, select_labels, tiles
from tests.wrong_records import config, predictions, record


def test_an_image_opens_under_every_run(open_page, three):
    app = open_page("misclassified", wrong_runs=three)
    press(app, f"wrong_grid_{three[0]}", 24)
    assert parameter(app, "wrong_image") == ["24"]
    said = texts(app)
    assert "True class **4**; wrong in 3 of 3 runs." in said
    # untrained weights: every class 10 %, so the first is named
    assert "**0**: BN at 10.0 %, GN (4) at 10.0 % and LN at 10.0 %; the true class 4 gets 10.0 %." in said
    assert select(app, "Test image").value == 24
    assert select(app, "Test image").options[0] == "image 4, wrong in 3 of 3"
    button(app, "wrong_step_1").click().run()
    assert parameter(app, "wrong_image") == ["4"]  # after the last comes the first
    select(app, "Test image").select(7).run()
    assert parameter(app, "wrong_image") == ["7"]
    assert "True class **7**" in texts(app)


@pytest.mark.parametrize("sent", [None, -1, True, "24", 24.0, [24], {"index": 24}])
def test_what_no_button_of_an_image_sends_opens_nothing(open_page, three, sent):
    app = press(open_page("misclassified", wrong_runs=three), f"wrong_grid_{three[0]}", sent)
    assert parameter(app, "wrong_image") == []
    assert not select_labels(app) & {"Test image"}


@pytest.mark.parametrize("sent", [60, 10**30])
def test_an_image_that_there_is_none_of_is_said(open_page, three, sent):
    app = press(open_page("misclassified", wrong_runs=three), f"wrong_grid_{three[0]}", sent)
    assert "which is not possible here" in texts(app) or "there are 0 to 59" in texts(app)
    assert parameter(app, "wrong_image") == []


def test_an_image_that_is_right_meanwhile_is_explained(open_page, monkeypatch):
    """A run that still trains saves another epoch while its image is open."""
    ids = save(record(config("bn"), predictions({4: 9})))
    app = open_page("misclassified", wrong_runs=ids, wrong_image="4")
    assert "True class **4**" in texts(app)
    real = one_image.kept_image
    monkeypatch.setattr(one_image, "kept_image", lambda found, index: None)
    st.cache_resource.clear()
    app = open_page("misclassified", wrong_runs=ids, wrong_image="4")
    assert "These runs have changed meanwhile, and none gets this image wrong any more." in texts(app)
    monkeypatch.setattr(one_image, "kept_image", real)


def test_an_upload_of_the_same_id_is_looked_at_itself(open_page):
    ids = save(record(config("bn"), predictions({4: 9})))
    app = open_page("misclassified", wrong_runs=ids, wrong_image="4")
    assert "**0**: BN at 10.0 %" in texts(app)
    mine = record(config("bn"), predictions({4: 9}))
    head = np.zeros_like(mine.weights["head.bias"])
    head[7] = 100
    mine = replace(mine, weights={**mine.weights, "head.bias": head})
    app.switch_page("pages/compare.py").run()
    app.file_uploader[0].set_value([("mine.zip", to_zip(mine), "application/zip")]).run()
    app.switch_page("pages/misclassified.py")
    app.query_params["wrong_image"] = "4"
    app.run()
    assert not app.exception
    assert "**7**: BN at 100.0 %" in texts(app)
    # Statistics looks into no upload: not into the server's run of that id, either
    link = next(k for k in app.get("page_link") if "mean and variance" in k.proto.label)
    asked = dict(parse_qsl(link.proto.query_string))
    assert asked["stats_data"] == "digits"
    assert "stats_run" not in asked
    assert "in the study's network with this norm: it looks into no uploaded run" in texts(app)


def test_the_probabilities_are_those_of_the_record(open_page, trained, record):
    found = record.predictions
    index = int(found.wrong_index[2])
    app = open_page("misclassified", wrong_image=str(index))
    table = next(d.value for d in app.dataframe if "Run" in d.value)
    (row,) = table.values.tolist()
    assert row[0] == "BN"
    assert row[1] == str(found.predicted[index])
    assert row[2:] == pytest.approx((100 * found.wrong_probabilities[2]).tolist(), abs=1e-2)
    layers = next(d.value for d in app.dataframe if "Mean before" in d.value)
    assert layers["Norm"].tolist() == [1, 2, 3, 4, 5]
    assert (layers["Variance before"] > 0).all()


def moments(app):
    """The table of the layers, in numbers."""
    table = next(d.value for d in app.dataframe if "Mean before" in d.value)
    return (table[f"{name} {place}"].to_numpy() for place in ("before", "after") for name in ("Mean", "Variance"))


def test_the_layers_are_those_of_the_run_that_is_picked(open_page, three):
    """Untrained: BN divides by its running variance, 1, and subtracts its running mean, 0; GN and LN by the image's."""
    app = open_page("misclassified", wrong_runs=three, wrong_image="4")
    mean, var, mean_after, var_after = moments(app)
    np.testing.assert_allclose(mean_after, mean / np.sqrt(1 + 1e-5), rtol=1e-5)
    np.testing.assert_allclose(var_after, var / (1 + 1e-5), rtol=1e-5)
    for run in three[1:]:
        app = open_page("misclassified", wrong_runs=three, wrong_image="4", wrong_layers=run)
        mean, var, mean_after, var_after = moments(app)
        np.testing.assert_allclose(mean_after, 0, atol=1e-6)
        # GN's sets are parts of the image: the variance between its groups is gone
        assert ((var_after > 0.5) & (var_after < 1)).all()
    np.testing.assert_allclose(var_after, var / (var + 1e-5), rtol=1e-4)
    assert select(app, "Under").options == ["BN", "GN (4)", "LN"]


def test_an_image_says_in_how_many_runs_it_is_wrong(open_page, three):
    app = open_page("misclassified", wrong_runs=three, wrong_image="5")
    assert select(app, "Test image").options == [
        f"image {index}, wrong in {runs} of 3"
        for index, runs in ((4, 3), (5, 2), (6, 1), (7, 1), (9, 1), (14, 2), (15, 1), (24, 1))
    ]


def statistics_links(app) -> list[dict[str, str]]:
    """What the links to the Statistics page ask for."""
    links = [k.proto for k in app.get("page_link") if "mean and variance" in k.proto.label]
    return [dict(parse_qsl(link.query_string)) for link in links]


def test_the_link_to_statistics_holds_norm_groups_and_image(open_page):
    ids = save(record(config("gn", groups=8), predictions({4: 9})), record(config("ln"), predictions({4: 9})))
    asked = {"stats_source": "Real images", "stats_image1": "4"}
    of_gn = asked | {"stats_norm": "GroupNorm", "stats_groups": "8", "stats_run": ids[0]}
    assert statistics_links(open_page("misclassified", wrong_runs=ids, wrong_image="4")) == [of_gn]
    app = open_page("misclassified", wrong_runs=ids, wrong_image="4", wrong_layers=ids[1])
    assert statistics_links(app) == [asked | {"stats_norm": "LayerNorm", "stats_run": ids[1]}]


@pytest.mark.parametrize(("groups", "asked"), [(4, {"stats_groups": "4"}), (3, {})])
def test_a_run_of_another_width_is_followed_to_the_studys_network(open_page, groups, asked):
    """Statistics would refuse the run itself; and its groups, where they do not divide the study's channels."""
    ids = save(record(config("gn", groups=groups, width=12), predictions({4: 9})))
    app = open_page("misclassified", wrong_runs=ids, wrong_image="4")
    of_the_study = {"stats_norm": "GroupNorm", "stats_source": "Real images", "stats_image1": "4"}
    assert statistics_links(app) == [of_the_study | {"stats_data": "digits"} | asked]
    assert "in the study's network with this norm: it looks into no uploaded run" in texts(app)


@pytest.mark.parametrize("values", [{"norm": "none"}, {"norm": "bn", "validation": True}])
def test_what_statistics_cannot_show_has_no_link_to_it(open_page, values):
    """No sets, or images that were held out: Statistics shows the test set."""
    ids = save(record(config(**values), predictions({4: 9})), record(config("ln"), predictions({1: 2}, mark="cd")))
    app = open_page("misclassified", wrong_runs=ids, wrong_image="4")
    assert "True class **4**; wrong in 1 of 1 runs." in texts(app)
    assert statistics_links(app) == []


def test_the_link_to_statistics_loads_this_image_in_the_network_that_it_names(open_page, trained, record, monkeypatch):
    index = int(record.predictions.wrong_index[2])
    app = open_page("misclassified", wrong_image=str(index))
    link = next(k for k in app.get("page_link") if "mean and variance" in k.proto.label)
    assert "as image 1 of four, in the network of this run." in texts(app)

    shown = []
    real = st.image
    monkeypatch.setattr(st, "image", lambda image, *rest, **named: shown.append(image) or real(image, *rest, **named))
    there = open_page("statistics", **dict(parse_qsl(link.proto.query_string)))
    assert f"Network: {trained_network(record).origin}, one of the runs that the address names." in texts(there)
    assert not there.warning
    assert next(n for n in there.number_input if n.label == "Image 1").value == index
    np.testing.assert_array_equal(shown[-4], 255 - record.predictions.wrong_image[2])


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("<script>", r"wrong_image = '\<script\>', which is not possible here"),
        ("4-00000000", "wrong_image = '4-00000000', which is not possible here"),
        ("60", "The link asks for test image 60; there are 0 to 59."),
        ("8", "Test image 8 is right under every chosen run"),
    ],
)
def test_an_image_that_cannot_be_shown_is_explained(open_page, three, code, sentence):
    app = open_page("misclassified", wrong_runs=three, wrong_image=code)
    assert sentence in texts(app)
    assert parameter(app, "wrong_image") == []
    assert not select_labels(app) & {"Test image"}


def test_runs_of_one_data_set_with_other_images_are_told_apart(open_page, three):
    """An upload may say the same data set and bring another one."""
    other = record(config("in"), predictions({1: 2, 4: 9}, mark="cd"))
    save(other)
    app = open_page("misclassified", wrong_runs=[*three, other.run_id], wrong_shown=other.run_id)
    assert tiles(app) == ["1", "4"]
    press(app, f"wrong_grid_{other.run_id}", 4)
    assert parameter(app, "wrong_image") == ["4-cdcdcdcd"]
    app = open_page("misclassified", wrong_runs=[*three[:2], other.run_id])
    press(app, f"wrong_grid_{other.run_id}", 4)
    assert parameter(app, "wrong_image") == ["4-cdcdcdcd"]
    assert "True class **4**; wrong in 1 of 1 runs." in texts(app)


def test_an_image_of_another_test_set_is_shown_under_the_runs_of_that_set(open_page, three):
    other = record(config("in", validation=True), predictions({1: 2, 4: 9}, mark="cd"))
    save(other)
    app = open_page("misclassified", wrong_runs=[*three, other.run_id], wrong_shown=other.run_id)
    press(app, f"wrong_grid_{other.run_id}", 4)
    assert parameter(app, "wrong_image") == ["4-cdcdcdcd"]
    assert "True class **4**; wrong in 1 of 1 runs." in texts(app)
