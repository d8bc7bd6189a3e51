"""The positions beside the one on the screen, measured when its page has been drawn."""

from __future__ import annotations

import itertools

import pytest

from core.experiments import ahead as core
from core.experiments.settings import LEAST_DEPTH, MOST_DEPTH
from pages.parts.lab import depth, forgot_eval, light, pruning
from pages.parts.shared.runtime import registry
from tests.core.mirror import PATIENCE


@pytest.fixture
def moved(open_part, ahead, monkeypatch):
    """Open a live part, then set its controls one after the other; what is known then, once all is measured ahead."""
    ahead()
    monkeypatch.setattr(core, "DEAR", -1.0)  # whatever this machine takes

    def move(name: str, *steps: tuple[str, object], **parameters: str) -> None:
        app = open_part(name, **parameters)
        settle()
        for key, value in steps:
            found = itertools.chain(app.slider, app.select_slider, app.selectbox)
            next(widget for widget in found if widget.key == key).set_value(value).run()
            settle()
        assert not app.exception

    return move


def settle() -> None:
    registry()._worker.submit(lambda: None).result(PATIENCE)


def known(found, keys) -> list:
    return [key for key in keys if key in found]


def test_light_has_both_sides_first_and_then_the_way_of_the_slider_that_moved(moved):
    moved("light", lab_contrast="0.5")
    strengths = [(contrast, 0.0, 0.0) for contrast in light.AXES[0]]
    assert known(light._as_they_are(), strengths) == [(0.45, 0.0, 0.0), (0.5, 0.0, 0.0), (0.55, 0.0, 0.0)]
    anew = light._anew()
    assert known(anew, [(s, 500) for s in strengths]) == [((c, 0.0, 0.0), 500) for c in (0.45, 0.5, 0.55)]


def test_light_follows_another_slider(moved):
    moved("light", ("lab_noise", 0.1), ("lab_count", 64), lab_contrast="0.5", lab_noise="0.05")
    noises = [(0.5, 0.0, noise) for noise in light.AXES[2]]
    assert known(light._as_they_are(), noises) == [(0.5, 0.0, noise) for noise in (0.05, 0.1, 0.15, 0.2)]
    counts = [((0.5, 0.0, 0.1), count) for count in light.AXES[3]]
    assert known(light._anew(), counts) == [((0.5, 0.0, 0.1), count) for count in (16, 32, 64, 128, 500)]


def test_depth(moved):
    moved("depth", ("lab_depth", 8), lab_depth="9")
    assert known(depth._rows(), range(LEAST_DEPTH, MOST_DEPTH + 1)) == [6, 7, 8, 9, 10]


def test_forgot_eval_has_the_classes_beside(moved):
    moved("forgot_eval")
    assert known(forgot_eval._by_share(), range(10)) == [6, 7, 8]


def test_pruning(moved):
    moved("pruning", ("lab_pruning_share", 40), lab_pruning_share="39")
    assert known(pruning._judged(), range(96)) == [38, 39, 40, 41, 42]


def test_scaling_a_convolution(moved):
    moved("pruning", ("lab_scaled_layer", "Conv 3"), lab_pruning="Scale a convolution", lab_scaled_layer="Conv 2")
    keys = [(layer, factor) for layer in range(5) for factor in (1.0, *pruning.FACTORS)]
    other_layers = [(layer, factor) for layer in (1, 2, 3, 4) for factor in (1.0, 10.0)]
    beside_the_first = [(1, 2.0), (1, 100.0)]
    assert known(pruning._passes(), keys) == sorted([*other_layers, *beside_the_first])
