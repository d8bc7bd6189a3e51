"""The networks that come with the app, by method and seed."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.config import RunConfig
from core.experiments.trained import shipped_network, study_seeds
from core.records.record import RecordError
from core.records.store import SHIPPED_ENV, RunFolder, save, shipped_root

METHODS = {
    ("bn", 1e-4, 0.0): 8,
    ("gn", 0.0, 0.0): 8,
    ("ln", 0.0, 0.0): 8,
    ("gn", 1e-4, 0.0): 5,
    ("ln", 0.0, 2.5e-4): 5,
    ("bn", 1e-4, 2.5e-4): 5,
    ("bn", 0.0, 0.0): 8,
    ("in", 0.0, 0.0): 3,
    ("none", 0.0, 0.0): 3,
}


@pytest.mark.parametrize(("method", "seeds"), METHODS.items())
def test_the_seeds_of_the_study(method, seeds):
    norm, l1, l2 = method
    assert study_seeds(norm, l1=l1, l2=l2) == list(range(seeds))


def test_a_method_that_the_study_has_not():
    assert study_seeds("rms") == []
    assert study_seeds("ln", l1=1e-4) == []
    with pytest.raises(RecordError, match="no run of BatchNorm with seed 8 comes with the app"):
        shipped_network("bn", 8)
    with pytest.raises(RecordError, match="no run of LayerNorm with seed 0 comes with the app"):
        shipped_network("ln", 0, l1=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_the_weights_are_those_of_the_record(method):
    norm, l1, l2 = method
    seed = study_seeds(norm, l1=l1, l2=l2)[-1]
    model = shipped_network(norm, seed, l1=l1, l2=l2)
    (run,) = [
        run
        for run in RunFolder(shipped_root()).summaries()[0]
        if (run.config.norm, run.config.l1, run.config.l2, run.config.seed) == (norm, l1, l2, seed)
        and not run.config.former_recipe
    ]
    weights = RunFolder(shipped_root()).load(run.run_id).weights
    state = model.state_dict()
    assert state.keys() == weights.keys()
    for name, tensor in state.items():
        assert np.array_equal(tensor.numpy(), weights[name]), name


def test_it_is_ready_for_inference_and_not_for_mixed_precision():
    model = shipped_network("gn", 0)
    assert not model.training
    assert model.precision == "fp32"


def test_every_call_gives_a_network_of_its_own():
    mine, yours = shipped_network("ln", 0), shipped_network("ln", 0)
    before = yours.head.weight.detach().clone()
    with torch.no_grad():
        mine.head.weight.zero_()
    assert torch.equal(yours.head.weight, before)
    assert torch.equal(shipped_network("ln", 0).head.weight, before)


@pytest.mark.parametrize("changes", [{"dataset": "digits"}, {"dataset": "mnist", "recipe": 1}])
def test_runs_on_other_terms_are_not_of_the_study(tmp_path, monkeypatch, record, changes):
    """In a folder that holds a run of other data, or of a former recipe, there is none."""
    monkeypatch.setenv(SHIPPED_ENV, str(tmp_path))
    save(record.changed(config=replace(record.config, **changes)), tmp_path)
    with pytest.raises(RecordError, match="no run of BatchNorm with seed 0"):
        shipped_network("bn", 0)


@pytest.mark.parametrize(("status", "there"), [("complete", True), ("interrupted", False)])
def test_a_run_that_did_not_end_is_not_of_the_study(tmp_path, monkeypatch, record, status, there):
    monkeypatch.setenv(SHIPPED_ENV, str(tmp_path))
    config = RunConfig(norm="bn", dataset="mnist", epochs=record.config.epochs, batch_size=record.config.batch_size)
    save(record.changed(config=config, status=status), tmp_path)
    if there:
        assert np.array_equal(shipped_network("bn", 0).head.weight.detach().numpy(), record.weights["head.weight"])
    else:
        with pytest.raises(RecordError, match="no run of BatchNorm with seed 0"):
            shipped_network("bn", 0)
