"""A folder of runs that is full or cannot be written: a real one, and a race that goes on all the same."""

from __future__ import annotations

import resource
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.jobs.keeping import PROBE_BYTES, can_keep
from core.jobs.queue import RaceRegistry
from core.jobs.race import Race
from core.records.store import RunStore
from core.training.events import EpochDone
from tests.core.jobs.test_race import config, given


@contextmanager
def files_no_larger_than(size):
    """No file of this process gets any larger, as on a disk with no more room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def in_the_way(tmp_path) -> RunStore:
    """A store whose folder cannot be made: there is a file of its name."""
    (tmp_path / "runs").write_text("in the way")
    return RunStore(tmp_path / "runs", keep=60)


def test_a_folder_that_can_be_written_is_made_and_left_empty(tmp_path):
    assert can_keep(tmp_path / "new" / "runs")
    assert list((tmp_path / "new" / "runs").iterdir()) == []


def test_a_file_in_the_place_of_the_folder_or_above_it(in_the_way, caplog):
    assert not can_keep(in_the_way.root)
    assert not can_keep(in_the_way.root / "below")
    assert str(in_the_way.root) in caplog.text  # for whoever runs the server


def test_a_server_starts_all_the_same(in_the_way):
    RaceRegistry(in_the_way).close()


def test_no_room_for_a_record(tmp_path):
    """A folder can be made on a full disk, and an empty file."""
    with files_no_larger_than(PROBE_BYTES - 1):
        assert not can_keep(tmp_path)
    with files_no_larger_than(PROBE_BYTES):
        assert can_keep(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_race_says_before_its_first_batch_that_it_is_not_kept(few, in_the_way):
    seen = []
    race = Race(
        [config(), config("ln")],
        store=in_the_way,
        threads=1,
        public=True,
        on_event=lambda i, event: seen.append([v.kept for v in race.snapshot().variants]),
    )
    last = race.run(given(few))
    assert seen[0] == [False, False]
    assert (last.status, last.message, last.note) == ("complete", "", "")
    assert [(v.status, v.kept, len(v.rows)) for v in last.variants] == [("complete", False, 2)] * 2
    assert in_the_way.root.read_text() == "in the way"


def test_a_disk_that_fills_in_the_middle_and_has_room_again(few, tmp_path):
    """What counts is the record of the last epoch: it is whole."""
    store, seen, full = RunStore(tmp_path / "runs", keep=60), [], files_no_larger_than(10_000)

    def on_event(i, event):
        if isinstance(event, EpochDone):
            seen.append(race.snapshot().variants[0].kept)
            if event.epoch == 1:
                full.__enter__()
            elif event.epoch == 2:
                full.__exit__(None, None, None)

    race = Race([config(epochs=3)], store=store, threads=1, public=True, on_event=on_event)
    last = race.run(given(few))
    assert seen[:2] == [True, False]  # the last record is written a moment after its epoch
    assert last.variants[0].kept
    assert len(store.load(last.variants[0].run_id).epochs) == 3
    assert [path.name for path in store.root.iterdir()] == [last.variants[0].run_id]


def test_where_a_run_must_be_kept_it_fails_in_words(few, tmp_path):
    """On the command line, where nobody looks on and the record is what counts."""
    store = RunStore(Path(tmp_path, "runs"), keep=60)
    with files_no_larger_than(10_000):
        last = Race([config()], store=store, threads=1).run(given(few))
    assert last.status == "failed"
    assert last.message == "training stopped by the system: File too large"
