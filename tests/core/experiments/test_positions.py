"""Positions of sliders: measured once, kept, and those beside them."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.experiments.positions import GENTLE, Positions, beside
from tests.core.mirror import PATIENCE


def test_a_position_is_measured_once_and_the_last_ones_are_kept():
    measured = []

    def measure(at):
        measured.append(at)
        return 10 * at

    positions = Positions(measure, 2)
    assert [positions.at(at) for at in (1, 2, 1)] == [10, 20, 10]
    assert measured == [1, 2]
    assert positions.at(3) == 30  # 2 has not been asked for the longest time
    assert (1 in positions, 2 in positions, 3 in positions) == (True, False, True)
    assert positions.at(2) == 20
    assert measured == [1, 2, 3, 2]


def test_who_asks_for_what_is_being_measured_waits_for_it():
    began, go, measured = threading.Event(), threading.Event(), []

    def measure(at):
        measured.append(at)
        began.set()
        assert go.wait(PATIENCE)
        return [at]

    positions = Positions(measure, 5)
    with ThreadPoolExecutor(2) as visitors:
        first = visitors.submit(positions.at, 1)
        assert began.wait(PATIENCE)
        assert 1 in positions
        second = visitors.submit(positions.at, 1)
        go.set()
        assert first.result(PATIENCE) is second.result(PATIENCE)
    assert measured == [1]


def test_what_goes_wrong_is_raised_and_tried_again():
    wrong = [True]

    def measure(at):
        if wrong.pop() if wrong else False:
            raise ValueError("no such position")
        return at

    positions = Positions(measure, 5)
    with pytest.raises(ValueError, match="no such position"):
        positions.at(1)
    assert 1 not in positions
    assert positions.at(1) == 1


@pytest.mark.parametrize(
    ("seconds", "median"), [((), 0.0), ((0.05,), 0.05), ((0.5, 0.01, 0.02), 0.02), ((9, 9, 9, 1, 2, 3, 4, 5), 3)]
)
def test_what_a_position_takes_is_the_median_of_the_last_ones(seconds, median):
    times = iter([t for s in seconds for t in (0.0, s)])
    positions = Positions(lambda at: at, 50, clock=lambda: next(times))
    for at in range(len(seconds)):
        positions.at(at)
    assert positions.seconds == median


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has a priority of its own on Linux alone")
def test_only_what_is_measured_gently_has_a_lower_priority():
    def priority(at=None):
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    usual = priority()
    positions = Positions(priority, 5)
    assert positions.at(1, gently=True) == min(19, usual + GENTLE)
    assert positions.at(2) == usual
    assert priority() == usual


AXES = ((1, 2, 3, 4, 5), ("a", "b", "c"))


@pytest.mark.parametrize(
    ("at", "before", "found"),
    [
        ((3, "b"), None, [(4, "b"), (2, "b")]),
        ((3, "b"), (3, "b"), [(4, "b"), (2, "b")]),
        ((3, "b"), (2, "b"), [(4, "b"), (5, "b"), (2, "b")]),
        ((3, "b"), (5, "b"), [(2, "b"), (1, "b"), (4, "b")]),
        ((5, "b"), (4, "b"), [(4, "b")]),
        ((3, "b"), (3, "a"), [(3, "c"), (3, "a")]),
        ((1, "c"), (2, "a"), [(2, "c")]),  # both moved, as a button does that sets all
    ],
)
def test_positions_beside_follow_the_slider_that_moved(at, before, found):
    assert beside(AXES, at, before) == found
