"""Experiment "How many numbers are in a set?": what is trained, and the rows that it leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.experiments.experiment import Context
from core.experiments.run import given
from core.experiments.set_size_trained import measure, numbers_in_a_set, trials
from core.experiments.settings import LabConfig
from tests.core.experiments.study import error_of
from tests.core.experiments.test_set_size import positions


def test_the_full_form_has_every_norm_at_every_batch_size_on_both_networks_and_bn_in_sub_batches():
    found = trials((3, 4), False)
    assert len(found) == len(set(found)) == 2 * (2 * (3 * 8 + 4) - 1)
    assert {(c.dataset, c.images, c.tests, c.epochs, c.decay, c.momentum) for c in found} == {
        ("mnist", 6000, 10_000, 3, "cosine", 0.9)
    }
    whole = [c for c in found if not c.ghost]
    assert {(c.norm, c.batch_size, c.pooled) for c in whole} == {
        (norm, size, pooled)
        for norm in ("bn", "gn", "ln")
        for size in (1, 2, 4, 8, 16, 32, 64, 128)
        for pooled in (True, False)
    } - {("bn", 1, True)}  # torch refuses it, see below
    assert {c.lr / c.batch_size for c in found} == {0.0125 / 32}
    assert {(c.norm, c.ghost, c.batch_size) for c in found if c.ghost} == {("bn", g, 32) for g in (2, 4, 8, 16)}
    assert not any(c.validation for c in found)


def test_the_one_training_that_is_left_out_is_the_one_that_torch_refuses(few):
    config = LabConfig(norm="bn", dataset="digits", batch_size=1, pooled=True, images=10, tests=10, epochs=1)
    with pytest.raises(ValueError, match="Expected more than 1 value per channel when training"):
        measure(config, Context(data=given(few), tell=lambda part: None))
    for other in (replace(config, pooled=False), replace(config, norm="gn"), replace(config, norm="ln")):
        assert [row["images"] for row in measure(other, Context(data=given(few), tell=lambda part: None))] == [1]


def test_the_quick_form_has_batches_of_32_only():
    found = trials((0,), True)
    assert len(found) == 2 * (3 + 4)
    assert {(c.dataset, c.batch_size, c.lr, c.epochs, c.tests) for c in found} == {("mnist-small", 32, 0.0125, 1, 1000)}


def test_measure_is_the_error_of_the_network_that_the_training_leaves(few):
    config = LabConfig(
        norm="bn", dataset="digits", batch_size=32, pooled=True, images=128, tests=100, lr=0.05, epochs=2
    )
    told = []
    rows = measure(config, Context(data=given(few), tell=told.append))
    wrong = error_of(config, few)
    row = {"seed": 0, "norm": "bn", "pooled": True, "images": 32, "numbers": 32, "error": pytest.approx(wrong)}
    assert rows == [{**row, "kind": "batches"}, {**row, "kind": "sub-batches"}]
    assert told[-1] == 1
    assert len(told) == 2 * 4


@pytest.mark.parametrize(
    ("change", "kinds"),
    [({"ghost": 4}, ["sub-batches"]), ({"batch_size": 16}, ["batches"]), ({"norm": "gn"}, ["batches"])],
)
def test_rows_say_what_statistics_are_of(few, change, kinds):
    config = replace(LabConfig(norm="bn", dataset="digits", batch_size=32, images=64, tests=10), **change)
    rows = measure(config, Context(data=given(few)))
    assert [row["kind"] for row in rows] == kinds
    assert {row["images"] for row in rows} == {config.ghost or config.batch_size}


def test_a_training_that_is_stopped_ends_within_a_step(few):
    class Stopped(Exception):
        pass

    def stop(share):
        raise Stopped

    with pytest.raises(Stopped):
        measure(LabConfig(norm="bn", dataset="digits", images=64, tests=10), Context(data=given(few), tell=stop))


@pytest.mark.parametrize("pooled", [True, False])
def test_numbers_in_a_set_are_images_times_positions(pooled):
    two = LabConfig(norm="bn", batch_size=2, pooled=pooled)
    assert numbers_in_a_set(two) == 2 * positions(pooled)
    assert numbers_in_a_set(replace(two, norm="gn", batch_size=8)) == 8 * positions(pooled)
    assert numbers_in_a_set(replace(two, batch_size=32, ghost=4)) == 4 * positions(pooled)


def test_of_two_numbers_bn_makes_minus_one_and_one():
    for apart in (0.1, 5.0, 300.0):
        x = torch.tensor([2.0, 2.0 + apart]).reshape(2, 1, 1, 1)
        out = torch.nn.BatchNorm2d(1)(x).flatten()
        assert out.tolist() == pytest.approx([-1, 1], abs=3e-3)
