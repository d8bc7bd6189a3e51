"""What all visitors of a server share: the store, and the races that write to it."""

from __future__ import annotations

from core.records import store as runs
from core.records.store import RunStore
from pages.parts.shared.runtime import registry, store


def test_runs_that_a_server_left_behind_are_no_longer_running_when_they_are_first_listed(record):
    left = runs.save(record.changed(status="running"), RunStore().root)
    assert [run.status for run in store().summaries()[0]] == ["interrupted"]
    assert runs.load(left).message == "the server ended after 2 of 2 epochs"


def test_races_write_to_the_store_that_pages_read():
    assert registry().store is store()
    assert store().keep == 60
