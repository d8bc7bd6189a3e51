"""Whose a race is in the queue: how many one session may have waiting, and by which name a race can be stopped."""

from __future__ import annotations

import pytest

from core.jobs.queue import BusyError
from core.jobs.race import Race
from tests.core.jobs.test_queue import config, ended, lined_up


def test_a_session_may_have_two_races_waiting(registry, gate):
    first, *waiting = lined_up(registry, 3, owner="me")
    with pytest.raises(BusyError) as refused:
        registry.submit([config(seed=9)], owner="me")
    assert str(refused.value) == (
        "2 of yours are waiting already; stop one of them, or start the next one when one runs."
    )
    other = registry.submit([config(seed=9)], owner="you")  # another session has its own two
    assert [race.race_id for race in registry.owned("me")] == [first, *waiting]
    assert [race.race_id for race in registry.owned("you")] == [other]
    assert registry.owned("") == registry.owned("nobody") == []
    registry.cancel(waiting[0])
    assert [race.race_id for race in registry.owned("me")] == [first, waiting[1]]
    (again,) = lined_up(registry, 1, first=7, owner="me")
    assert registry.snapshot(again).position == 3


def test_one_race_waiting_is_told_of_as_one(registry, monkeypatch):
    monkeypatch.setenv("NORMLENS_MAX_WAITING_EACH", "1")
    lined_up(registry, 2, owner="me")
    with pytest.raises(BusyError) as refused:
        registry.submit([config(seed=9)], owner="me")
    assert str(refused.value) == "One of yours is waiting already; stop it, or start the next one when it runs."


def test_a_race_can_be_watched_by_a_name_that_does_not_stop_it(registry, gate):
    race_id, waiting = lined_up(registry, 2)
    gate.wait()
    watch_id = registry.snapshot(race_id).watch_id
    assert registry.running() == watch_id
    assert registry.watch(watch_id).race_id == race_id
    assert registry.watch(registry.snapshot(waiting).watch_id).position == 1
    assert registry.watch(race_id) is registry.watch("") is None
    registry.cancel(watch_id)
    assert not registry.snapshot(race_id).stopping
    assert registry.snapshot(watch_id) is None
    for race in (race_id, waiting):
        registry.cancel(race)
    gate.go.release()
    ended(registry, race_id)
    registry.close()
    assert registry.running() == ""


def test_the_two_names_of_a_race_are_drawn_apart(few, monkeypatch):
    drawn = iter(f"{number:016x}" for number in range(4))
    monkeypatch.setattr("core.jobs.race.secrets.token_hex", lambda size: next(drawn) if size == 8 else None)
    names = [(race.race_id, race.watch_id) for race in (Race([config()]), Race([config()]))]
    assert names == [("0" * 16, "0" * 15 + "1"), ("0" * 15 + "2", "0" * 15 + "3")]
