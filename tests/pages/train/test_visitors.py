"""Several visitors on Train: whose races they are, who may stop one, and who only watches."""

from __future__ import annotations

import threading

import pytest

from core.training.loop import train
from pages.parts.shared.runtime import registry
from tests.pages.conftest import PATIENCE, finished, texts, wait
from tests.pages.train.test_train import _by_label, _race, _start, bars, said
from tests.pages.wrong_page import parameter

WATCH_IT = "A race is running: watch it"
DIGITS = {"train_dataset": "digits", "train_epochs": "1", "train_variants": "1"}


@pytest.fixture
def held():
    """Races wait at their start until this is set."""
    go = threading.Event()

    def start(config, data, **given):
        go.wait(PATIENCE)
        return train(config, data, **given)

    registry().start = start
    yield go
    go.set()


def _labels(app):
    return [button.label for button in app.button]


def _stops(app):
    return [label for label in _labels(app) if label.startswith("Stop")]


def _click(app, label):
    (button,) = _by_label(app.button, label)
    return button.click().run()


def _running(app):
    return wait(app, lambda a: "**Racing.**" in texts(a))


def test_who_watches_sees_the_race_and_has_no_stop(open_page, held):
    starter = _running(_start(open_page("train", **{**DIGITS, "train_variants": "2"})))
    assert _stops(starter) == ["Stop BN + L1", "Stop GN (4)", "Stop all"]
    assert WATCH_IT not in _labels(starter)
    race = registry().snapshot(_race(starter))
    other = open_page("train")
    assert "**Racing.**" not in texts(other)
    _click(other, WATCH_IT)
    assert not other.exception
    assert parameter(other, "train_watch") == [race.watch_id]
    assert "race" not in other.query_params
    told = said(other)
    assert "**Racing.**" in told
    assert "digits: 1 epoch, batch 128, lr 0.1, seed 0" in told
    assert "You are watching" in told
    assert _stops(other) == []
    assert WATCH_IT not in _labels(other)
    assert race.race_id not in told
    assert WATCH_IT not in _labels(open_page("train", race=race.race_id))  # who has the full link sees it already
    # by the link alone it is the same
    by_link = open_page("train", train_watch=race.watch_id)
    assert _stops(by_link) == []
    assert "You are watching" in texts(by_link)
    # back from another page, too
    other.switch_page("pages/home.py").run()
    other.switch_page("pages/train.py").run()
    assert "You are watching" in texts(other)
    held.set()
    finished(other)
    assert "You are watching" not in texts(other)


def test_who_started_it_may_stop_it_by_the_link_for_watching_too(open_page, held):
    app = _running(_start(open_page("train", **DIGITS)))
    race_id = _race(app)
    watch_id = registry().snapshot(race_id).watch_id
    (code,) = app.code
    assert code.value.endswith(f"?train_watch={watch_id}")
    app.query_params.clear()
    app.query_params["train_watch"] = watch_id
    app.run()
    assert _race(app) == race_id
    assert "train_watch" not in app.query_params
    assert _stops(app) == ["Stop all"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ("0123456789abcdef", "does not know that race"),
        ("../x", "train_watch = '..\\/x', which is not possible here"),
        ("", "train_watch = '', which is not possible here"),
        (["0" * 16, "1" * 16], "which is not possible here"),
    ],
)
def test_what_cannot_be_watched_is_said(open_page, values, sentence):
    app = open_page("train", train_watch=values)
    assert sentence in texts(app)
    assert _by_label(app.button, "Start the race")


def test_a_link_with_both_names_shows_the_race_to_control(open_page, held):
    race_id = _race(_running(_start(open_page("train", **DIGITS))))
    app = open_page("train", race=race_id, train_watch="0" * 16)
    assert "The link names a race to control and one to watch; the first is shown." in texts(app)
    assert _race(app) == race_id
    assert "train_watch" not in app.query_params
    assert _stops(app) == ["Stop all"]


def _next(app):
    """Start the next race, and wait until it is in line."""
    _start(app)
    return wait(app, lambda a: "ahead" in texts(a))


