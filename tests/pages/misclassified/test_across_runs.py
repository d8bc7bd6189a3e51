"""Errors across runs: which combination of runs gets an image wrong, and what seeds and methods share."""

from __future__ import annotations

from tests.pages.conftest import texts
from tests.pages.wrong_page import chart, parameter, press, said_of, save, select, shown_tiles, tiles
from tests.wrong_records import config, predictions, record


def test_the_combinations_have_their_counts(open_page, three):
    app = open_page("misclassified", wrong_runs=three, wrong_view="across runs")
    assert (
        "Test images that are wrong in at least one of 3 runs: 8. **1 is wrong in all 3**; "
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
    (said,) = map(said_of, shown_tiles(app))
    assert said.replace("\u00a0", " ") == "true **5**\n**5**: GN (4) 90.0 %\n**3**: BN 90.0 %, LN 90.0 %"
    select(app, "Show the images").select("100").run()
    assert tiles(app) == ["9", "15", "24"]
    assert parameter(app, "wrong_combination") == ["100"]
    press(app, "wrong_across", 15)
    assert parameter(app, "wrong_image") == ["15"]
    assert "True class **5**" in texts(app)


def test_an_impossible_combination_is_explained(open_page, three):
    app = open_page("misclassified", wrong_runs=three, wrong_view="across runs", wrong_combination="<b>")
    assert r"wrong_combination = '\<b\>'" in texts(app)
    assert tiles(app) == ["4"]


def test_nothing_in_common_is_said(open_page):
    ids = save(record(config("bn"), predictions({1: 2})), record(config("ln"), predictions({2: 3})))
    app = open_page("misclassified", wrong_runs=ids, wrong_view="across runs")
    assert "**None are wrong in both**; 1 only in BN and 1 only in LN." in texts(app)
    assert "No test image is wrong in both." in texts(app)
    assert tiles(app) == []


def test_one_run_is_told_to_choose_a_second(open_page, three):
    app = open_page("misclassified", wrong_runs=three[:1], wrong_view="across runs")
    assert "Test images that are wrong in BN: **6** of 60. Choose a second run to compare." in texts(app)
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
    assert "2 methods: 2. **None are wrong in both**; 1 only in BN and 1 only in LN." in texts(every)
    union = open_page("misclassified", wrong_runs=ids, wrong_view="across runs", wrong_sets="methods, any seed")
    assert "2 methods: 3. **1 is wrong in both**; 2 only in BN and 0 only in LN." in texts(union)


def test_runs_of_another_test_set_are_left_out_by_name(open_page, three):
    ids = save(record(config("in"), predictions({1: 2}, mark="cd")))
    app = open_page("misclassified", wrong_runs=[*three, *ids], wrong_view="across runs")
    assert "Left out, since it was tested on other images: IN." in texts(app)
    assert "3 runs" in texts(app)
