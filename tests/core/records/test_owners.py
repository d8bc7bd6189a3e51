"""Whose a record is: each session's own, whoever else writes to the same store."""

from __future__ import annotations

import os

import pytest

from core.config import RunConfig
from core.records.owners import Deleted, Owners
from core.records.record import RecordError, RunSummary
from core.records.store import RunStore
from tests.sizes import PARAMETERS


def plain(seed: int, status: str = "interrupted") -> RunSummary:
    """A run without an epoch: its record is one small file."""
    return RunSummary(config=RunConfig(norm="ln", seed=seed), status=status, parameters=PARAMETERS)


def ids(store: RunStore) -> set[str]:
    return {name for name, _ in store.signature()}


def test_each_session_has_what_its_races_wrote(store):
    owners = Owners(store)
    first, second, third = plain(0), plain(1), plain(2)
    owners.writer("me").save(first)
    owners.writer("you").save(second)
    store.save(third)
    assert owners.of("me") == {first.run_id}
    assert owners.of("you") == {second.run_id}
    assert owners.of("") == owners.of("nobody") == frozenset()
    mark = store.modified(first.run_id)
    assert owners.delete("me") == Deleted({first.run_id: mark}, ())
    assert ids(store) == {second.run_id, third.run_id}
    assert owners.of("me") == frozenset()
    assert owners.delete("me") == Deleted({}, ())
    with pytest.raises(RecordError):
        store.load(first.run_id)


def test_what_another_session_trained_as_well_stays(store):
    owners = Owners(store)
    run, late = plain(0), plain(1)
    owners.writer("you").save(run)
    owners.writer("me").save(run)  # the last word is mine, and the run is yours all the same
    owners.writer("me").save(late)
    path = store.save(late) / "run.json"  # from the command line, of which this server knows nothing
    os.utime(path, ns=(0, store.modified(late.run_id) + 1000))
    assert owners.of("me") == {run.run_id, late.run_id}
    assert owners.delete("me") == Deleted({}, (run.run_id, late.run_id))
    assert ids(store) == {run.run_id, late.run_id}
    assert owners.of("me") == frozenset()
    assert set(owners.delete("you").records) == {run.run_id}
    assert ids(store) == {late.run_id}


def test_a_run_that_did_not_replace_another_one_is_nobodys(store, record):
    owners = Owners(store)
    store.save(record)  # complete, by somebody else
    owners.writer("me").save(record.changed(status="interrupted"))
    assert owners.of("me") == frozenset()
    assert owners.delete("me") == Deleted({}, ())
    assert store.has_complete(record.run_id)


def test_what_still_runs_is_spared_and_what_is_gone_is_not_counted(store):
    owners = Owners(store)
    running, gone = plain(0), plain(1)
    owners.writer("me").save(running)
    owners.writer("me").save(gone)
    store.delete(gone.run_id)
    assert owners.of("me") == {running.run_id}
    assert owners.delete("me", spare={running.run_id}) == Deleted({}, ())
    assert owners.of("me") == ids(store) == {running.run_id}


def test_the_oldest_are_no_longer_known_and_stay_on_disk(store):
    owners = Owners(store, most=2)
    runs = [plain(seed) for seed in range(3)]
    for run in runs:
        owners.writer("me").save(run)
    assert owners.of("me") == {run.run_id for run in runs[1:]}
    owners.delete("me")
    assert ids(store) == {runs[0].run_id}


def test_a_writer_keeps_the_limit_of_its_store(tmp_path):
    store = RunStore(tmp_path / "few", keep=2)
    writer = Owners(store).writer("me")
    for seed in range(3):
        os.utime(writer.save(plain(seed)) / "run.json", ns=(seed, seed))
    assert ids(store) == {plain(1).run_id, plain(2).run_id}


def test_only_a_run_id_names_what_is_deleted(store, tmp_path):
    (tmp_path / "kept").mkdir()
    for name in ("../kept", "kept", "", "0" * 15):
        with pytest.raises(RecordError):
            store.delete(name)
    store.delete("0" * 16)  # nothing there
    assert (tmp_path / "kept").is_dir()
