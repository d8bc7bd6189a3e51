"""The imports that a server makes while nobody waits."""

from __future__ import annotations

import threading

import pytest

from pages.parts.shared import collector, warm_up
from pages.parts.shared.warm_up import NEEDED, WarmUp

PATIENCE = 60.0


@pytest.fixture
def work():
    """Something to do once; set when it is done."""
    done = threading.Event()
    done.times = 0

    def once() -> None:
        done.times += 1
        done.set()

    done.once = once
    return done


def test_it_is_done_once_after_the_first_run(work):
    warming = WarmUp(work.once, quiet=0)
    assert not work.is_set()
    with warming.after_this():
        pass
    assert work.wait(PATIENCE)
    warming.thread.join(PATIENCE)
    with warming.after_this():
        pass
    assert work.times == 1


def test_it_waits_for_the_runs_that_go_on(work):
    warming = WarmUp(work.once, quiet=0)
    with warming.after_this():
        with warming.after_this():
            pass
        assert warming._timer is None  # the outer one goes on
    assert work.wait(PATIENCE)


def test_a_run_that_begins_in_the_quiet_time_begins_it_anew(work):
    warming = WarmUp(work.once, quiet=PATIENCE)
    with warming.after_this():
        pass
    first = warming._timer
    with warming.after_this():
        assert first.finished.is_set()  # cancelled
        warming._begin()  # as where it had run out just now
        assert warming.thread is None
    assert warming._timer is not first
    warming._timer.cancel()


def test_it_also_waits_for_a_run_that_a_page_breaks_off(work):
    warming = WarmUp(work.once, quiet=0)
    with pytest.raises(RuntimeError), warming.after_this():
        raise RuntimeError("as st.stop does")
    assert work.wait(PATIENCE)


def test_what_is_brought_is_left_out_of_garbage_collections(monkeypatch):
    brought = []
    monkeypatch.setattr(warm_up.importlib, "import_module", brought.append)
    monkeypatch.setattr(collector, "spare_the_collector", lambda: brought.append("spared"))
    warm_up.bring()
    assert brought == [*NEEDED, "spared"]


def test_it_is_occupied_while_any_page_is_being_run(work):
    warming = WarmUp(work.once, quiet=60)
    assert not warming.occupied
    with warming.after_this():
        with pytest.raises(ZeroDivisionError), warming.after_this():
            _ = 1 / 0
        assert warming.occupied
    assert not warming.occupied
