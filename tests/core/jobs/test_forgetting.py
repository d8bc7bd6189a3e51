"""A session's work leaves the server, and nobody else's does."""

from __future__ import annotations

import pytest

from core.config import RunConfig
from core.jobs.forgetting import Held, about, forget, held, in_words
from core.jobs.queue import RaceRegistry
from core.records.owners import Deleted, Owners
from core.records.record import RunSummary
from core.training.loop import train
from tests.core.jobs.test_queue import config, ended


@pytest.fixture
def owners(store) -> Owners:
    return Owners(store)


@pytest.fixture
def shared(store, owners, few):
    """A queue that trains at once."""
    registry = RaceRegistry(store, lambda name, progress: (few, ""), threads=1, owners=owners)
    yield registry
    registry.close()


def ids(store) -> set[str]:
    return {name for name, _ in store.signature()}


def test_one_session_is_forgotten_and_the_other_stays(shared, store, owners):
    mine, yours = [config(seed=0), config(seed=1)], [config(seed=2)]
    first, second = shared.submit(mine, "me"), shared.submit(yours, "you")
    ended(shared, first)
    ended(shared, second)
    assert owners.of("me") == {c.run_id for c in mine}
    assert owners.of("you") == {c.run_id for c in yours}
    jobs, deleted, still_stops = forget(shared, owners, "me")
    assert [job.race_id for job in jobs] == [first]
    assert set(deleted.records) == {c.run_id for c in mine}
    assert (deleted.shared, still_stops) == ((), False)
    assert ids(store) == owners.of("you") == {c.run_id for c in yours}
    assert shared.snapshot(first) is None
    assert shared.snapshot(second).status == "complete"
    assert forget(shared, owners, "me") == ([], Deleted({}, ()), False)


def test_nobody_is_no_session(shared, store, owners):
    race = shared.submit([config()])
    ended(shared, race)
    assert shared.known("") == {}
    assert forget(shared, owners, "") == ([], Deleted({}, ()), False)
    assert ids(store) == {config().run_id}


def test_what_runs_and_waits_is_stopped_first(store, owners, few, gate):
    registry = RaceRegistry(store, lambda name, progress: (few, ""), threads=1, start=gate, owners=owners)
    running = registry.submit([config(seed=0)], "me")
    gate.wait()
    waiting = registry.submit([config(seed=1)], "me")
    other = registry.submit([config(seed=2)], "you")
    left = RunSummary(config=config(seed=0), status="running", parameters=1)
    owners.writer("me").save(left)  # as it would after an epoch
    # held at its start, it cannot end: what waits is gone, and what runs is still known, its record included
    jobs, deleted, still_stops = forget(registry, owners, "me", seconds=0)
    assert deleted == Deleted({}, ())
    assert ids(store) == {left.run_id}
    assert [job.race_id for job in jobs] == [waiting]
    assert still_stops
    assert registry.snapshot(running).stopping
    assert registry.snapshot(waiting) is None
    for _ in range(3):
        gate.go.release()
    ended(registry, running)
    jobs, _, still_stops = forget(registry, owners, "me")
    assert [job.race_id for job in jobs] == [running]
    assert not still_stops
    ended(registry, other)
    assert ids(store) == owners.of("you") == {config(seed=2).run_id}
    registry.close()


def test_a_race_that_runs_is_ended_and_its_epochs_go_with_it(store, owners, few):
    seen = []

    def start(run: RunConfig, data, **given):
        seen.append(run.seed)
        return train(run, data, **given)

    registry = RaceRegistry(store, lambda name, progress: (few, ""), threads=1, start=start, owners=owners)
    race = registry.submit([config(seed=0, epochs=50)], "me")
    while not owners.of("me"):  # an epoch is on disk
        assert not registry.snapshot(race).ended
    forget(registry, owners, "me")
    assert registry.busy() == 0
    assert ids(store) == owners.of("me") == frozenset()
    registry.close()
    assert ids(store) == set()  # and nothing was written afterwards


def test_in_words():
    there = Held(races=2, trainings=1, records=1, uploads=3)
    assert about(there) == (
        "This server holds 2 races, one training of the lab, one record of a run and 3 uploads of this session."
    )
    assert about(Held()) == "This server holds nothing of this session."
    assert in_words(there, Deleted({}, ("a" * 16,)), False) == (
        "Forgotten: 2 races, one training of the lab, one record of a run and 3 uploads. "
        "One record stays, since another session has trained the same run."
    )
    assert in_words(Held(), Deleted({}, ("a", "b")), True) == (
        "There was nothing of this session to forget. "
        "2 records stay, since other sessions have trained the same runs. "
        "Some of it is still being stopped; forget it in a moment."
    )
    assert held([], 2, 0).things() == "2 records of runs"
