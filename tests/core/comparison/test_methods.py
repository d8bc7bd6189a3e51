"""Runs seen as methods: how they are grouped and named, their curves, roughness and crossings."""

from __future__ import annotations

import pytest

from core.comparison.methods import as_methods, last_crossing, method_id, named, roughness, single_runs
from core.config import RunConfig
from core.records.record import EpochRow, RunSummary


def run(losses, accuracies=None, seconds=2.0, status="complete", **config) -> RunSummary:
    accuracies = accuracies or [90.0] * len(losses)
    rows = tuple(
        EpochRow(i, 1.0, 99.0, loss, accuracy, seconds)
        for i, (loss, accuracy) in enumerate(zip(losses, accuracies, strict=True), start=1)
    )
    return RunSummary(config=RunConfig(**{"norm": "bn", **config}), status=status, epochs=rows)


def test_seeds_of_one_configuration_are_one_method():
    records = [run([0.1], seed=3), run([0.2], norm="ln"), run([0.3], seed=1), run([0.4], l1=1e-4)]
    found = as_methods(records)
    assert [(m.label, m.seeds) for m in found] == [("BN", (1, 3)), ("LN", (0,)), ("BN + L1", (0,))]
    assert found[0].records == (records[2], records[0])
    assert method_id(records[0].config) == method_id(records[2].config) != method_id(records[3].config)


def test_a_run_that_is_not_complete_stays_alone():
    found = as_methods([run([0.1], seed=0), run([0.2], seed=1, status="interrupted"), run([0.3], seed=2)])
    assert [m.seeds for m in found] == [(0, 2), (1,)]
    assert [m.label for m in found] == ["BN, 2 seeds", "BN, seed 1"]


def test_a_run_that_is_given_twice_is_no_second_seed():
    one, other = run([0.1], seed=0), run([0.2], seed=1)
    assert [m.seeds for m in as_methods([one, other, one, one])] == [(0, 1)]


def test_a_method_and_its_first_seed_have_two_names():
    group = [run([0.1], seed=s) for s in range(5)]
    assert [m.label for m in named([group, [group[0]], [group[1]]])] == ["BN, 5 seeds", "BN, seed 0", "BN, seed 1"]


def test_labels_tell_apart_what_differs():
    assert [m.label for m in single_runs([run([0.1], seed=0), run([0.1], seed=4)])] == ["BN, seed 0", "BN, seed 4"]
    group = [run([0.1], seed=s) for s in (4, 2)]
    assert [m.label for m in named([group, [run([0.1], norm="ln", seed=9)]])] == ["BN", "LN"]
    assert [m.label for m in named([group, [run([0.1], seed=2, epochs=3)]])] == [
        "BN, 20 epochs, 2 seeds",
        "BN, 3 epochs, seed 2",
    ]


def test_curves_end_where_the_shortest_run_does():
    [method] = as_methods([run([0.3, 0.2, 0.1], [91, 92, 93], seed=0), run([0.4, 0.3], [81, 82], seed=1)])
    assert method.epochs == 2
    assert method.curve("test_loss") == [[0.3, 0.2], [0.4, 0.3]]
    assert method.accuracies == [93, 82]  # of each run's own last epoch
    assert method.values(lambda row: row.test_loss, 1) == [0.3, 0.4]


def test_the_three_axes():
    pair = [run([0.3, 0.2], seed=0, batch_size=100), run([0.3, 0.2], seed=1, batch_size=100, seconds=4.0)]
    [method] = as_methods(pair)
    assert method.x("epochs") == [1, 2]
    assert method.x("steps") == [600, 1200]
    assert method.x("seconds") == [3, 6]
    [digits] = single_runs([run([0.3], dataset="digits", batch_size=64)])
    assert digits.x("steps") == [23]  # 1,438 images in batches of 64
    [held] = single_runs([run([0.3], batch_size=100, validation=True)])
    assert held.x("steps") == [550]


@pytest.mark.parametrize(
    ("losses", "rises"),
    [
        ([0.9, 0.3, 0.1, 0.05], 0),
        ([0.2, 0.5, 0.1, 0.3, 0.2], 0.5),
        ([0.2, 0.1, 0.1, 0.1, 0.1, 0.9], 0),  # the sixth epoch does not count
        ([0.2], 0),
    ],
)
def test_roughness_is_the_sum_of_the_rises_of_five_epochs(losses, rises):
    assert roughness(run(losses).epochs) == pytest.approx(rises)


def test_the_last_crossing():
    def last(a, b):
        return last_crossing(*single_runs([run(a), run(b, norm="ln")]), "test_loss")

    assert last([1, 2, 3], [3, 2, 1]) == 2
    assert last([0, 0, 0, 3], [1, 1, 1, 1]) == pytest.approx(3 + 1 / 3)
    assert last([0, 2, 0, 2], [1, 1, 1, 1]) == pytest.approx(3.5)
    assert last([0, 1, 4], [1, 1, 1]) == 2  # they meet there
    assert last([0, 1, 1, 9], [1, 1, 1, 1]) == 2.5  # the middle of where they are equal
    assert last([1, 2, 3], [0, 0, 0]) is None
    assert last([1, 0, 1], [0, 0, 0]) is None  # touches and parts on the same side
    assert last([1, 1], [1, 1]) is None
    # means over the seeds cross, though no seed needs to
    pair = as_methods([run([0, 4], seed=0), run([0, 4], seed=1), run([1, 1], norm="ln", seed=0)])
    assert last_crossing(*pair, "test_loss") == pytest.approx(1.25)
