"""The page of errors: grids, matrices and what a link may ask for, on errors that are known."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import streamlit as st

from core.misclassified.grid import grid_png, ranked
from core.records.archive import to_zip
from pages.parts.misclassified import grids
from tests.pages.conftest import texts
from tests.pages.wrong_page import BN, chart, parameter, save, select, tiles
from tests.wrong_records import config, predictions, record


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
        assert f"wrong_page = '{garbage}', which is not possible here. The default is used instead." in texts(app)


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
    monkeypatch.setattr(grids, "grid_png", lambda *given, **named: drawn.append((given, named)) or b"png")
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
    app.switch_page("pages/misclassified.py").run()
    assert not app.exception
    [(_, make)] = offered
    order = ranked(kept.predictions, "confident")
    assert in_a_thread(make) == grid_png(kept, order, tuple("0123456789"), order="confident", name="BN", detail="")


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


def test_nobody_errs(open_page):
    ids = save(record(config("bn"), predictions({})), record(config("ln"), predictions({})))
    for view in ("each run", "across runs", "confusion"):
        app = open_page("misclassified", wrong_runs=ids, wrong_view=view)
        assert not app.exception
        assert app.success, view


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
    bare = record(config("in"), predictions(BN)).summary.changed(status="interrupted")
    ids = save(bare)
    for view in ("across runs", "confusion"):
        app = open_page("misclassified", wrong_runs=[*three, *ids], wrong_view=view)
        assert "Left out, since the record is gone or damaged: IN, stopped." in texts(app)
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
    assert "Of the test images BN gets 3 fewer right." in texts(app)
    table = next(d.value for d in app.dataframe if "Difference" in d.value)
    assert table.values.tolist() == [["4", "9", 2], ["5", "3", 1], ["7", "1", -1], ["9", "4", 1]]
    bars = chart(app)["data"][0]
    at = {(y, round(base + 0.5)): text for y, base, text in zip(bars["y"], bars["base"], bars["text"], strict=True)}
    assert at[4, 9] == "+2"
    assert at[7, 1] == "−1"


@pytest.mark.parametrize("view", ["each run", "across runs", "confusion", "<b>"])
def test_garbage_in_every_parameter(open_page, three, view):
    names = ("page", "image", "order", "seed", "combination", "matrix", "minus", "pair", "sets", "layers", "shown")
    app = open_page("misclassified", wrong_view=view, **{f"wrong_{name}": "%00'\"<>" for name in names})
    assert not app.exception
    assert app.warning
