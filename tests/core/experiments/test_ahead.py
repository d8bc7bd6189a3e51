"""Positions measured ahead: only while nothing else is to be done, few, and none that nobody will ask for."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest

from core.experiments import light_live
from core.experiments.ahead import MOST, Ahead
from core.experiments.light_live import light_table, predicted, predicted_anew
from core.experiments.positions import Positions
from core.experiments.shifts import Shift
from core.jobs.queue import RaceRegistry
from core.training.loop import train
from tests.core.experiments.study import as_mnist
from tests.core.jobs.test_queue import config
from tests.core.mirror import PATIENCE


class Slow:
    """A measure whose every position takes a second by its clock, and ends when it may."""

    def __init__(self) -> None:
        self.measured: list[int] = []
        self.began = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.positions = Positions(self._measure, 50, clock=itertools.count().__next__)
        self.go.release()
        self.positions.at(0)
        self.began.acquire()

    def _measure(self, at: int) -> int:
        self.measured.append(at)
        self.began.release()
        assert self.go.acquire(timeout=PATIENCE)
        return at

    def wait(self) -> None:
        assert self.began.acquire(timeout=PATIENCE)


@pytest.fixture
def slow():
    return Slow()


@pytest.fixture
def registry(few):
    registry = RaceRegistry(load=lambda name, progress: (few, ""), threads=1)
    yield registry
    registry.close()


def ahead_of(registry, **given) -> Ahead:
    return Ahead(registry, given.pop("occupied", lambda: False), short=given.pop("short", lambda: False))


def settle(registry) -> None:
    """Wait until the thread of the jobs has nothing to do."""
    registry._worker.submit(lambda: None).result(PATIENCE)


def test_a_neighbour_is_then_there_with_the_value_of_a_plain_measure_and_no_network_has_changed(registry, digits):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(light_live, "TESTS", 50)
        table = light_table(as_mnist(digits))
    before = {name: {k: v.clone() for k, v in net.state_dict().items()} for name, net in table.networks.items()}
    measured = []

    def measure(contrast):
        measured.append(contrast)
        shift = Shift(contrast=contrast)
        return {**predicted(table, shift), "new": predicted_anew(table, shift, 8)}

    positions = Positions(measure, 10, clock=itertools.count().__next__)
    positions.at(0.3)
    ahead_of(registry).want([(positions, at) for at in [0.25, 0.2]])
    settle(registry)
    assert measured == [0.3, 0.25, 0.2]
    plain = {**predicted(table, Shift(contrast=0.2)), "new": predicted_anew(table, Shift(contrast=0.2), 8)}
    found = positions.at(0.2)
    assert measured == [0.3, 0.25, 0.2]  # from what is kept
    assert list(found) == list(plain)
    for name, answers in plain.items():
        np.testing.assert_array_equal(found[name], answers)
    for name, net in table.networks.items():
        assert net.state_dict().keys() == before[name].keys()
        for key, value in net.state_dict().items():
            assert value.equal(before[name][key]), (name, key)


def test_who_asks_for_what_is_being_measured_ahead_gets_that(registry, slow):
    ahead_of(registry).want([(slow.positions, at) for at in [1]])
    slow.wait()
    slow.go.release()
    assert slow.positions.at(1) == 1
    assert slow.measured == [0, 1]


def test_few_wait_and_what_is_known_is_left_out(registry, slow):
    ahead = ahead_of(registry)
    ahead.want([(slow.positions, at) for at in [0, 1, 1, 2]])
    slow.wait()
    for at in range(3, 30):
        ahead.want([(slow.positions, at) for at in [at]])
    for _ in range(30):
        slow.go.release()
    settle(registry)
    assert slow.measured == [0, *range(1, MOST + 2)]  # one is being measured, and so many wait


def test_what_takes_no_time_is_not_measured_ahead(registry):
    measured = []
    times = itertools.cycle((0.0, 0.04))
    first, second = (Positions(measured.append, 5, clock=times.__next__) for _ in range(2))
    first.at(0)
    second.at(0)
    ahead = ahead_of(registry)
    ahead.want([(first, 1)])
    ahead.want([(first, 0), (second, 2)])  # the first is known
    settle(registry)
    assert measured == [0, 0]
    ahead.want([(first, 3), (second, 4)])  # together they take 0.08 seconds
    settle(registry)
    assert measured == [0, 0, 3, 4]


def test_a_visitor_who_asks_for_something_else_drops_it(registry, slow):
    ahead = ahead_of(registry)
    ahead.want([(slow.positions, at) for at in [1, 2, 3]])
    slow.wait()
    ahead.drop()
    slow.go.release()
    settle(registry)
    assert slow.measured == [0, 1]
    slow.go.release()
    ahead.want([(slow.positions, at) for at in [4]])  # and it goes on afterwards
    settle(registry)
    assert slow.measured == [0, 1, 4]


def test_nothing_begins_while_a_page_is_being_run(registry, slow):
    looked, occupied = threading.Semaphore(0), [True]

    def page_runs():
        looked.release()
        return occupied[0]

    for _ in range(2):
        slow.go.release()
    ahead_of(registry, occupied=page_runs).want([(slow.positions, at) for at in [1, 2]])
    for _ in range(3):
        assert looked.acquire(timeout=PATIENCE)
    assert slow.measured == [0]
    occupied[0] = False
    settle(registry)
    assert slow.measured == [0, 1, 2]


def test_nothing_begins_where_memory_is_short(registry, slow):
    ahead_of(registry, short=lambda: True).want([(slow.positions, at) for at in [1]])
    settle(registry)
    assert slow.measured == [0]


def test_a_race_waits_for_one_position_at_most_and_none_is_measured_meanwhile(slow, few, store):
    came, go = threading.Event(), threading.Event()

    def start(config, data, **given):
        came.set()
        assert go.wait(PATIENCE)
        return train(config, data, **given)

    registry = RaceRegistry(store, lambda name, progress: (few, ""), threads=1, start=start)
    ahead = ahead_of(registry)
    ahead.want([(slow.positions, at) for at in [1, 2, 3]])
    slow.wait()
    race = registry.submit([config()])
    slow.go.release()
    assert came.wait(PATIENCE)
    ahead.want([(slow.positions, at) for at in [4]])
    assert slow.measured == [0, 1]
    registry.cancel(race)
    go.set()
    settle(registry)
    assert slow.measured == [0, 1]
    slow.go.release()
    ahead.want([(slow.positions, at) for at in [5]])
    settle(registry)
    assert slow.measured == [0, 1, 5]
    registry.close()


def test_the_end_waits_for_what_is_being_measured_and_drops_the_rest(registry, slow):
    ahead = ahead_of(registry)
    ahead.want([(slow.positions, at) for at in [1, 2, 3]])
    slow.wait()
    closing = threading.Thread(target=registry.close)
    closing.start()
    while registry.idle:
        pass
    assert closing.is_alive()  # one is inside torch
    slow.go.release()
    closing.join(PATIENCE)
    assert not closing.is_alive()
    assert slow.measured == [0, 1]
    ahead.want([(slow.positions, at) for at in [4]])
    assert slow.measured == [0, 1]
    assert [t.name for t in threading.enumerate() if t.name.startswith("normlens")] == []


def test_a_position_that_cannot_be_measured_does_not_stop_the_others(registry):
    def measure(at):
        if at == 1:
            raise ValueError("no such position")
        return at

    positions = Positions(measure, 5, clock=itertools.count().__next__)
    positions.at(0)
    ahead_of(registry).want([(positions, at) for at in [1, 2]])
    settle(registry)
    assert (1 in positions, 2 in positions) == (False, True)
