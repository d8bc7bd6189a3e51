"""Which layers the Statistics page offers of a network, whatever its size, and which one its address names."""

from __future__ import annotations

import json

import pytest

from core.catalogue import DATASETS, SIDE
from core.four_images.networks import WITHOUT_RUNS
from core.model import layer_shapes
from tests.pages.conftest import texts
from tests.pages.statistics.test_networks import own_race, trained_here
from tests.pages.statistics.test_statistics import choose, parameter


def layers(app):
    """What the choice of a layer offers."""
    return next(s for s in app.selectbox if s.key == "stats_layer_choice").options


def drawn_shape(app):
    [picture] = [json.loads(c.proto.json) for c in app.get("bidi_component") if c.key == "stats_tensor"]
    return tuple(picture["shape"])


TITLES = ("BatchNorm", "LayerNorm", "RMSNorm")


@pytest.mark.parametrize(
    ("first", "terms"),
    [(0, {"recipe": 1}), (1, {}), (2, {"dataset": "fashion-mnist"})],
    ids=["recipe 1", "digits", "fashion"],
)
def test_all_norms_have_layers_of_the_size_that_the_chosen_networks_have(open_page, first, terms):
    """The untrained ones, too, so that a comparison and a pinned cell go over all of them.

    Each layer with another norm, so that all norms meet all layers and all networks.
    """
    race = own_race("bn", terms=terms)
    trained_here(race)
    shapes = layer_shapes(race.config)
    inner = SIDE - 2 * DATASETS["digits"].border
    sentence = f"This network gets the inner {inner} × {inner} pixels of every image."
    for i, layer in enumerate((1, 3, 5)):
        asked = {"stats_run": race.run_id, "stats_layer": str(layer), "stats_norm": TITLES[(first + i) % 3]}
        rest = {"stats_source": "Real images", "stats_tab": "Who influences whom?", "stats_more": "true"}
        app = open_page("statistics", **asked, **rest)
        assert not app.warning
        assert layers(app) == [f"{i}: {c} × {h} × {w}" for i, (c, h, w) in enumerate(shapes, start=1)]
        assert drawn_shape(app) == (4, *shapes[layer - 1])
        assert parameter(app, "stats_layer") == str(layer)
        assert (sentence in texts(app)) == (terms == {})


def test_the_number_of_a_layer_means_the_same_in_networks_of_other_sizes(open_page):
    """A choice stays, though its size is another one, and a cell that is no more is unpinned without a word."""
    large, small = own_race("bn", terms={"recipe": 1}), own_race("bn")
    trained_here(large, small)
    _, height, width = layer_shapes(large.config)[0]
    app = open_page(
        "statistics",
        stats_source="Real images",
        stats_run=large.run_id,
        stats_layer="1",
        stats_cell=f"1.1.{height}.{width}",
    )
    assert "Image 1" not in "".join(w.value for w in app.warning)
    app.multiselect[0].set_value([small.run_id]).run()
    assert not app.exception
    assert not app.warning
    assert drawn_shape(app) == (4, *layer_shapes(small.config)[0]) != (4, *layer_shapes(large.config)[0])
    assert parameter(app, "stats_layer") == "1"
    assert "stats_cell" not in app.query_params


def test_a_chosen_layer_stands_in_the_address_by_its_number_and_outlives_a_look_at_another_page(open_page):
    app = open_page("statistics", stats_source="Real images")
    shapes = layer_shapes(WITHOUT_RUNS)
    assert "stats_layer" not in app.query_params
    assert drawn_shape(app) == (4, *shapes[1])
    next(s for s in app.selectbox if s.key == "stats_layer_choice").set_value("4").run()
    assert parameter(app, "stats_layer") == "4"
    assert drawn_shape(app) == (4, *shapes[3])
    app = choose(choose(app, "stats_source", "Small integers"), "stats_source", "Real images")
    assert drawn_shape(app) == (4, *shapes[3])
    app.switch_page("pages/train.py").run()
    app.switch_page("pages/statistics.py")
    app.query_params.clear()
    app.query_params["stats_source"] = "Real images"
    app.run()
    assert drawn_shape(app) == (4, *shapes[3])
    assert parameter(app, "stats_layer") == "4"
    app.query_params["stats_layer"] = "3"  # as the browser's history does
    app.run()
    assert drawn_shape(app) == (4, *shapes[2])
