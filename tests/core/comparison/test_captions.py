"""What stands beside every picture of runs: data set, settings, and what has not finished."""

from __future__ import annotations

import pytest

from core.comparison.captions import at_rest, finished, progress, settings_in_words, state, unfinished, with_state
from core.comparison.methods import as_methods, named, single_runs
from tests.core.comparison.test_graphs import run


def test_what_all_share_comes_first_and_once():
    same = as_methods([run([98], seed=seed, norm=norm) for norm in ("bn", "ln") for seed in (0, 1)])
    assert settings_in_words(same) == "MNIST, 20 epochs, batch 128, lr 0.1, seeds 0, 1"
    assert settings_in_words(same[:1]) == settings_in_words(same)
    assert settings_in_words([]) == ""


def test_what_is_not_shared_stands_with_its_names():
    three = single_runs([run([98], l1=1e-4), run([98], "gn", batch_size=64), run([98], "ln", batch_size=64)])
    assert settings_in_words(three) == (
        "MNIST, 20 epochs, lr 0.1, seed 0; BN + L1: batch 128, L1 0.0001; GN (4) and LN: batch 64"
    )


def test_other_data_sets_and_held_out_images_are_told_apart():
    other = single_runs([run([98]), run([98], "ln", dataset="digits"), run([98], "gn", validation=True)])
    assert settings_in_words(other) == (
        "20 epochs, batch 128, lr 0.1, seed 0; BN: MNIST; LN: digits; "
        "GN (4) (validation): MNIST, tested on held-out training images"
    )


def test_what_a_label_says_already_is_not_repeated():
    twins = single_runs([run([98], lr=0.1), run([98], lr=0.2)])
    assert [method.label for method in twins] == ["BN, lr 0.1", "BN, lr 0.2"]
    assert settings_in_words(twins) == "MNIST, 20 epochs, batch 128, seed 0"


@pytest.mark.parametrize(
    ("status", "name", "how_far", "sentence"),
    [
        (
            "running",
            "BN, running",
            "running, 2 of 20 epochs done",
            "**BN** is running: shown is its state after 2 of 20 epochs, which is not tested against others.",
        ),
        (
            "interrupted",
            "BN, stopped",
            "stopped after 2 of 20 epochs",
            "**BN** stopped after 2 of 20 epochs.",
        ),
        (
            "diverged",
            "BN, diverged",
            "diverged after 2 of 20 epochs",
            "**BN** diverged after 2 of 20 epochs: shown is its state before that, which is not tested against others.",
        ),
    ],
)
def test_what_has_not_finished_says_so(status, name, how_far, sentence):
    [method] = single_runs([run([90, 98], status=status)])
    whole = single_runs([run([90, 98], "ln")])
    assert state(method) == status
    assert with_state("BN", status) == name
    assert progress(method) == how_far
    assert unfinished([*whole, method]) == [sentence]
    assert not finished([*whole, method])
    assert at_rest(method) == (status == "interrupted")


def test_what_is_complete_says_nothing():
    whole = as_methods([run([98], seed=0), run([98], seed=1)])
    assert finished(whole)
    assert at_rest(whole[0])
    assert unfinished(whole) == []
    assert progress(whole[0]) == "complete"
    assert with_state("BN", "complete") == "BN"


def test_a_method_is_as_far_as_its_last_seed():
    [method] = named([[run([90, 98], seed=0), run([90], seed=1, status="running")]])
    assert state(method) == "running"
    assert progress(method) == "running, 1 of 20 epochs done"
