"""Records on disk: the best kept, the oldest dropped, strangers' names refused."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace

import numpy as np
import pytest

from core.config import ConfigError, RunConfig
from core.records import network
from core.records.files import RUN_FILE, WEIGHTS_FILE
from core.records.record import RecordError, RunRecord, RunSummary
from core.records.store import RUNS_ENV, RunStore, load, load_summary, runs_root, shipped_root
from core.training.loop import evaluate
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


@pytest.mark.parametrize("variable", ["NORMLENS_RUNS", "NORMLENS_SHIPPED"])
def test_the_home_of_nobody_is_a_clear_error(monkeypatch, variable):
    monkeypatch.setenv(variable, "~nobody-is-called-this/runs")
    folder = {"NORMLENS_RUNS": runs_root, "NORMLENS_SHIPPED": shipped_root}[variable]
    with pytest.raises(ConfigError, match=f"{variable}=~nobody-is-called-this/runs names the home folder of nobody"):
        folder()


def test_the_root_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv(RUNS_ENV, str(tmp_path / "there"))
    assert RunStore().root == tmp_path / "there"
    monkeypatch.setenv(RUNS_ENV, "")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert runs_root().name == "runs"
    assert runs_root().is_relative_to(tmp_path)
