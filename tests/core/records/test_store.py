"""Records on disk: whole or not at all, the best kept, the oldest dropped, strangers' names refused."""

from __future__ import annotations

import os
import re
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.config import ConfigError, RunConfig
from core.jobs.recorder import Recorder
from core.records import network
from core.records.files import RUN_FILE, WEIGHTS_FILE
from core.records.record import RecordError, RunRecord, RunSummary
from core.records.store import RUNS_ENV, RunStore, load, load_summary, recover, runs_root, shipped_root
from core.training.loop import evaluate, train
from tests.sizes import PARAMETERS


def partial(record, epochs=1, status="interrupted") -> RunRecord:
    """The record of a run that has finished so many epochs, the arrays of the last among them."""
    *rows, last = record.epochs[:epochs]
    last = replace(last, test_accuracy=record.predictions.accuracy)
    return record.changed(status=status, epochs=(*rows, last))


def plain(seed: int) -> RunSummary:
    """What is left of a run that stopped before its first epoch ended."""
    return RunSummary(config=RunConfig(norm="ln", seed=seed), status="interrupted", parameters=PARAMETERS)


def names(store: RunStore) -> list[str]:
    return sorted(p.name for p in store.root.iterdir())


def test_save_and_load(store, record):
    assert store.save(record) == store.root / record.run_id
    assert names(store) == [record.run_id]
    back = store.load(record.run_id)
    assert (back.config, back.epochs, back.status) == (record.config, record.epochs, "complete")
    assert store.summary(record.run_id).epochs == load_summary(store.root / record.run_id).epochs == record.epochs


def test_the_saved_network_answers_as_it_did(record_folder, record, digits):
    result = evaluate(network.trained_model(network.verify(record_folder)), digits)
    assert result.accuracy == record.epochs[-1].test_accuracy
    assert result.loss == pytest.approx(record.epochs[-1].test_loss, rel=1e-5)
    np.testing.assert_array_equal(result.predicted.numpy(), record.predictions.predicted)


def test_a_run_without_an_epoch_has_a_summary_and_no_network(store):
    folder = store.save(plain(0))
    assert names(store) == [plain(0).run_id]
    assert [path.name for path in folder.iterdir()] == [RUN_FILE]
    assert store.summary(plain(0).run_id).config == plain(0).config
    for read in (load, network.verify):
        with pytest.raises(RecordError) as caught:
            read(folder)
        assert str(caught.value) == (
            f"{folder}: weights.safetensors: the run stopped before its first epoch ended, so it has no weights"
        )


@pytest.mark.parametrize("status", ["running", "interrupted", "diverged"])
def test_a_partial_record_never_replaces_a_complete_one(store, record, status):
    store.save(record)
    store.save(partial(record, status=status))
    assert store.load(record.run_id).status == "complete"
    assert len(store.load(record.run_id).epochs) == 2


def test_a_complete_record_replaces_a_partial_one_and_a_damaged_one(store, record):
    store.save(partial(record))
    assert store.load(record.run_id).status == "interrupted"
    store.save(record)
    assert store.load(record.run_id).status == "complete"
    (store.root / record.run_id / RUN_FILE).write_text("{")
    store.save(partial(record))
    assert store.load(record.run_id).status == "interrupted"
    assert names(store) == [record.run_id]


def test_errors_name_folder_and_file(record_folder):
    (record_folder / WEIGHTS_FILE).unlink()
    with pytest.raises(RecordError, match=f"^{record_folder}: weights.safetensors: missing$"):
        load(record_folder)
    assert load_summary(record_folder).status == "complete"


def test_a_folder_in_place_of_a_file_is_an_error_of_that_file(record_folder):
    (record_folder / RUN_FILE).unlink()
    (record_folder / RUN_FILE).mkdir()
    with pytest.raises(RecordError, match=rf"^{record_folder}: run.json: cannot be read \(Is a directory\)$"):
        load(record_folder)


def test_a_file_that_is_too_large_is_not_read(record_folder):
    with (record_folder / WEIGHTS_FILE).open("wb") as file:
        file.truncate(40_000_000)
    with pytest.raises(RecordError, match=rf"^{record_folder}: weights.safetensors: larger than 32,000,000 bytes$"):
        load(record_folder)


@pytest.mark.parametrize(
    "run_id", ["../x", "..", "", "/etc", "0123456789ABCDEF", "0123456789abcde", "0123456789abcdef/", "0" * 16 + "\n"]
)
def test_anything_but_a_run_id_is_refused(store, run_id):
    with pytest.raises(RecordError, match="a run is named by sixteen hexadecimal digits"):
        store.load(run_id)
    with pytest.raises(RecordError, match="a run is named by sixteen hexadecimal digits"):
        store.summary(run_id)


def test_an_id_that_is_not_kept_is_an_error_of_its_file(store):
    with pytest.raises(RecordError, match=r"run.json: missing$"):
        store.load("0123456789abcdef")


def aged(store, record, seconds):
    folder = store.save(record)
    os.utime(folder / RUN_FILE, (seconds, seconds))


def test_records_come_newest_first_and_the_oldest_go(tmp_path):
    store = RunStore(tmp_path / "store", keep=3)
    records = [plain(seed) for seed in range(5)]
    for age, record in enumerate(records[:3]):
        aged(store, record, 1000 + age)
    assert [r.config.seed for r in store.summaries()[0]] == [2, 1, 0]
    store.save(records[3])
    store.save(records[4])
    assert {r.config.seed for r in store.summaries()[0]} == {2, 3, 4}
    assert len(names(store)) == 3


