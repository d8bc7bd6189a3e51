"""A unit of work: by name, on one thread, with its own data, and without denormal numbers."""

from dataclasses import replace

import pytest
import torch

from core.config import ConfigError
from core.experiments import listed
from core.experiments.experiment import Context, Trial
from core.experiments.run import THREADS, given, measured, run_trial
from core.experiments.settings import LabConfig
from core.experiments.table import Done
from tests.core.experiments.test_experiment import EXPERIMENT

TINY = 1e-39
"""Below the least normal number of 32 bits, 1.2e-38."""


def product() -> float:
    return float(torch.full((4,), TINY).mul(1.0).sum())


@pytest.fixture
def measure_by(monkeypatch):
    """Lists the small experiment, measuring by what is given."""

    def put(measure):
        monkeypatch.setattr(listed, "EXPERIMENTS", (replace(EXPERIMENT, measure=measure),))
        return Trial("small", LabConfig(norm="bn", dataset="digits", seed=4))

    return put


@pytest.fixture
def threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_the_rows_of_a_trial(measure_by, few):
    told = []

    def measure(settings, context):
        context.tell(0.5)
        return [{"seed": settings.seed, "images": len(context.data("digits").test_images)}]

    done = measured(measure_by(measure), Context(data=given(few), tell=told.append))
    assert done == Done(({"seed": 4, "images": 100},), done.seconds)
    assert done.seconds >= 0
    assert told == [0.5]


def test_no_denormals_inside_and_all_of_them_outside(measure_by, few):
    assert product() > 0
    done = measured(measure_by(lambda settings, context: [{"seed": 0, "product": product()}]), Context(data=given(few)))
    assert done.rows[0]["product"] == 0.0
    assert product() > 0


def test_they_are_back_when_a_measure_fails(measure_by, few):
    def fail(settings, context):
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        measured(measure_by(fail), Context(data=given(few)))
    assert product() > 0


def test_whoever_stops_it_by_tell_ends_it(measure_by, few):
    def stop(share):
        raise KeyboardInterrupt

    trial = measure_by(lambda settings, context: context.tell(0.0))
    with pytest.raises(KeyboardInterrupt):
        measured(trial, Context(data=given(few), tell=stop))


def test_a_unit_runs_on_one_thread_and_loads_its_own_data(measure_by, tmp_path, threads):
    torch.set_num_threads(2)
    trial = measure_by(
        lambda settings, context: [
            {
                "seed": settings.seed,
                "threads": torch.get_num_threads(),
                "images": len(context.data("digits").train_images),
            }
        ]
    )
    assert run_trial(trial, tmp_path).rows == ({"seed": 4, "threads": THREADS, "images": 1438},)
    assert THREADS == 1


def test_another_name_is_refused():
    with pytest.raises(ConfigError, match="experiment='nothing' is unknown; use one of "):
        measured(Trial("nothing", LabConfig(norm="bn")), Context(data=lambda name: None))


def test_every_experiment_has_a_name_of_its_own():
    names = [found.name for found in listed.EXPERIMENTS]
    assert len(set(names)) == len(names)
    assert [listed.experiment(name).name for name in names] == names


def test_given_has_one_data_set(few):
    assert given(few)("digits") is few
    with pytest.raises(ValueError, match="'mnist' is not the 'digits' at hand"):
        given(few)("mnist")
