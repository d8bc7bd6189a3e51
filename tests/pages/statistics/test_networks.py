"""Which networks and which images the Statistics page shows, and what its address says of them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from core.catalogue import DATASETS, SIDE
from core.data.datasets import DataError
from core.data.datasets import load as real_load
from core.four_images.activations import activations
from core.four_images.networks import WITHOUT_RUNS, trained_network, untrained_network
from core.model import layer_shapes
from core.normalization import statistics
from core.records import store as runs
from core.records.store import RunStore
from tests.pages.conftest import texts
from tests.pages.statistics.test_statistics import choose, parameter, sets
from tests.wrong_records import config, predictions
from tests.wrong_records import record as made

UNKNOWN = "0123456789abcdef"


def trained_here(*records):
    for kept in records:
        runs.save(kept, RunStore().root)


def named(app, name):
    value = app.query_params.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def means(app):
    return sets(app)["mean μ"].to_numpy()


def expected(record, data, norm="bn", groups=1):
    """The means of the second norm for the first of each of the classes 0 to 3."""
    images = np.stack([data.test_images[int((data.test_labels == label).nonzero()[0])].numpy() for label in range(4)])
    model = (untrained_network(norm, groups, WITHOUT_RUNS) if record is None else trained_network(record)).model
    return statistics(activations(model, images, data, training=True)[1], norm, groups).mean


def assert_near(seen, wanted):
    """Equal but for the last digits of float32: the page's thread and this one may split a convolution differently."""
    np.testing.assert_allclose(seen, wanted, rtol=1e-5, atol=1e-6)


def own_race(norm, seed=0, batch_size=64, terms=None, **changed):
    """A run, of digits unless ``terms`` say otherwise, whose weights nobody else has."""
    record = made(config(norm, seed, batch_size=batch_size, **(terms or {})), predictions({}))
    weights = {name: (array * 2 if array.dtype == np.float32 else array) for name, array in record.weights.items()}
    return replace(record, weights=weights).changed(**changed)


def test_nobodys_race_changes_what_is_shown(open_page, shipped, digits):
    """Not a newer run of the same norm, nor one that bears the id of a run of the study."""
    address = {"stats_source": "Real images"}
    app = open_page("statistics", **address)
    assert_near(means(app), expected(shipped[0], digits))
    said = "Network: BN + L1, trained on digits (1 epoch, batch 256, lr 0.1, seed 0, L1 0.0001), of the study"
    assert said in texts(app)
    assert "Images: digits." in texts(app)
    assert not named(app, "stats_run") + named(app, "stats_data")
    twin = replace(shipped[0], weights={name: array + 1 for name, array in shipped[0].weights.items()})
    trained_here(own_race("bn"), twin)
    again = open_page("statistics", **address)
    np.testing.assert_array_equal(means(again), means(app))
    assert said in texts(again)


@pytest.mark.parametrize(("title", "norm", "place"), [("LayerNorm", "ln", 2), ("GroupNorm", "gn", 1)])
def test_all_norms_come_from_one_seed_of_the_study(open_page, shipped, digits, title, norm, place):
    app = open_page("statistics", stats_source="Real images", stats_norm=title, stats_groups="4")
    assert_near(means(app), expected(shipped[place], digits, norm, 4))
    assert "seed 0), of the study that comes with the app." in texts(app)


def test_what_the_study_lacks_is_untrained_and_said(open_page, shipped, digits):
    """Also where somebody has trained it on the study's terms: that is a run of theirs."""
    trained_here(own_race("in", batch_size=256))
    app = open_page("statistics", stats_source="Real images", stats_norm="InstanceNorm")
    assert_near(means(app), expected(None, digits, "in"))
    assert (
        "Network: IN, not trained yet: random weights. "
        "The study that comes with the app has no InstanceNorm with seed 0." in texts(app)
    )


def test_groups_that_were_not_trained_are_said(open_page, shipped):
    said = "The layers of this network have G = 4; the means and variances here are those of G = "
    for groups in (2, 4):
        app = open_page("statistics", stats_source="Real images", stats_norm="GroupNorm", stats_groups=str(groups))
        assert (f"{said}{groups}." in texts(app)) == (groups != 4)


def test_the_address_names_a_race(open_page, shipped, digits):
    race = [own_race("bn"), own_race("ln")]
    trained_here(*race)
    ids = [record.run_id for record in race]
    app = open_page("statistics", stats_source="Real images", stats_run=ids)
    assert not app.warning
    assert named(app, "stats_run") == ids
    assert_near(means(app), expected(race[0], digits))
    assert "seed 0), one of the runs that the address names." in texts(app)
    app = choose(app, "stats_norm", "LayerNorm")
    assert_near(means(app), expected(race[1], digits, "ln"))
    app = choose(app, "stats_norm", "GroupNorm")
    assert "GN (2), not trained yet: random weights. The address names no usable run with GroupNorm." in texts(app)
    assert named(app, "stats_run") == ids
    app = choose(app, "stats_source", "Small integers")
    app = choose(choose(app, "stats_source", "Real images"), "stats_norm", "BatchNorm")
    assert_near(means(app), expected(race[0], digits))


def test_a_choice_stands_in_the_address_and_can_be_taken_back(open_page, shipped, digits):
    race = own_race("bn")
    trained_here(race)
    app = open_page("statistics", stats_source="Real images")
    app.multiselect[0].set_value([race.run_id]).run()
    assert named(app, "stats_run") == [race.run_id]
    assert_near(means(app), expected(race, digits))
    app.multiselect[0].set_value([]).run()
    assert not named(app, "stats_run")
    assert_near(means(app), expected(shipped[0], digits))


