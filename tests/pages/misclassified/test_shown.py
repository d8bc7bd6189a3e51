"""What the page of errors shows at first, and how it names runs that have not finished or are at chance level."""

from __future__ import annotations

import pytest

from tests.pages.conftest import texts
from tests.pages.wrong_page import BN, LN, save, select
from tests.wrong_records import config, predictions, record


def test_whatever_is_raced_here_the_study_is_shown_and_the_race_by_its_own_link(open_page, shipped, three):
    app = open_page("misclassified")
    assert app.multiselect[0].value == [kept.run_id for kept in shipped[:3]]
    again = shipped[0].changed(images_per_second=1.0)
    save(again)
    app = open_page("misclassified")
    assert app.multiselect[0].value == [kept.run_id for kept in shipped[:3]]
    assert "BN + L1 was trained on this server as well. Shown is the run of the same settings that comes" in texts(app)
    assert open_page("misclassified", wrong_runs=three).multiselect[0].value == three


def test_where_no_study_ships_the_newest_race_is_shown(open_page, three):
    assert open_page("misclassified").multiselect[0].value == [three[0], three[2], three[1]]


@pytest.mark.parametrize(
    ("status", "name", "sentence"),
    [
        ("running", "LN, running", "**LN** is running: shown is its state after 1 of 3 epochs, which is not tested"),
        ("interrupted", "LN, stopped", "**LN** stopped after 1 of 3 epochs."),
        ("diverged", "LN, diverged", "**LN** diverged after 1 of 3 epochs: shown is its state before that"),
    ],
)
def test_a_run_that_has_not_finished_is_named_so_in_every_view(open_page, three, status, name, sentence):
    open_page("misclassified")  # a server that starts takes what says that it runs for stopped
    [unfinished] = save(record(config("ln", epochs=3), predictions(LN)).changed(status=status))
    chosen = [three[0], unfinished]
    each = open_page("misclassified", wrong_runs=chosen)
    assert [s.value for s in each.subheader] == ["BN", name]
    assert f"LN, 3 epochs, {name.removeprefix('LN, ')}" in each.multiselect[0].options
    across = open_page("misclassified", wrong_runs=chosen, wrong_view="across runs")
    assert f"wrong only in {name}: 1" in select(across, "Show the images").options
    confusion = open_page("misclassified", wrong_runs=chosen, wrong_view="confusion", wrong_matrix=unfinished)
    assert select(confusion, "Run").options == ["BN", name]
    one = open_page("misclassified", wrong_runs=chosen, wrong_image="4")
    assert f"BN at 10.0 % and {name} at 10.0 %" in texts(one)
    for app in (each, across, confusion, one):
        assert sentence in texts(app)
    assert sentence not in texts(open_page("misclassified", wrong_runs=three))


def test_methods_that_are_one_run_are_named_as_it_is(open_page):
    ids = save(
        record(config("bn"), predictions({1: 2})),
        record(config("bn", 1), predictions({1: 2})),
        record(config("ln", epochs=3), predictions({3: 4})).changed(status="interrupted"),
    )
    app = open_page("misclassified", wrong_runs=ids, wrong_view="across runs", wrong_sets="methods, every seed")
    assert "wrong only in LN, stopped: 1" in select(app, "Show the images").options


@pytest.mark.parametrize("view", ["each run", "across runs", "confusion"])
def test_a_run_at_chance_level_is_named(open_page, three, view):
    [lost] = save(record(config("none", lr=5.0), predictions(dict.fromkeys(range(60), 3))))
    [warning] = open_page("misclassified", wrong_runs=[*three, lost], wrong_view=view).warning
    # also where its own grid is not among the first that are drawn
    assert warning.value == "**no norm**: At chance level: it predicts one class for nearly every image."
    assert not open_page("misclassified", wrong_runs=three, wrong_view=view).warning


def test_every_picture_says_its_data_set_and_settings(open_page):
    ids = save(record(config("bn", l1=1e-4), predictions(BN)), record(config("ln"), predictions(LN)))
    own = ["1 epoch, batch 64, lr 0.1, seed 0, L1 0.0001", "1 epoch, batch 64, lr 0.1, seed 0"]

    def captions(**parameters):
        return [c.value for c in open_page("misclassified", wrong_runs=ids, **parameters).caption]

    assert [said for said in captions() if said in own] == own  # beside "6 of 60 test images of digits wrong"
    both = "digits, 1 epoch, batch 64, lr 0.1, seed 0; BN + L1: L1 0.0001"
    assert both in captions(wrong_view="across runs")
    assert both in captions(wrong_view="confusion", wrong_minus=ids[1])
    assert both in captions(wrong_image="4")
    assert f"digits, {own[0]}" in captions(wrong_view="confusion")
    assert f"digits, {own[1]}" in captions(wrong_view="confusion", wrong_matrix=ids[1])