def test_three_races_of_one_visitor_are_listed_and_each_can_be_stopped(open_page, held):
    app = _running(_start(open_page("train", **DIGITS)))
    first = _race(app)
    assert "Your other races" not in texts(app)
    ids = [first, _race(_next(app)), _race(_next(app))]
    assert len(set(ids)) == 3
    wait(app, lambda a: "**BN + L1** on digits: waiting, 1 ahead in line" in texts(a))  # once both have their data
    told = texts(app)
    assert "**Your other races**" in told
    assert "**BN + L1** on digits: racing" in told
    _start(app)
    (error,) = app.error
    assert error.value == "2 of yours are waiting already; stop one of them, or start the next one when one runs."
    assert _race(app) == ids[2]
    app.run()
    assert not app.error  # said once
    names = [registry().snapshot(race).watch_id for race in ids]
    app.button(key=f"train_stop_own_{names[1]}").click().run()
    assert registry().snapshot(ids[1]).status == "interrupted"
    assert "ahead" not in texts(open_page("train"))  # nothing of it for others
    app.button(key=f"train_show_{names[0]}").click().run()
    assert _race(app) == first
    wait(app, lambda a: "**BN + L1** on digits: waiting, 1 ahead in line" in texts(a))
    assert not any(b.key == f"train_show_{names[0]}" for b in app.button)


def test_a_full_queue_offers_to_watch(open_page, held, monkeypatch):
    monkeypatch.setenv("NORMLENS_MAX_WAITING", "1")
    _next(_running(_start(open_page("train", **DIGITS))))
    tenth = _start(open_page("train", **DIGITS))
    (error,) = tenth.error
    assert error.value == "Another one is waiting already; try again in a few minutes."
    tenth.button(key="train_watch_instead").click().run()
    assert not tenth.exception
    assert "You are watching" in texts(tenth)
    assert parameter(tenth, "train_watch") == [registry().running()]


def test_another_seed_of_a_race_that_one_watched_is_ones_own(open_page, held):
    race_id = _race(_running(_start(open_page("train", **DIGITS))))
    other = open_page("train", train_watch=registry().snapshot(race_id).watch_id)
    held.set()
    finished(other)
    other.button(key="train_again").click().run()
    assert _race(other) != race_id
    assert "train_watch" not in other.query_params
    finished(other)


def test_a_race_keeps_its_name_when_another_data_set_is_chosen(open_page):
    app = _start(open_page("train", **DIGITS, train_batch_size="64", train_lr="0.05", train_seed="3"))
    finished(app)
    app.selectbox(key="train_dataset").set_value("mnist").run()
    assert "digits: 1 epoch, batch 64, lr 0.05, seed 3" in said(app)
    charts = [chart.proto.json for chart in app.get("bidi_component") if (chart.key or "").endswith("_chart")]
    assert len(charts) == 2
    assert all("on digits" in chart and "digits: 1 epoch, batch 64, lr 0.05, seed 3" in chart for chart in charts)


def test_runs_that_cannot_be_kept_are_told_and_not_linked_to(open_page, monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("NORMLENS_RUNS", str(blocked))
    app = _start(open_page("train", **DIGITS))
    finished(app)
    told = texts(app)
    assert "The server's folder of runs is full or cannot be written" in told
    assert "but not kept (BN + L1)" in told
    assert str(tmp_path) not in told
    assert "Errno" not in told
    assert not any("_runs" in link.proto.query_string for link in app.get("page_link"))
    assert "What L1 did to the weights" not in [e.label for e in app.expander]
    _, ((*_, loss, _, _, _),), _ = bars(app)
    assert float(loss) > 0


def test_a_network_that_guesses_says_so(open_page):
    app = _start(open_page("train", **DIGITS, train_lr="0.01", train_batch_size="1024"))  # two steps
    finished(app)
    (variant,) = registry().snapshot(_race(app)).variants
    assert variant.chance.startswith("At chance level")
    assert f"BN + L1: {variant.chance}" in texts(app)
