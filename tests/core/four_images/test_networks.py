"""Whose network the four images pass, by rule."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.catalogue import DATASETS, SIDE
from core.config import RECIPE, RunConfig
from core.four_images.networks import (
    WITHOUT_RUNS,
    inner_side,
    on_equal_terms,
    other_groups,
    run_of,
    study_runs,
    trained_network,
    untrained_network,
    usable,
)
from core.model import LayerTap, layer_shapes
from core.records.store import SHIPPED, RunFolder
from tests.wrong_records import config, predictions
from tests.wrong_records import record as made


def run(norm, seed=0, **named):
    return made(config(norm, seed, **named), predictions({})).summary


@pytest.mark.parametrize(
    ("seed", "expected"),
    [
        (0, {"bn": (1, 1e-4), "ln": (1, 0.0), "gn": (4, 0.0), "in": (1, 0.0)}),
        (4, {"bn": (1, 1e-4), "ln": (1, 0.0), "gn": (4, 0.0)}),
    ],
)
def test_the_shipped_study_gives_each_norm_the_first_run_of_its_order(seed, expected):
    """BN with L1 and GN without, as the assignment has them, before the penalties of the other races."""
    runs = study_runs(RunFolder(SHIPPED).summaries()[0], seed)
    found = {norm: run_of(runs, norm, 4) for norm in ("bn", "ln", "gn", "in", "ln-position", "rms")}
    configs = {norm: run.config for norm, run in found.items() if run is not None}
    assert {norm: (config.groups, config.l1) for norm, config in configs.items()} == expected
    assert {(config.l2, config.recipe) for config in configs.values()} == {(0.0, RECIPE)}
    assert {run.config.seed for run in runs} == {seed}


def test_the_study_does_not_depend_on_the_order_in_which_it_lies():
    runs = RunFolder(SHIPPED).summaries()[0]
    assert study_runs(runs) == study_runs(runs[::-1])


def test_what_is_not_of_the_study_or_not_usable_is_left_out():
    with_l1 = run("bn", l1=1e-4)
    others = [
        run("bn", 1, l1=1e-4),
        run("bn", l1=0.5),
        with_l1.changed(status="running"),
        with_l1.changed(epochs=()),
        run("bn", l1=1e-4, width=8),
    ]
    assert study_runs([*others, with_l1]) == [with_l1]
    assert [usable(run) for run in others] == [True, True, False, False, False]


def test_the_same_groups_come_before_others_and_else_the_order_decides():
    two, four, eight = (run("gn", groups=groups) for groups in (2, 4, 8))
    assert run_of([four, eight, two], "gn", 2) is two
    assert run_of([four, eight], "gn", 2) is four
    assert run_of([eight, four], "gn", 2) is eight
    assert run_of([four], "ln", 1) is None


@pytest.mark.parametrize(
    ("named", "together"),
    [
        ({"norm": "ln"}, True),
        ({"norm": "gn", "groups": 2, "l1": 0.1, "l2": 0.1}, True),
        ({"norm": "ln", "seed": 1}, False),
        ({"norm": "ln", "dataset": "mnist"}, False),
        ({"norm": "ln", "epochs": 2}, False),
        ({"norm": "ln", "augment": False}, False),
    ],
)
def test_runs_of_one_race_differ_in_norm_groups_and_penalties_only(named, together):
    first, other = run("bn"), run(**named)
    assert on_equal_terms([first, other]) == ([first, other] if together else [first])


def test_a_trained_network_has_the_records_weights_and_its_settings_in_words(record):
    network = trained_network(record)
    assert network.trained
    assert network.origin == "BN, trained on digits (2 epochs, batch 64, lr 0.1, seed 0)"
    for name, tensor in network.model.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), record.weights[name])
    stopped = record.changed(status="interrupted", epochs=record.epochs[:1])
    assert trained_network(stopped).origin.endswith("(2 epochs, batch 64, lr 0.1, seed 0; stopped after 1 of them)")


def test_an_untrained_network_says_so():
    network = untrained_network("gn", 8, WITHOUT_RUNS)
    assert not network.trained
    assert network.origin == "GN (8), not trained yet: random weights"
    # groups of a layer with 32 channels that the first layers cannot have
    assert untrained_network("gn", 32, WITHOUT_RUNS).origin == "GN (4), not trained yet: random weights"


def test_groups_that_are_not_the_networks_own_are_said():
    network = untrained_network("gn", 4, WITHOUT_RUNS)
    assert other_groups(network, "gn", 4) == ""
    assert other_groups(network, "gn", 2) == (
        "The layers of this network have G = 4; the means and variances here are those of G = 2."
    )
    assert other_groups(untrained_network("ln", 2, WITHOUT_RUNS), "ln", 2) == ""


def test_one_epoch_is_not_epochs():
    one = trained_network(made(replace(RunConfig(norm="ln"), epochs=1), predictions({})))
    assert one.origin == "LN, trained on MNIST (1 epoch, batch 128, lr 0.1, seed 0)"


FORMER = RunConfig(norm="bn", recipe=1, l1=1e-4, seed=3)
FASHION, MNIST = (RunConfig(norm="bn", dataset=name) for name in ("fashion-mnist", "mnist"))


@pytest.mark.parametrize("like", [FORMER, FASHION, MNIST], ids=["recipe 1", "fashion", "mnist"])
def test_an_untrained_network_has_the_layers_of_the_runs_beside_it(like):
    """And nothing else of theirs: it names no penalty, and all visitors see the same random weights."""
    network = untrained_network("rms", 1, like)
    assert network.origin == f"RMS{' (recipe 1)' if like is FORMER else ''}, not trained yet: random weights"
    with LayerTap(network.model) as tap:
        network.model(torch.zeros(1, 1, SIDE, SIDE))
    assert [tuple(x.shape[1:]) for x in tap.before.values()] == list(layer_shapes(like))
    assert torch.equal(network.model.convs[1].weight, untrained_network("bn", 1, WITHOUT_RUNS).model.convs[1].weight)


def test_networks_on_other_terms_have_other_layers():
    shapes = [layer_shapes(like) for like in (FORMER, FASHION, MNIST)]
    assert len(set(shapes)) == 3
    assert layer_shapes(WITHOUT_RUNS) == layer_shapes(MNIST)


def test_a_network_gets_what_lies_within_the_border_of_its_data_set():
    assert DATASETS["mnist"].border > 0
    assert inner_side(MNIST) == SIDE - 2 * DATASETS["mnist"].border
    assert inner_side(FASHION) == inner_side(FORMER) == SIDE