def test_the_record_just_saved_stays_even_where_clocks_disagree(tmp_path):
    store = RunStore(tmp_path / "store", keep=1)
    aged(store, plain(0), 4e9)  # from the future
    store.save(plain(1))
    assert plain(1).run_id in names(store)


def test_a_refused_folder_is_told_and_the_others_are_listed(store, record):
    store.save(plain(0))
    broken = store.save(record)
    (broken / RUN_FILE).write_text("[]")
    (store.root / "notes").mkdir()
    found, refused = store.summaries()
    assert [r.config.seed for r in found] == [0]
    assert len(refused) == 1
    assert refused[0].startswith(record.run_id)
    assert refused[0].endswith("run.json: not a JSON object")


def test_an_empty_store_and_one_that_does_not_exist_have_no_records(tmp_path):
    assert RunStore(tmp_path / "absent").summaries() == ([], [])
    assert RunStore(tmp_path / "absent").signature() == ()
    assert not (tmp_path / "absent").exists()


def test_the_signature_changes_with_every_save_and_removal(store, record):
    seen = [store.signature()]
    for age, one in enumerate([partial(record), record, plain(1)]):
        aged(store, one, 1000 + age)
        seen.append(store.signature())
    shutil.rmtree(store.root / record.run_id)
    seen.append(store.signature())
    assert len(set(seen)) == 5


def test_the_signature_bears_a_folder_that_goes_away_meanwhile(store, monkeypatch):
    aged(store, plain(0), 1000)
    aged(store, plain(1), 2000)
    real = store.modified

    def late(run_id):
        shutil.rmtree(store.root / plain(1).run_id, ignore_errors=True)  # listed, and gone before it is looked at
        return real(run_id)

    monkeypatch.setattr(store, "modified", late)
    assert [name for name, _ in store.signature()] == [plain(0).run_id]


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


@pytest.mark.parametrize("variable", ["NORMLENS_RUNS", "NORMLENS_SHIPPED"])
def test_the_home_of_nobody_is_a_clear_error(monkeypatch, variable):
    monkeypatch.setenv(variable, "~nobody-is-called-this/runs")
    folder = {"NORMLENS_RUNS": runs_root, "NORMLENS_SHIPPED": shipped_root}[variable]
    with pytest.raises(ConfigError, match=f"{variable}=~nobody-is-called-this/runs names the home folder of nobody"):
        folder()


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


def test_the_root_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv(RUNS_ENV, str(tmp_path / "there"))
    assert RunStore().root == tmp_path / "there"
    monkeypatch.setenv(RUNS_ENV, "")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert runs_root().name == "runs"
    assert runs_root().is_relative_to(tmp_path)


# the recorder


def test_the_recorder_saves_after_every_epoch(store, few):
    config = RunConfig(norm="gn", groups=2, dataset="digits", epochs=3, batch_size=64)
    training = train(config, few)
    recorder = Recorder(training, store, 1)
    states = []
    for event in training:
        recorder.note(event)
        if event.name in ("epoch_done", "run_completed"):
            kept = store.load(config.run_id) if (store.root / config.run_id).exists() else None
            states.append((kept.status, len(kept.epochs)) if kept else None)
    assert states == [("running", 1), ("running", 2), ("running", 2), ("complete", 3)]
    kept = network.verify(store.root / config.run_id)
    assert kept.predictions.accuracy == pytest.approx(kept.epochs[-1].test_accuracy)
    assert kept.predictions.fingerprint == few.fingerprint
    assert kept.environment["torch"] == torch.__version__
    assert kept.environment["threads"] == 1
    np.testing.assert_array_equal(kept.predictions.wrong_image, few.test_images.numpy()[kept.predictions.wrong_index])


def test_an_interrupted_run_keeps_its_epochs_and_the_weights_of_the_last(store, few):
    config = RunConfig(norm="bn", dataset="digits", epochs=3, batch_size=64)
    training = train(config, few)
    recorder = Recorder(training, store, 1)
    for event in training:
        recorder.note(event)
        if event.name == "epoch_done":
            weights = {k: v.clone() for k, v in training.model.state_dict().items()}
        if event.name == "batch_done" and event.epoch == 2:
            break
    training.close()
    recorder.interrupt("stopped after 1 of 3 epochs")
    recorder.interrupt("a second time")
    kept = store.load(config.run_id)
    assert (kept.status, kept.message, len(kept.epochs)) == ("interrupted", "stopped after 1 of 3 epochs", 1)
    assert all(np.array_equal(kept.weights[k], v.numpy()) for k, v in weights.items())
    assert re.fullmatch("[0-9a-f]{16}", kept.run_id)


def test_a_diverged_run_keeps_its_epochs_and_its_reason(store, few):
    config = RunConfig(norm="none", dataset="digits", epochs=2, batch_size=64)
    training = train(config, few)
    recorder = Recorder(training, store, 1)
    for event in training:
        recorder.note(event)
        if event.name == "batch_done" and event.images == 256:  # the last step
            with torch.no_grad():
                training.model.head.bias.fill_(float("nan"))
    kept = store.load(config.run_id)
    assert (kept.status, len(kept.epochs)) == ("diverged", 1)
    assert kept.message.startswith("the test loss became nan after epoch 2; ")
    assert all(np.isfinite(a).all() for a in kept.weights.values())
