"""Step 1 of the lesson as its page runs it: a real race, found again by its address, and a queue that is full."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from core.catalogue import QUICK
from core.config import RunConfig
from core.jobs.queue import FULL_OF_ONE
from core.lesson import why as core
from core.training.events import BatchDone
from pages.parts.lesson import why
from pages.parts.shared.runtime import registry
from tests.acting import after_events
from tests.pages.conftest import PATIENCE, over, texts, wait


@pytest.fixture
def small(digits, monkeypatch):
    """Digits, as if they were the images that come with the app, for the layers."""
    data = replace(digits, name=QUICK)
    monkeypatch.setattr(why, "load", lambda name: data)
    return data


@pytest.fixture
def held():
    """Races stand still after their first batch until the event is set."""
    go_on = threading.Event()
    registry().start = after_events(
        lambda training, event: go_on.wait(PATIENCE) if isinstance(event, BatchDone) else None
    )
    yield go_on
    go_on.set()


def choose(app, option=2):
    """Predict an option, counted from 0."""
    app.button_group[-1].set_value(option).run()
    assert not app.exception
    return app


def address(app, name):
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def ended(app):
    return any(button.label == "Another seed" for button in app.button)


def test_a_prediction_starts_the_race_and_its_address_finds_it_again(open_page):
    app = open_page("lesson")
    assert why.QUESTION in texts(app)
    assert registry().jobs() == []
    app = wait(over(choose(app)), ended)
    race_id = address(app, "lesson_race")
    race = registry().snapshot(race_id)
    assert core.seed_of(race) == 0
    found = core.outcome(race, 1000)
    assert found.right == 2
    assert found.bn > 850
    asked = "How many does the network without a norm get right?"
    said = f":small[{asked}]\n:material/check_circle: **Right: about as many as by guessing.**"
    assert said in texts(app)
    assert found.in_words() in texts(app)
    again = texts(open_page("lesson", said1="2", lesson_race=race_id))
    wrong = "You said: fewer, but most of them. **The answer: about as many as by guessing.**"
    assert f":small[{asked}]\n:material/cancel: {wrong}" in again
    assert found.in_words() in again
    watching = open_page("lesson", said1="shown", lesson_race=race.watch_id)
    assert found.in_words() in texts(watching)
    assert len(registry().jobs()) == 1


def test_a_link_starts_nothing(open_page):
    app = open_page("lesson", said1="1")
    assert why.NOT_RUN in [info.value for info in app.info]
    assert "Start the race" in [button.label for button in app.button]
    assert registry().jobs() == []


def test_a_race_that_is_none_of_these_is_not_shown(open_page):
    other = registry().submit([RunConfig(norm="bn", dataset="digits", epochs=1)])
    for name in (other, "0123456789abcdef"):
        app = open_page("lesson", said1="1", lesson_race=name)
        assert why.GONE in [info.value for info in app.info]


def test_it_can_be_stopped_and_started_again(open_page, held):
    app = choose(open_page("lesson"))
    assert not ended(app)
    assert why.SAID.format(said="about as many as by guessing") in texts(app)
    first = address(app, "lesson_race")
    # who only watches has nothing to stop it with
    watching = open_page("lesson", said1="1", lesson_race=registry().snapshot(first).watch_id)
    assert "Stop" not in [button.label for button in watching.button]
    next(button for button in app.button if button.label == "Stop").click().run()
    held.set()
    app = wait(app, lambda a: any(b.label == "Start the race" for b in a.button))
    assert why.UNFINISHED in [info.value for info in app.info]
    assert registry().snapshot(first).status == "interrupted"
    next(button for button in app.button if button.label == "Start the race").click().run()
    assert not app.exception
    assert address(app, "lesson_race") != first


def test_the_next_seed_is_another_race(open_page, held):
    held.set()
    race_id = registry().submit(core.race_of(4))
    app = wait(over(open_page("lesson", said1="1", lesson_race=race_id)), ended)
    assert address(app, "lesson_seed") == "4"
    next(button for button in app.button if button.label == "Another seed").click().run()
    assert not app.exception
    assert core.seed_of(registry().snapshot(address(app, "lesson_race"))) == 0


def test_a_full_queue_is_said_and_the_race_of_somebody_else_is_shown(open_page, monkeypatch, held):
    monkeypatch.setenv("NORMLENS_MAX_WAITING", "1")
    first = registry().submit([RunConfig(norm="bn", dataset="digits", epochs=1)], "somebody")
    wait_until(lambda: registry().snapshot(first).status == "running")
    theirs = registry().submit(core.race_of(3), "somebody")
    app = choose(open_page("lesson"))
    assert why.ANOTHER_S.format(reason=FULL_OF_ONE) in [warning.value for warning in app.warning]
    assert address(app, "lesson_race") == registry().snapshot(theirs).watch_id
    registry().cancel(theirs)
    registry().submit([RunConfig(norm="ln", dataset="digits", epochs=1)], "somebody")
    app = choose(open_page("lesson"))
    assert FULL_OF_ONE in [warning.value for warning in app.warning]
    assert "lesson_race" not in app.query_params
    assert why.NOT_RUN in [info.value for info in app.info]


def wait_until(condition):
    gone = threading.Event()
    for _ in range(int(PATIENCE / 0.05)):
        if condition():
            return
        gone.wait(0.05)
    raise AssertionError("still waiting")


@pytest.mark.parametrize(("view", "measure"), [(why.BEFORE, core.at_start), (why.AFTER, core.after_epoch)])
def test_the_layers_are_those_of_the_seed(open_page, small, view, measure):
    app = open_page("lesson", said1="1", lesson_seed="2", lesson_layers=view)
    layers = measure(2, small)
    assert core.layers_said(layers) in texts(app)
    (chart,) = app.get("plotly_chart")
    assert chart.proto.alt == core.layers_alt(layers)


@pytest.mark.parametrize(
    ("name", "value"), [("lesson_layers", "Middle"), ("lesson_seed", "5"), ("lesson_race", "x"), ("lesson_race", "")]
)
def test_what_is_not_possible_is_refused(open_page, name, value):
    app = open_page("lesson", said1="1", **{name: value})
    assert f"The link asks for {name} = '{value}', which is not possible here." in texts(app).replace("\\", "")
    assert why.NOT_RUN in [info.value for info in app.info]
    assert why.WHY in texts(app)
