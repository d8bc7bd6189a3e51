"""The page of errors: grids, combinations, matrices and single images, on errors that are known."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import parse_qsl

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core import image_view, pictures, runs
from core.layer_images import network_for
from core.record_zip import to_zip
from core.runs import RunStore
from tests.pages.conftest import texts
from tests.wrong_records import config, predictions, record

BN = {4: 9, 14: 9, 24: 9, 5: 3, 15: 3, 9: 4}
GN = {4: 9, 14: 9, 6: 0}
LN = {4: 9, 5: 3, 7: 1}


def save(*records) -> list[str]:
    """Put records where the pages read them; their ids."""
    for kept in records:
        runs.save(kept, RunStore().root)
    return [kept.run_id for kept in records]


@pytest.fixture
def three() -> list[str]:
    """BN, GN (4) and LN with known errors; 4 is wrong in all."""
    return save(
        record(config("bn"), predictions(BN, confidence={4: 0.5, 24: 0.99})),
        record(config("gn", groups=4), predictions(GN)),
        record(config("ln"), predictions(LN)),
    )


def select(app: AppTest, label: str):
    return next(s for s in app.selectbox if s.label == label)


def button(app: AppTest, key: str):
    return next(b for b in app.button if b.key == key)


def parameter(app: AppTest, name: str) -> list[str]:
    value = app.query_params.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def tiles(app: AppTest) -> list[str]:
    """The test images that are shown, by the buttons that open them."""
    return [b.label.removeprefix("Image ") for b in app.button if (b.key or "").startswith("wrong_open_")]


def chart(app: AppTest, number: int = 0) -> dict:
    return json.loads(app.get("plotly_chart")[number].proto.spec)


def test_three_runs_are_shown_at_a_glance(open_page, three):
    app = open_page("misclassified", wrong_runs=three)
    assert [s.value for s in app.subheader] == ["BN", "GN (4)", "LN"]
    assert tiles(app) == ["24", "5", "9", "14", "15", "4", "4", "6", "14", "4", "5", "7"]
    said = texts(app)
    assert "6 of 60 test images of digits wrong, 90.00 % right. These are all 6." in said
    assert "these counts do not rank the methods" in said
    assert not app.get("pagination")


def test_the_orders_reach_the_grid(open_page, three):
    by_class = open_page("misclassified", wrong_runs=three[:1], wrong_order="by class")
    assert tiles(by_class) == ["24", "14", "4", "5", "15", "9"]
    by_pair = open_page("misclassified", wrong_runs=three[:1], wrong_order="by pair")
    assert tiles(by_pair) == ["24", "14", "4", "5", "15", "9"]
    first = open_page("misclassified", wrong_runs=three[:1], wrong_order="first")
    assert tiles(first) == ["4", "5", "9", "14", "15", "24"]


@pytest.fixture
def many() -> list[str]:
    """One run with 23 errors and one with 4."""
    return save(
        record(config("bn"), predictions({i: (i + 1) % 10 for i in range(23)})),
        record(config("ln"), predictions({i: (i + 1) % 10 for i in range(4)})),
    )


def test_the_pages_go_through_all_errors_and_stand_in_the_address(open_page, many):
    app = open_page("misclassified", wrong_runs=many, wrong_order="first")
    assert tiles(app) == [*map(str, range(10)), *map(str, range(4))]
    app.get("pagination")[0].set_value(3).run()
    assert tiles(app) == ["20", "21", "22"]
    assert "Here are 21 to 23." in texts(app)
    assert "They end on page 1." in texts(app)
    assert parameter(app, "wrong_page") == ["3"]
    # another order starts at its beginning
    next(c for c in app.segmented_control if c.key == "wrong_order").set_value("confident").run()
    assert app.get("pagination")[0].value == 1
    assert parameter(app, "wrong_page") == []


def test_a_link_brings_a_page_back_and_one_beyond_the_last_is_explained(open_page, many):
    app = open_page("misclassified", wrong_runs=many, wrong_order="first", wrong_page="2")
    assert tiles(app) == [str(i) for i in range(10, 20)]
    assert not app.warning
    app = open_page("misclassified", wrong_runs=many, wrong_order="first", wrong_page="99")
    assert tiles(app) == ["20", "21", "22"]
    assert "The link asks for page '99'; there are 3. Page 3 is shown instead." in texts(app)
    for garbage in ("0", "-1", "x", "1e3"):
        app = open_page("misclassified", wrong_runs=many, wrong_order="first", wrong_page=garbage)
        assert tiles(app)[:10] == [str(i) for i in range(10)], garbage
        assert "Page 1 is shown instead." in texts(app)


@pytest.fixture
def offered(monkeypatch) -> list:
    """The functions behind the download buttons, as the server calls them: in a thread without a session."""
    found = []
    monkeypatch.setattr(st, "download_button", lambda label, data, **_: found.append((label, data)))
    return found


def in_a_thread(make):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(make).result()


def test_the_png_is_the_page_that_is_shown(open_page, many, monkeypatch, offered):
    drawn = []
    monkeypatch.setattr(pictures, "grid_png", lambda *given, **named: drawn.append((given, named)) or b"png")
    open_page("misclassified", wrong_runs=many[:1], wrong_order="first", wrong_page="2")
    assert not drawn  # on demand only
    [(label, make)] = offered
    assert label == "This grid as PNG"
    assert in_a_thread(make) == b"png"
    [((kept, positions, classes), named)] = drawn
    assert kept.run_id == many[0]
    assert kept.predictions.wrong_index[positions].tolist() == list(range(10, 20))
    assert classes == tuple("0123456789")
    assert named == {"order": "first", "name": "BN", "detail": "page 2 of 3"}


def test_the_png_of_an_upload_is_made_from_the_upload(open_page, offered):
    kept = record(config("bn"), predictions(BN))
    save(record(config("bn"), predictions({i: (i + 1) % 10 for i in range(23)})))  # the server's, of the same id
    app = open_page("compare")
    app.file_uploader[0].set_value([("mine.zip", to_zip(kept), "application/zip")]).run()
    offered.clear()
    app.switch_page("app_pages/misclassified.py").run()
    assert not app.exception
    [(_, make)] = offered
    order = pictures.ranked(kept.predictions, "confident")
    assert in_a_thread(make) == pictures.grid_png(
        kept, order, tuple("0123456789"), order="confident", name="BN", detail=""
    )


def test_a_run_that_the_address_names_twice_is_shown_once(open_page, three):
    app = open_page("misclassified", wrong_runs=[three[0], three[0]])
    assert [s.value for s in app.subheader] == ["BN"]
    assert parameter(app, "wrong_runs") == three[:1]


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e999", "-1", "x"])
def test_a_draw_that_is_no_number_leaves_the_address(open_page, three, value):
    app = open_page("misclassified", wrong_runs=three, wrong_order="random", wrong_seed=value)
    assert f"wrong_seed = '{value}', which is not possible here" in texts(app)
    [draw] = app.number_input
    assert draw.value == 0
    draw.set_value(5).run()
    assert not app.exception
    assert app.number_input[0].value == 5
    assert app.number_input[0].proto.query_param_key == "wrong_seed"
    assert parameter(app, "wrong_seed") == []  # the browser writes the new one; the bad one is gone
    shuffled = tiles(app)
    assert tiles(open_page("misclassified", wrong_runs=three, wrong_order="random", wrong_seed="5")) == shuffled


def test_what_a_link_says_does_not_act_as_markdown(open_page, three):
    app = open_page("misclassified", wrong_runs=three, wrong_view="![](https://a.example/x)", wrong_image="[a](b)")
    said = texts(app)
    assert r"wrong_view = '!\[\]\(https:\/\/a.example\/x\)', which is not possible here" in said
    assert r"wrong_image = '\[a\]\(b\)', which is not possible here" in said


def test_a_grid_that_is_not_there_is_said(open_page):
    ids = save(*(record(config("bn", seed), predictions({seed: 9})) for seed in range(4)))
    app = open_page("misclassified", wrong_runs=ids, wrong_shown="nobody")
    assert "wrong_shown = 'nobody', which is not possible here" in texts(app)
    assert [s.value for s in app.subheader] == ["BN, seed 0", "BN, seed 1", "BN, seed 2"]


def test_a_choice_whose_words_change_is_told_to_the_browser(open_page, three):
    """The browser sends names, and those of a kind of error hold a count that another run changes."""
    app = open_page("misclassified", wrong_runs=three, wrong_view="confusion")
    select(app, "Show below").select("4-9").run()
    select(app, "Run").select(three[2]).run()
    box = select(app, "Show below")
    assert box.value == "4-9"
    assert box.options[1:] == ["true 4, predicted 9: 1", "true 5, predicted 3: 1", "true 7, predicted 1: 1"]
    assert box.proto.set_value
    assert app.multiselect[0].proto.set_value
    assert tiles(app) == ["4"]


def test_of_many_runs_three_are_drawn_and_others_on_demand(open_page):
    ids = save(*(record(config("bn", seed), predictions({seed: 9})) for seed in range(12)))
    app = open_page("misclassified", wrong_runs=ids)
    assert [s.value for s in app.subheader] == ["BN, seed 0", "BN, seed 1", "BN, seed 2"]
    pills = next(g for g in app.get("button_group") if g.key == "wrong_shown_choice")
    pills.set_value([ids[11]]).run()
    assert [s.value for s in app.subheader] == ["BN, seed 11"]
    assert parameter(app, "wrong_shown") == [ids[11]]
    again = open_page("misclassified", wrong_runs=ids, wrong_shown=ids[4])
    assert [s.value for s in again.subheader] == ["BN, seed 4"]


def test_the_combinations_have_their_counts(open_page, three):
    app = open_page("misclassified", wrong_runs=three, wrong_view="across runs")
    assert (
        "Of 8 test images that are wrong in at least one of 3 runs, **1 is wrong in all 3**; "
        "3 only in BN, 1 only in GN (4) and 1 only in LN." in texts(app)
    )
    assert select(app, "Show the images").options == [
        "wrong in all 3: 1",
        "wrong only in BN: 3",
        "wrong only in GN (4): 1",
        "wrong only in LN: 1",
        "wrong in all but LN: 1",
        "wrong in all but GN (4): 1",
    ]
    assert tiles(app) == ["4"]
    bars = chart(app)["data"][0]
    assert dict(zip((c[0] for c in bars["customdata"]), bars["y"], strict=True)) == {
        "111": 1,
        "100": 3,
        "010": 1,
        "001": 1,
        "110": 1,
        "101": 1,
    }
    # |BN and GN| / |BN or GN| = 2 / 7, BN and LN 2 / 7, GN and LN 1 / 5
    assert f"Two runs share **{100 * (2 / 7 + 2 / 7 + 1 / 5) / 3:.0f} %**" in texts(app)


def test_a_combination_shows_its_images_with_every_runs_answer(open_page, three):
    app = open_page("misclassified", wrong_runs=three, wrong_view="across runs", wrong_combination="101")
    assert tiles(app) == ["5"]
    (said,) = [m.value for m in app.markdown if m.value.startswith("true ")]
    assert said.replace("\u00a0", " ") == "true **5**  \n**5**: GN (4) 90 %  \n**3**: BN 90 %, LN 90 %"
    select(app, "Show the images").select("100").run()
    assert tiles(app) == ["9", "15", "24"]
    assert parameter(app, "wrong_combination") == ["100"]


def test_an_impossible_combination_is_explained(open_page, three):
    app = open_page("misclassified", wrong_runs=three, wrong_view="across runs", wrong_combination="<b>")
    assert r"wrong_combination = '\<b\>'" in texts(app)
    assert tiles(app) == ["4"]


def test_nothing_in_common_is_said(open_page):
    ids = save(record(config("bn"), predictions({1: 2})), record(config("ln"), predictions({2: 3})))
    app = open_page("misclassified", wrong_runs=ids, wrong_view="across runs")
    assert "**none are wrong in both**; 1 only in BN and 1 only in LN." in texts(app)
    assert "No test image is wrong in both." in texts(app)
    assert tiles(app) == []


def test_nobody_errs(open_page):
    ids = save(record(config("bn"), predictions({})), record(config("ln"), predictions({})))
    for view in ("each run", "across runs", "confusion"):
        app = open_page("misclassified", wrong_runs=ids, wrong_view=view)
        assert not app.exception
        assert app.success, view


def test_one_run_is_told_to_choose_a_second(open_page, three):
    app = open_page("misclassified", wrong_runs=three[:1], wrong_view="across runs")
    assert "**6** of 60 test images are wrong in BN. Choose a second run to compare." in texts(app)
    assert tiles(app) == ["4", "5", "9", "14", "15", "24"]


def test_seeds_of_a_method_are_taken_together(open_page):
    ids = save(
        record(config("bn"), predictions({1: 2, 3: 4})),
        record(config("bn", 1), predictions({1: 2, 5: 6})),
        record(config("ln"), predictions({3: 4})),
    )
    app = open_page("misclassified", wrong_runs=ids, wrong_view="across runs")
    # BN's seeds share 1 of 3; seed 0 and LN 1 of 2, seed 1 and LN 0 of 3
    assert "Two seeds of one method share **33 %** of the images that either gets wrong, two methods **25 %**" in texts(
        app
    )
    every = open_page("misclassified", wrong_runs=ids, wrong_view="across runs", wrong_sets="methods, every seed")
    assert "2 methods, **none are wrong in both**; 1 only in BN and 1 only in LN." in texts(every)
    union = open_page("misclassified", wrong_runs=ids, wrong_view="across runs", wrong_sets="methods, any seed")
    assert "2 methods, **1 is wrong in both**; 2 only in BN and 0 only in LN." in texts(union)


def test_runs_of_another_test_set_are_left_out_by_name(open_page, three):
    ids = save(record(config("in"), predictions({1: 2}, mark="cd")))
    app = open_page("misclassified", wrong_runs=[*three, *ids], wrong_view="across runs")
    assert "Left out, since it was tested on other images: IN." in texts(app)
    assert "3 runs" in texts(app)


def test_a_record_that_only_claims_the_test_set_is_left_out(open_page, three):
    found = predictions(BN)
    few = replace(
        found,
        true=found.true[:20],
        predicted=found.predicted[:20],
        confidence=found.confidence[:20],
        wrong_index=found.wrong_index[:5],
        wrong_image=found.wrong_image[:5],
        wrong_probabilities=found.wrong_probabilities[:5],
    )
    ids = save(record(config("in"), few))
    for view in ("each run", "across runs", "confusion"):
        app = open_page("misclassified", wrong_runs=[*three, *ids], wrong_view=view, wrong_image="24")
        assert "wrong in 3 of 3 runs." in texts(app)
    app = open_page("misclassified", wrong_runs=[*three, *ids], wrong_view="across runs")
    assert "Left out, since it was tested on other images: IN." in texts(app)


def test_a_run_without_predictions_is_named(open_page, three):
    bare = replace(record(config("in"), predictions(BN)), predictions=None, weights=None, status="interrupted")
    ids = save(bare)
    for view in ("across runs", "confusion"):
        app = open_page("misclassified", wrong_runs=[*three, *ids], wrong_view=view)
        assert "Left out, since the record is gone or damaged: IN." in texts(app)
    alone = open_page("misclassified", wrong_runs=ids, wrong_view="confusion")
    assert "gone or damaged" in texts(alone)


def test_the_matrix_filters_the_grid(open_page, three):
    app = open_page("misclassified", wrong_runs=three, wrong_view="confusion")
    assert select(app, "Show below").options == [
        "every kind of error: 6",
        "true 4, predicted 9: 3",
        "true 5, predicted 3: 2",
        "true 9, predicted 4: 1",
    ]
    assert tiles(app) == ["24", "14", "4", "5", "15", "9"]
    select(app, "Show below").select("4-9").run()
    assert tiles(app) == ["4", "14", "24"]
    assert parameter(app, "wrong_pair") == ["4-9"]
    table = next(d.value for d in app.dataframe if "True" in d.value)
    assert table.values.tolist() == [["4", "9", 3], ["5", "3", 2], ["9", "4", 1]]
    other = open_page(
        "misclassified", wrong_runs=three, wrong_view="confusion", wrong_matrix=three[2], wrong_pair="7-1"
    )
    assert tiles(other) == ["7"]


def test_the_difference_of_two_matrices(open_page, three):
    app = open_page("misclassified", wrong_runs=three, wrong_view="confusion", wrong_minus=three[2])
    assert "BN gets 3 fewer test images right." in texts(app)
    table = next(d.value for d in app.dataframe if "Difference" in d.value)
    assert table.values.tolist() == [["4", "9", 2], ["5", "3", 1], ["7", "1", -1], ["9", "4", 1]]
    bars = chart(app)["data"][0]
    at = {(y, round(base + 0.5)): text for y, base, text in zip(bars["y"], bars["base"], bars["text"], strict=True)}
    assert at[4, 9] == "+2"
    assert at[7, 1] == "−1"


def test_an_image_opens_under_every_run(open_page, three):
    app = open_page("misclassified", wrong_runs=three)
    button(app, f"wrong_open_{three[0]}_24").click().run()
    assert parameter(app, "wrong_image") == ["24"]
    said = texts(app)
    assert "True class **4**; wrong in 3 of 3 runs." in said
    # untrained weights: every class 10 %, so the first is named
    assert "**0**: BN at 10.0 %, GN (4) at 10.0 % and LN at 10.0 %, leaving 10.0 % to 4." in said
    assert select(app, "Test image").value == 24
    assert select(app, "Test image").options[0] == "image 4, wrong in 3 of 3"
    button(app, "wrong_step_1").click().run()
    assert parameter(app, "wrong_image") == ["4"]  # after the last comes the first
    select(app, "Test image").select(7).run()
    assert parameter(app, "wrong_image") == ["7"]
    assert "True class **7**" in texts(app)


def test_an_image_that_is_right_meanwhile_is_explained(open_page, monkeypatch):
    """A run that still trains saves another epoch while its image is open."""
    ids = save(record(config("bn"), predictions({4: 9})))
    app = open_page("misclassified", wrong_runs=ids, wrong_image="4")
    assert "True class **4**" in texts(app)
    real = image_view.kept_image
    monkeypatch.setattr(image_view, "kept_image", lambda found, index: None)
    st.cache_resource.clear()
    app = open_page("misclassified", wrong_runs=ids, wrong_image="4")
    assert "These runs have changed meanwhile, and none gets this image wrong any more." in texts(app)
    monkeypatch.setattr(image_view, "kept_image", real)


def test_an_upload_of_the_same_id_is_looked_at_itself(open_page):
    ids = save(record(config("bn"), predictions({4: 9})))
    app = open_page("misclassified", wrong_runs=ids, wrong_image="4")
    assert "**0**: BN at 10.0 %" in texts(app)
    mine = record(config("bn"), predictions({4: 9}))
    head = np.zeros_like(mine.weights["head.bias"])
    head[7] = 100
    mine = replace(mine, weights={**mine.weights, "head.bias": head})
    app.switch_page("app_pages/compare.py").run()
    app.file_uploader[0].set_value([("mine.zip", to_zip(mine), "application/zip")]).run()
    app.switch_page("app_pages/misclassified.py")
    app.query_params["wrong_image"] = "4"
    app.run()
    assert not app.exception
    assert "**7**: BN at 100.0 %" in texts(app)


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


def test_the_link_to_statistics_loads_this_image_in_the_network_that_it_names(open_page, trained, record, monkeypatch):
    index = int(record.predictions.wrong_index[2])
    app = open_page("misclassified", wrong_image=str(index))
    link = next(k for k in app.get("page_link") if "mean and variance" in k.proto.label)
    network = network_for("bn", 1, trained, "digits").origin
    assert f"another run than the one chosen here: {network}." in texts(app)

    shown = []
    real = st.image
    monkeypatch.setattr(st, "image", lambda image, *rest, **named: shown.append(image) or real(image, *rest, **named))
    there = open_page("statistics", **dict(parse_qsl(link.proto.query_string)))
    assert f"Network: {network}." in texts(there)
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


def select_labels(app: AppTest) -> set[str]:
    return {s.label for s in app.selectbox}


def test_runs_of_one_data_set_with_other_images_are_told_apart(open_page, three):
    """An upload may say the same data set and bring another one."""
    other = record(config("in"), predictions({1: 2, 4: 9}, mark="cd"))
    save(other)
    app = open_page("misclassified", wrong_runs=[*three, other.run_id], wrong_shown=other.run_id)
    assert tiles(app) == ["1", "4"]
    button(app, f"wrong_open_{other.run_id}_4").click().run()
    assert parameter(app, "wrong_image") == ["4-cdcdcdcd"]
    app = open_page("misclassified", wrong_runs=[*three[:2], other.run_id])
    button(app, f"wrong_open_{other.run_id}_4").click().run()
    assert parameter(app, "wrong_image") == ["4-cdcdcdcd"]
    assert "True class **4**; wrong in 1 of 1 runs." in texts(app)


def test_an_image_of_another_test_set_is_shown_under_the_runs_of_that_set(open_page, three):
    other = record(config("in", validation=True), predictions({1: 2, 4: 9}, mark="cd"))
    save(other)
    app = open_page("misclassified", wrong_runs=[*three, other.run_id], wrong_shown=other.run_id)
    button(app, f"wrong_open_{other.run_id}_4").click().run()
    assert parameter(app, "wrong_image") == ["4-cdcdcdcd"]
    assert "True class **4**; wrong in 1 of 1 runs." in texts(app)


@pytest.mark.parametrize("view", ["each run", "across runs", "confusion", "<b>"])
def test_garbage_in_every_parameter(open_page, three, view):
    names = ("page", "image", "order", "seed", "combination", "matrix", "minus", "pair", "sets", "layers", "shown")
    app = open_page("misclassified", wrong_view=view, **{f"wrong_{name}": "%00'\"<>" for name in names})
    assert not app.exception
    assert app.warning
