"""Which networks and which images the Statistics page shows, and what its address says of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.catalogue import DATASETS
from core.data.datasets import DataError
from core.data.datasets import load as real_load
from core.four_images.activations import activations
from core.four_images.networks import WITHOUT_RUNS, trained_network, untrained_network
from core.normalization import statistics
from core.records import store as runs
from core.records.store import RunStore
from tests.pages.conftest import texts
from tests.pages.statistics.test_statistics import choose, sets
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
