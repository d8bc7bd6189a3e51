"""A save that fails or dies in the middle, or meets another, loses no record."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from core.records.store import RunStore, recover
from tests.core.records.test_store import names, partial


def test_a_failed_save_leaves_what_was_there(store, record, monkeypatch):
    store.save(partial(record))

    def full(self, _):
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        store.save(record)
    assert names(store) == [record.run_id]
    assert store.load(record.run_id).status == "interrupted"


def test_a_failed_rename_puts_the_old_record_back(store, record, monkeypatch):
    store.save(partial(record))
    real = Path.rename

    def broken(self, target):
        if self.name.startswith(".new-"):
            raise OSError(5, "Input/output error", str(self))
        return real(self, target)

    monkeypatch.setattr(Path, "rename", broken)
    with pytest.raises(OSError, match="Input/output"):
        store.save(record)
    assert names(store) == [record.run_id]
    assert store.load(record.run_id).status == "interrupted"


class Died(BaseException):
    """The process is gone: nothing after this point runs."""


def test_a_process_that_dies_between_the_renames_loses_nothing(store, record, monkeypatch):
    store.save(partial(record))
    real = Path.rename

    def die(self, target):
        if self.name.startswith(".new-"):
            raise Died
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", die)
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(Died):
            store.save(record)
    assert not (store.root / record.run_id).exists()
    again = RunStore(store.root)
    assert again.load(record.run_id).status == "interrupted"
    leftovers = [name for name in names(store) if name.startswith(".")]
    assert len(leftovers) == 1  # the unfinished one, too young to tell from another process at work
    os.utime(store.root / leftovers[0], (1000, 1000))
    RunStore(store.root)
    assert names(store) == [record.run_id]


def test_recovery_drops_what_was_replaced_and_leaves_strangers_alone(store, record):
    folder = store.save(record)
    shutil.copytree(folder, store.root / f".old-{record.run_id}-aa-0")
    for name in (".old-", ".old-..-x", ".old-notes-1"):
        (store.root / name).mkdir()
    recover(store.root)
    assert names(store) == sorted([".old-", ".old-..-x", ".old-notes-1", record.run_id])
    assert store.load(record.run_id).status == "complete"


def test_recovery_takes_no_hidden_folder_for_its_own(store):
    for name in (".new-website", ".new-0123456789abcdef-0123abcd", ".new-0123456789abcdef-0123abcde"):
        (store.root / name).mkdir(parents=True)
        os.utime(store.root / name, (0, 0))
    recover(store.root)
    assert names(store) == [".new-0123456789abcdef-0123abcde", ".new-website"]


def test_two_savers_of_one_run_do_not_break_each_other(store, record):
    errors = []

    def saves():
        try:
            for _ in range(15):
                RunStore(store.root).save(record)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=saves) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.load(record.run_id).status == "complete"
    assert names(store) == [record.run_id]
