"""One run as a unit of work: the numbers of a race, and nothing taken on trust that comes back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.config import ConfigError, RunConfig
from core.jobs.one_run import received, run_one
from core.jobs.race import Race
from core.records.files import decode, encode
from core.records.record import RecordError, RunSummary

SMALL = {"dataset": "digits", "epochs": 2, "batch_size": 720, "width": 4}


def test_the_numbers_are_those_of_a_race(digits):
    configs = [RunConfig(norm=norm, seed=5, **SMALL) for norm in ("bn", "gn", "ln")]
    race = Race(configs, threads=2)
    race.run(lambda name, report: (digits, ""))
    alone = decode(run_one(configs[1], threads=2))
    among = race.records[1]
    for mine, its in zip(alone.epochs, among.epochs, strict=True):
        assert (mine.train_loss, mine.test_loss) == (its.train_loss, its.test_loss)
        assert (mine.train_accuracy, mine.test_accuracy) == (its.train_accuracy, its.test_accuracy)
    assert alone.weights.keys() == among.weights.keys()
    assert all(np.array_equal(array, among.weights[name]) for name, array in alone.weights.items())
    assert np.array_equal(alone.predictions.confidence, among.predictions.confidence)
    assert (alone.config, alone.status, alone.environment) == (configs[1], "complete", among.environment)
    assert alone.environment["threads"] == 2


def test_the_thread_gets_its_number_of_threads_back():
    before = torch.get_num_threads()
    run_one(RunConfig(norm="ln", **{**SMALL, "epochs": 1, "batch_size": 1400}), threads=before + 1)
    assert torch.get_num_threads() == before
    with pytest.raises(ConfigError, match="batch_size=2000 is larger than the 1438"):
        run_one(RunConfig(norm="ln", **{**SMALL, "batch_size": 2000}), threads=before + 1)
    assert torch.get_num_threads() == before


def test_what_was_asked_for_is_received(record, files):
    run = received(files, record.config)
    assert run.digest == record.digest
    assert encode(run) == files


def test_a_run_that_broke_in_its_first_epoch_is_received_as_a_summary(record):
    parameters = record.parameters
    broken = RunSummary(config=record.config, status="diverged", message="the loss became nan", parameters=parameters)
    run = received(encode(broken), record.config)
    assert isinstance(run, RunSummary)
    assert (run.status, run.message) == ("diverged", "the loss became nan")


def test_another_run_is_refused(record, files):
    asked = RunConfig(norm="ln")
    with pytest.raises(RecordError, match=f"run.json: is of the run {record.run_id}, but {asked.run_id} was asked for"):
        received(files, asked)


@pytest.mark.parametrize("name", ["run.json", "weights.safetensors", "predictions.npz"])
def test_what_was_altered_on_the_way_is_refused(record, files, name):
    with pytest.raises(RecordError, match=f"^{name}: "):
        received({**files, name: files[name][:-10]}, record.config)
    with pytest.raises(RecordError, match=f"^{name}: missing"):
        received({key: data for key, data in files.items() if key != name}, record.config)