@pytest.mark.parametrize("value", [UNKNOWN, "../../etc", "running"])
def test_a_run_that_cannot_be_shown_is_said_and_the_study_stands_in(open_page, shipped, digits, value):
    running = own_race("bn", status="running")
    open_page("home")  # a server that starts takes what still says so for the work of one that died
    trained_here(running)
    asked = running.run_id if value == "running" else value
    app = open_page("statistics", stats_source="Real images", stats_run=asked)
    (warning,) = app.warning
    assert "stats_run = '" in warning.value
    assert "The default is used instead." in warning.value
    assert not named(app, "stats_run")
    assert_near(means(app), expected(shipped[0], digits))


def test_runs_on_other_terms_are_left_out_and_said(open_page, digits):
    race = [own_race("bn"), own_race("ln", 1), own_race("ln")]
    trained_here(*race)
    app = open_page("statistics", stats_source="Real images", stats_run=[record.run_id for record in race])
    (warning,) = app.warning
    assert warning.value.endswith(
        "shown is what goes with BN (digits, 1 epoch, batch 64, lr 0.1, seed 0), and not "
        "LN (digits, 1 epoch, batch 64, lr 0.1, seed 1)."
    )
    assert named(app, "stats_run") == [race[0].run_id, race[2].run_id]
    assert_near(means(app), expected(race[0], digits))


def study_of_mnist(folder):
    record = made(config("bn", l1=1e-4, dataset="mnist"), predictions({}))
    runs.save(record, folder)
    return record


def on_disk(monkeypatch, *names):
    monkeypatch.setattr(
        "pages.parts.statistics.images.on_disk", lambda name: not DATASETS[name].torchvision or name in names
    )


def test_images_that_are_not_on_the_server_are_replaced_said_and_stay(open_page, nothing_ships, monkeypatch, few):
    """Also once somebody has fetched them: the address says which images are shown."""
    record, small = study_of_mnist(nothing_ships), real_load("mnist-small")
    monkeypatch.setattr("pages.parts.statistics.images.load", lambda name: {"mnist-small": small, "mnist": few}[name])
    few = replace(few, name="mnist", test_images=few.test_images.flip(0), test_labels=few.test_labels.flip(0))
    on_disk(monkeypatch)
    app = open_page("statistics", stats_source="Real images")
    assert "Images: small MNIST, since MNIST is not on this server; a race on MNIST fetches it." in texts(app)
    assert named(app, "stats_data") == ["mnist-small"]
    assert_near(means(app), expected(record, small))
    on_disk(monkeypatch, "mnist")
    app = open_page("statistics", stats_source="Real images", stats_data="mnist-small")
    assert "Images: small MNIST." in texts(app)
    assert_near(means(app), expected(record, small))
    app = open_page("statistics", stats_source="Real images")
    assert "Images: MNIST." in texts(app)
    assert not named(app, "stats_data")
    assert_near(means(app), expected(record, few))


def test_a_link_downloads_nothing(open_page, monkeypatch):
    on_disk(monkeypatch)
    app = open_page("statistics", stats_source="Real images", stats_data="fashion-mnist")
    (warning,) = app.warning
    assert "stats_data = 'fashion-mnist', which is not possible here. The default is used instead." in warning.value
    assert not named(app, "stats_data")
    assert "Images: small MNIST." in texts(app)


def test_images_that_cannot_be_read_are_said_once_and_stay(open_page, nothing_ships, monkeypatch):
    study_of_mnist(nothing_ships)
    on_disk(monkeypatch, "mnist")

    def load(name):
        if name == "mnist":
            raise DataError("MNIST could not be downloaded: the network did not answer.")
        return real_load(name)

    monkeypatch.setattr("pages.parts.statistics.images.load", load)
    app = open_page("statistics", stats_source="Real images")
    assert [w.value for w in app.warning] == [
        "MNIST could not be downloaded: the network did not answer. The page goes on with small MNIST."
    ]
    assert "Images: small MNIST." in texts(app)
    assert named(app, "stats_data") == ["mnist-small"]


def test_another_choice_of_networks_brings_its_own_images(open_page, nothing_ships, monkeypatch):
    study_of_mnist(nothing_ships)
    on_disk(monkeypatch)
    race = own_race("bn")
    trained_here(race)
    app = open_page("statistics", stats_source="Real images")
    assert named(app, "stats_data") == ["mnist-small"]
    app.multiselect[0].set_value([race.run_id]).run()
    assert not named(app, "stats_data")
    assert "Images: digits." in texts(app)


def test_a_damaged_run_is_not_shown_as_trained(open_page, monkeypatch, digits):
    race = own_race("bn")
    trained_here(race)
    (RunStore().root / race.run_id / "weights.safetensors").write_bytes(b"no weights")
    app = open_page("statistics", stats_source="Real images", stats_run=race.run_id)
    assert "BN, not trained yet: random weights. The address names no usable run with BatchNorm." in texts(app)
    assert_near(means(app), expected(None, digits))


@pytest.mark.parametrize("tab", ["Who influences whom?", "Training and inference"])
def test_a_comparison_names_the_network_of_every_norm(open_page, shipped, tab):
    said = texts(open_page("statistics", stats_source="Real images", stats_tab=tab))
    assert (
        "Each norm has a network of its own here. "
        "BatchNorm: BN + L1, trained on digits (1 epoch, batch 256, lr 0.1, seed 0, L1 0.0001); "
        "LayerNorm: LN, trained on digits (1 epoch, batch 256, lr 0.1, seed 0); "
        "GroupNorm: GN (4), trained on digits (1 epoch, batch 256, lr 0.1, seed 0); "
        "InstanceNorm: IN, not trained yet: random weights." in said
    )
    assert "a network of its own" not in texts(open_page("statistics", stats_source="Two layers", stats_tab=tab))


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
