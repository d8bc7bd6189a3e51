"""Graphs with buttons: each button shows what its name says and leaves the window where it is."""

from __future__ import annotations

import pytest

from core.comparison.foreign_curves import read_curves
from core.comparison.interactive import SPLITS, Start, interactive_accuracy, interactive_loss
from core.comparison.methods import as_methods
from tests.core.comparison.test_graphs import run

PUBLISHED = {"GN (4)": 99.52, "LN": 99.46}


@pytest.fixture
def pair():
    """BN with two seeds, LN with one; training accuracy is half a point above that of the test set."""
    return as_methods([run([90, 98], seed=0), run([94, 99], seed=1), run([93, 97], norm="ln")])


def drawn(figure, shown=None):
    """The values of the lines in view, by name; ``shown`` of another state."""
    states = shown or [trace.visible for trace in figure.data]
    return {
        trace.name.split(":")[0]: list(trace.y)
        for trace, state in zip(figure.data, states, strict=True)
        if trace.mode == "lines+markers" and state
    }


def buttons(figure):
    return {button.label: button for menu in figure.layout.updatemenus for button in menu.buttons}


TEST = {"BN": [92, 98.5], "LN": [93, 97]}
TRAINING = {"BN, training": [92.5, 99], "LN, training": [93.5, 97.5]}


def test_what_is_shown_at_first_and_what_each_split_shows(pair):
    figure = interactive_accuracy(pair, Start())
    assert drawn(figure) == TEST
    for split, expected in zip(SPLITS, (TEST, TRAINING, TEST | TRAINING), strict=True):
        restyle, relayout = buttons(figure)[split].args
        assert drawn(figure, restyle["visible"]) == expected
        notes = [
            note.text.split(" 9")[0]
            for i, note in enumerate(figure.layout.annotations)
            if relayout[f"annotations[{i}].visible"]
        ]
        # at the ends stand the names of one side, which the legend tells from the other
        assert {note for note in notes if note != "10 test images"} == {"BN", "LN"}
        assert ("10 test images" in notes) == (split != "training")
        # the window is not touched: a zoom stays
        assert not [key for key in relayout if "axis.range" in key or "axis.auto" in key]


def test_a_link_starts_with_its_split(pair):
    figure = interactive_accuracy(pair, Start(split="training", zoom="99 to 100 %", each_seed=True))
    assert figure.layout.title.text == "Graph 2. Training accuracy"
    assert figure.layout.yaxis.title.text == "Training accuracy (%)"
    assert drawn(figure) == TRAINING
    assert list(figure.layout.yaxis.range) == [99, 100]
    assert [menu.active for menu in figure.layout.updatemenus] == [1, 0, 3]
    both = interactive_loss(pair, Start(split="both", log_y=True))
    assert both.layout.title.text == "Graph 1. Test and training loss"
    assert both.layout.yaxis.type == "log"
    assert [menu.active for menu in both.layout.updatemenus] == [2, -1, 1]


def test_the_zoom_buttons_are_what_their_names_say(pair):
    found = buttons(interactive_accuracy(pair, Start()))
    assert [found[name].args[0]["yaxis.range"] for name in ("all", "≥ 98", "≥ 99")] == [[0, 100], [98, 100], [99, 100]]
    assert found["auto"].args[0]["yaxis.range"] == [97, 100]
    scales = buttons(interactive_loss(pair, Start()))
    assert [scales[name].args[0]["yaxis.type"] for name in ("linear", "log")] == ["linear", "log"]


def test_each_seed_is_there_and_faint_or_not(pair):
    figure = interactive_loss(pair, Start())
    seeds = tuple(i for i, trace in enumerate(figure.data) if trace.meta == "seed")
    assert len(seeds) == 2  # those of the test set, and those of training
    assert {figure.data[i].opacity for i in seeds} == {0}
    button = buttons(figure)["each seed"]
    assert button.method == "restyle"
    assert (button.args, button.args2) == (({"opacity": 0.45}, seeds), ({"opacity": 0}, seeds))
    assert {trace.opacity for trace in interactive_loss(pair, Start(each_seed=True)).data if trace.meta == "seed"} == {
        0.45
    }
    assert "each seed" not in buttons(interactive_loss(as_methods([run([90, 98])]), Start()))


def test_published_values_have_a_button_of_their_own(pair):
    figure = interactive_accuracy(pair, Start(published=False), published=PUBLISHED)
    lines = {i: shape for i, shape in enumerate(figure.layout.shapes) if shape.line.width == 1}
    assert [shape.y0 for shape in lines.values()] == [99.52, 99.46]
    assert not any(shape.visible for shape in lines.values())
    button = buttons(figure)["published"]
    assert {f"shapes[{i}].visible" for i in lines} < set(button.args[0])
    assert set(button.args[0].values()) == {True}
    assert set(button.args2[0].values()) == {False}
    split = buttons(figure)["both"].args[1]
    assert not set(split) & set(button.args[0])
    assert "published" not in buttons(interactive_accuracy(pair, Start()))


def test_a_curve_from_elsewhere_is_grey_and_within_the_window(pair):
    [mine] = read_curves("mine.csv", b"epoch,val_acc,loss\n1,60\n2,91,0.4\n3,92,0.3\n")
    figure = interactive_accuracy(pair, Start(), [mine])
    assert drawn(figure) == TEST | {"mine": [60, 91, 92]}
    assert list(figure.layout.yaxis.range) == [90, 100]
    assert list(figure.layout.xaxis.range) == [0.5, 3.5]
    loss = interactive_loss(pair, Start(split="training"), [mine])
    assert drawn(loss)["mine, training"] == [0.4, 0.3]
    assert "mine" not in drawn(interactive_accuracy(pair, Start(axis="steps"), [mine]))
