"""Quick forms that a visitor trains on the server: in the race's queue, watched, stopped, and found again."""

from __future__ import annotations

import sys
import threading
import time
import types
from dataclasses import dataclass

import pytest

from core.experiments.experiment import QUICK_SEEDS
from core.experiments.table import QUICK, Done, Table, save
from core.jobs.cores import cores
from core.jobs.words import clock
from pages.parts.shared.runtime import registry
from tests.pages.conftest import PATIENCE, texts, wait
from tests.pages.lab.test_lab import labels, tables  # noqa: F401  # the fixture
from tests.pages.wrong_page import chart, parameter
from tests.toy_experiment import LARGE, SIZES, Toy, experiment, full_table, list_them


@pytest.fixture
def toy():
    return Toy()


@pytest.fixture
def made(monkeypatch, tables, toy):  # noqa: F811
    """One experiment with its table."""
    found = experiment(toy=toy)
    list_them(monkeypatch, found)
    save(full_table(found), tables)
    toy.came.clear()
    return found


@pytest.fixture
def held(toy):
    """Trials of 8 images and more wait, and say again and again how far they are, until this is set."""
    go = threading.Event()

    def act(settings, tell):
        end = time.monotonic() + PATIENCE
        while settings.batch_size > SIZES[0] and not go.is_set():
            assert time.monotonic() < end
            tell(0.5)
            time.sleep(0.002)

    toy.act = act
    yield go
    go.set()


def run(app) -> str:
    (found,) = parameter(app, "lab_run")
    return found


def start(app):
    app.button(key="lab_train").click().run()
    assert not app.exception
    return app


def opened(open_page, **named):
    return open_page("lab", lab_said="3", **named)


def running(app):
    """The training of this page has one trial through and the others at work."""
    return wait(app, lambda a: "**Training.** 1 of 3 trials done." in texts(a))


def test_a_quick_form_runs_to_its_end_and_its_address_finds_it_again(open_page, made, toy):
    app = start(opened(open_page))
    wait(app, lambda a: "**Trained here** in" in texts(a))
    assert chart(app)["data"][0]["y"] == [32.0, 8.0, 2.0]  # 64 / size, of seed 0
    said = texts(app)
    assert "With 32 images the error is 2 %" in said
    assert f"You said: **{LARGE}**. And so it was." in said
    assert "One seed instead of five, on digits." in said
    assert "so there is no verdict here" in said
    assert "Reproduced" not in said
    assert "3 trials on seed 0:" in said
    assert sorted(toy.came) == list(SIZES)
    assert "lab_stop" not in [b.key for b in app.button]
    assert parameter(app, "lab_said") == ["3"]
    again = opened(open_page, lab_run=run(app))
    assert chart(again)["data"][0]["y"] == [32.0, 8.0, 2.0]
    # and back to all seeds
    again.get("button_group")[0].set_value("seeds").run()
    assert not again.exception
    assert chart(again)["data"][0]["y"] == [37.0, 13.0, 7.0]
    assert "**Reproduced.**" in texts(again)
    assert parameter(again, "lab_view") == ["seeds"]


def test_the_picture_grows_while_it_runs_and_it_can_be_stopped_in_the_middle(open_page, made, held, toy):
    app = running(start(opened(open_page)))
    assert chart(app)["data"][0]["y"] == [32.0]
    assert "lab_train" not in [b.key for b in app.button]  # one at a time on a page
    assert "**Reproduced.**" not in texts(app)
    app.button(key="lab_stop").click().run()
    wait(app, lambda a: "**Stopped** after" in texts(a))
    assert ": 1 of 3 trials done." in texts(app)
    assert chart(app)["data"][0]["y"] == [32.0]
    assert not registry().busy()
    assert "lab_train" in [b.key for b in app.button]  # and again


def test_a_second_visitor_waits_for_the_first_and_sees_nothing_of_it(open_page, made, held):
    first = running(start(opened(open_page)))
    second = opened(open_page)
    assert "**Training.**" not in texts(second)
    start(second)
    wait(second, lambda a: "**Waiting.** 1 ahead in line." in texts(a))
    assert run(second) != run(first)
    registry().cancel(run(first))
    running(second)
    # who has the address sees it, and may stop it
    third = opened(open_page, lab_run=run(second))
    assert "**Training.** 1 of 3 trials done." in texts(third)
    held.set()
    wait(second, lambda a: "**Trained here** in" in texts(a))
    wait(third, lambda a: "**Trained here** in" in texts(a))


