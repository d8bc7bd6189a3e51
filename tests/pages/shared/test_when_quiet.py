"""Work that a server does while nobody waits for a page."""

from __future__ import annotations

import threading

import pytest

from pages.parts.shared.when_quiet import WhenQuiet

PATIENCE = 60.0


class Work:
    """Something to do until it is done; ``done`` is set then."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.times = 0

    def __call__(self) -> None:
        self.times += 1
        self.done.set()

    def due(self) -> bool:
        return not self.done.is_set()


@pytest.fixture
def work():
    return Work()


def test_it_is_done_after_a_run_whenever_it_is_due(work):
    quiet = WhenQuiet(work, 0, work.due)
    assert not work.done.is_set()
    for times in (1, 2):
        with quiet.after_this():
            pass
        assert work.done.wait(PATIENCE)
        quiet.thread.join(PATIENCE)
        first = quiet.thread
        with quiet.after_this():
            pass  # not due
        assert (work.times, quiet.thread) == (times, first)
        work.done.clear()


def test_it_waits_for_the_runs_that_go_on(work):
    quiet = WhenQuiet(work, 0, work.due)
    with quiet.after_this():
        with quiet.after_this():
            pass
        assert quiet._timer is None  # the outer one goes on
    assert work.done.wait(PATIENCE)


def test_a_run_that_begins_in_the_quiet_time_begins_it_anew(work):
    quiet = WhenQuiet(work, PATIENCE, work.due)
    with quiet.after_this():
        pass
    first = quiet._timer
    with quiet.after_this():
        assert first.finished.is_set()  # cancelled
        quiet._begin()  # as where it had run out just now
        assert quiet.thread is None
    assert quiet._timer is not first
    quiet._timer.cancel()


def test_it_also_waits_for_a_run_that_a_page_breaks_off(work):
    quiet = WhenQuiet(work, 0, work.due)
    with pytest.raises(RuntimeError), quiet.after_this():
        raise RuntimeError("as st.stop does")
    assert work.done.wait(PATIENCE)


def test_it_is_not_begun_twice_at_once(work):
    going, end = threading.Event(), threading.Event()

    def long() -> None:
        going.set()
        end.wait(PATIENCE)

    quiet = WhenQuiet(long, 0, lambda: True)
    with quiet.after_this():
        pass
    assert going.wait(PATIENCE)
    first, timer = quiet.thread, quiet._timer
    with quiet.after_this():
        pass
    assert (quiet.thread, quiet._timer) == (first, timer)
    end.set()
    first.join(PATIENCE)


def test_it_is_occupied_while_any_page_is_being_run(work):
    quiet = WhenQuiet(work, 0, lambda: False)
    assert not quiet.occupied
    with quiet.after_this():
        with pytest.raises(ZeroDivisionError), quiet.after_this():
            _ = 1 / 0
        assert quiet.occupied
    assert not quiet.occupied
