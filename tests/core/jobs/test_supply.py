"""Data that come slowly, late or not at all: nobody waits for those of others, and whoever does can leave."""

from __future__ import annotations

import threading

import pytest

from core.data import datasets as data
from core.data.download import DataError
from core.jobs.queue import RaceRegistry
from core.jobs.race import Race
from core.jobs.supply import Supply
from core.training.loop import train
from tests.core.jobs.test_queue import config, ended, when
from tests.core.mirror import PATIENCE


@pytest.fixture
def now():
    """The time on the registry's clock, to be moved by hand."""
    return [0.0]


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A folder of data sets with nothing in it."""
    root = tmp_path / "data"
    root.mkdir()
    monkeypatch.setenv(data.DATA_ENV, str(root))
    return root


@pytest.fixture
def registry(store, mirror, empty, now):
    """A registry as the app has it, with the real loader; of MNIST there are 50 training images, at the mirror."""
    registry = RaceRegistry(store, threads=1, clock=lambda: now[0])
    yield registry
    registry.close()


def mnist(**values):
    return [config(**{"dataset": "mnist", "batch_size": 16, **values})]


def downloading(registry, race_id):
    return when(registry, race_id, lambda race: race.downloaded)


def no_thread_of(name):
    """Wait until no thread of this name is left."""
    for thread in threading.enumerate():
        if thread.name.startswith(name):
            thread.join(PATIENCE)
            assert not thread.is_alive()


def test_no_thread_is_left_once_it_is_closed(few):
    for _ in range(100):  # a thread lives a moment longer than what it brings takes to arrive
        supply = Supply(lambda name, progress: (few, ""), clock=lambda: 0.0)
        assert supply.get("digits", lambda received: None, seconds=1, unwanted=lambda: False) == (few, "")
        supply.close(PATIENCE)
        assert "normlens-data" not in [thread.name for thread in threading.enumerate()]


def test_a_race_whose_data_are_at_hand_does_not_wait_behind_a_download(registry, mirror, store):
    with mirror.dripping():
        slow = registry.submit(mnist())
        assert downloading(registry, slow).status == "preparing"
        last = ended(registry, registry.submit([config()]))
        assert (last.status, last.note) == ("complete", "")
        assert registry.snapshot(slow).status == "preparing"
        registry.cancel(slow)
    assert [record.config.dataset for record in store.summaries()[0]] == ["digits"]


@pytest.fixture
def go():
    """Races of ``registry_held`` wait at their start until this is set."""
    return threading.Event()


@pytest.fixture
def registry_held(store, mirror, empty, go):
    """A registry whose first race runs until ``go`` is set."""

    def held(config, data, **given):
        go.wait(PATIENCE)
        return train(config, data, **given)

    registry = RaceRegistry(store, threads=1, start=held)
    yield registry
    go.set()
    registry.close()


def test_who_has_data_overtakes_who_waits_for_them(registry_held, mirror):
    registry = registry_held
    with mirror.dripping():
        slow = registry.submit(mnist(), owner="me")
        downloading(registry, slow)
        first = registry.submit([config()], owner="me")
        when(registry, first, lambda race: race.status == "running")
        second = registry.submit([config(seed=1)], owner="me")
        assert when(registry, second, lambda race: race.status == "queued" and race.position).position == 1
        assert [race.race_id for race in registry.owned("me")] == [first, second, slow]
        registry.cancel(slow)


def test_a_race_is_in_the_queue_only_once_its_data_are_there(registry_held, mirror, monkeypatch):
    """However late its thread comes to ask for them: what it waits for until then is not its turn."""
    registry, late, prepare = registry_held, threading.Event(), Race.prepare
    first = registry.submit([config()])
    when(registry, first, lambda race: race.status == "running")
    monkeypatch.setattr(Race, "prepare", lambda race, load: late.wait(PATIENCE) and prepare(race, load))
    second = registry.submit(mnist())
    asked = registry.snapshot(second)
    late.set()
    assert (asked.status, asked.position) == ("preparing", 0)
    assert when(registry, second, lambda race: race.status == "queued").position == 1


def test_a_download_goes_on_while_another_race_runs(registry_held, mirror, go):
    registry = registry_held
    first = registry.submit([config()])
    when(registry, first, lambda race: race.status == "running")
    second = registry.submit(mnist())
    ready = when(registry, second, lambda race: race.position == 1)
    assert (ready.status, registry.snapshot(first).status) == ("queued", "running")
    assert data.on_disk("mnist")
    go.set()
    assert [ended(registry, race).status for race in (first, second)] == ["complete", "complete"]


def test_stop_leaves_a_download_at_once_and_ends_it(registry, mirror, empty):
    with mirror.dripping() as hung_up:
        race = registry.submit(mnist())
        downloading(registry, race)
        registry.cancel(race)
        last = registry.snapshot(race)
        assert (last.status, last.message) == ("interrupted", "stopped before it began")
        assert registry.busy() == 0
        assert hung_up.wait(PATIENCE)
    no_thread_of("normlens-data")
    assert list(empty.iterdir()) == []
    assert registry.snapshot(race) == last


def test_two_races_share_a_download_and_one_may_leave_it(registry, mirror):
    files = dict(mirror.files)
    go = threading.Event()

    def once_told(handler, name):
        body = files[name]
        handler.send(body[:10], len(body))
        handler.wfile.flush()
        go.wait(PATIENCE)
        handler.wfile.write(body[10:])
        return True

    mirror.answer = once_told
    one, two = registry.submit(mnist()), registry.submit(mnist(seed=1))
    for race in (one, two):
        assert downloading(registry, race).downloaded == 10
    registry.cancel(one)
    assert registry.snapshot(one).ended
    go.set()
    last = ended(registry, two)
    assert (last.status, last.note, last.variants[0].config.dataset) == ("complete", "", "mnist")
    assert mirror.asked == list(files)  # each file once


@pytest.mark.parametrize("misbehave", ["dripping", "silent"])
def test_a_race_waits_for_its_data_until_the_deadline_and_goes_on_with_others(registry, mirror, now, misbehave):
    with getattr(mirror, misbehave)():
        race = registry.submit(mnist(batch_size=600))
        when(registry, race, lambda race: mirror.asked)
        now[0] = 599.9
        threading.Event().wait(0.3)  # a few looks
        assert registry.snapshot(race).status == "preparing"
        now[0] = 600.0
        last = ended(registry, race)
    assert (last.status, last.variants[0].config.dataset) == ("complete", "mnist-small")
    assert last.note == (
        "MNIST did not come within 10 minutes. "
        "The race goes on with the data set small MNIST, which comes with the app."
    )


def test_the_deadline_is_the_servers(registry, mirror, now, monkeypatch):
    monkeypatch.setenv("NORMLENS_DATA_MINUTES", "3")
    with mirror.dripping():
        race = registry.submit(mnist(batch_size=600))
        downloading(registry, race)
        now[0] = 180.0
        assert ended(registry, race).note.startswith("MNIST did not come within 3 minutes. ")


def test_what_stands_in_for_others_has_nothing_to_stand_in_for_it():
    go, now = threading.Event(), [0.0]

    def load(name, progress):
        go.wait(PATIENCE)
        return None, ""

    def look(received):
        now[0] += 1

    supply = Supply(load, clock=lambda: now[0])
    with pytest.raises(DataError, match=r"^small MNIST did not come within 0\.05 minutes\.$"):
        supply.get("mnist-small", look, seconds=3, unwanted=lambda: False)
    assert now[0] == 3
    go.set()
    supply.close(PATIENCE)
    with pytest.raises(DataError, match="the server is shutting down"):
        supply.get("mnist-small", look, seconds=3, unwanted=lambda: False)


def test_a_download_that_nobody_wants_is_not_joined(few):
    """Whoever comes after the last one has left gets a new one, not the one that is about to end."""
    came, go = threading.Semaphore(0), threading.Event()
    answers = iter(["first", "second"])

    def load(name, progress):
        answer = next(answers)
        came.release()
        if answer == "first":
            go.wait(PATIENCE)
            progress(1)  # ends it
        return few, answer

    supply = Supply(load, clock=lambda: 0.0)
    with pytest.raises(DataError, match="nobody waits"):
        supply.get("mnist", lambda _: None, seconds=1, unwanted=lambda: came.acquire(timeout=PATIENCE))
    assert supply.get("mnist", lambda _: None, seconds=1, unwanted=lambda: False) == (few, "second")
    go.set()
    supply.close(PATIENCE)
    no_thread_of("normlens-data")