def test_two_of_a_visitor_wait_at_most_and_a_full_queue_says_so(open_page, made, held, monkeypatch):
    monkeypatch.setenv("NORMLENS_MAX_WAITING", "1")
    running(start(opened(open_page)))
    second = start(opened(open_page))
    wait(second, lambda a: "**Waiting.**" in texts(a))
    third = start(opened(open_page))
    (error,) = third.error
    assert error.value == "Another one is waiting already; try again in a few minutes."
    assert "lab_run" not in third.query_params
    assert chart(third)["data"][0]["y"] == [37.0, 13.0, 7.0]
    third.run()
    assert not third.error  # said once


def test_races_and_trainings_of_one_visitor_count_together(open_page, made, held, monkeypatch):
    monkeypatch.setenv("NORMLENS_MAX_WAITING_EACH", "1")
    running(start(opened(open_page)))
    app = start(opened(open_page))
    wait(app, lambda a: "**Waiting.**" in texts(a))
    app.switch_page("pages/train.py")
    app.query_params.clear()
    app.query_params["train_dataset"] = "digits"
    app.run()
    assert "Your other races" not in texts(app)  # it is none
    next(b for b in app.button if b.label == "Start the race").click().run()
    assert [e.value for e in app.error] == [
        "One of yours is waiting already; stop it, or start the next one when it runs."
    ]


def test_a_training_is_no_race(open_page, made, held):
    app = running(start(opened(open_page)))
    assert "does not know that race" in texts(open_page("train", race=run(app)))
    assert "A race is running: watch it" not in labels(open_page("train"))


def test_a_trial_that_breaks_is_told_without_its_reason(open_page, made, toy, caplog):
    def act(settings, tell):
        raise RuntimeError("secret")

    toy.act = act
    app = start(opened(open_page))
    wait(app, lambda a: a.error)
    assert app.error[0].value == "a trial stopped on an error of the server; its log says more"
    assert "secret" not in texts(app)
    assert "lab_train" in [b.key for b in app.button]


def test_a_training_that_is_gone_is_said(open_page, made):
    app = opened(open_page, lab_run="0" * 16)
    assert "does not know that training any more" in texts(app)
    assert "lab_train" in [b.key for b in app.button]


def test_a_training_of_one_experiment_is_not_shown_as_anothers(open_page, monkeypatch, made, toy):
    app = start(opened(open_page))
    wait(app, lambda a: "**Trained here** in" in texts(a))
    list_them(monkeypatch, made, experiment("other"))
    other = opened(open_page, lab_experiment="other", lab_run=run(app))
    assert "does not know that training any more" in texts(other)


def test_how_long_it_takes_is_told_from_what_was_measured(open_page, made, tables):  # noqa: F811
    assert "Train it here" in labels(opened(open_page))  # nothing measured yet
    units = made.units(QUICK_SEEDS, quick=True)
    shipped = Table("toy", True, {unit.key: Done((), 20.0) for unit in units})
    save(shipped, tables / QUICK)
    each = 60.0 / min(3, cores())
    assert f"Train it here (about {clock(each)})" in labels(opened(open_page))
    app = start(opened(open_page))
    wait(app, lambda a: "**Trained here** in" in texts(a))
    took = registry().job(run(app)).elapsed  # what it took here counts more
    assert f"Train it here (about {clock(took)})" in labels(opened(open_page))
    assert took < each


@dataclass(frozen=True)
class Measured:
    """Settings of what trains nothing."""

    seed: int


@pytest.mark.parametrize("live", [True, False])
def test_what_is_measured_live_and_trains_nothing_has_no_button(open_page, monkeypatch, made, live):
    part = types.SimpleNamespace(PARAMETERS=(), live=lambda: None)
    monkeypatch.setitem(sys.modules, "pages.parts.lab.still", part)
    list_them(
        monkeypatch, experiment("still", trials=lambda seeds, quick: [Measured(seed) for seed in seeds], live=live)
    )
    assert ("lab_train" in [b.key for b in opened(open_page).button]) == (not live)
