"""Training and inference on the Statistics page: who moves whom, and the running estimates batch by batch."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.four_images.influence import one_image_alone, running_estimates
from core.four_images.source import Integers
from tests.pages.conftest import texts
from tests.pages.statistics.test_statistics import choose, click, drawn, parameter, sets


def test_influence_in_training_and_inference(open_page):
    app = open_page("statistics", stats_tab="Who influences whom?")
    assert "**BatchNorm moves image 1** by up to 1.4416 (largest: channel 6, row 1, column 2)" in texts(app)
    first = texts(app)
    app = click(app, "Replace image 4")
    assert "replacement 2;" in texts(app)
    assert texts(app) != first
    app = choose(app, "stats_mode", "inference")
    assert "In inference BatchNorm does not move either" in texts(app)


def test_running_statistics_step_by_step(open_page):
    app = open_page("statistics", stats_tab="Training and inference")
    assert "channel 1, 10 batches seen: 0.90 · " in texts(app)
    assert "running ← (1 − m) · running + m · batch**, m = 0.10" in texts(app)
    assert "stats_batches" not in app.query_params
    app = click(app, "Start again")
    assert "channel 1, 0 batches seen: it starts at **0**" in texts(app)
    assert parameter(app, "stats_batches") == "0"
    app = click(app, "One more batch")
    # the batch on the screen: its channel 1 has mean 4.875 and unbiased variance 5.609375 * 16 / 15
    assert drawn(app)["mean"][0] == 4.875
    assert "Running mean of channel 1, 1 batch seen: 0.90 · 0.0000 + 0.10 · 4.8750 = **0.4875**" in texts(app)
    assert "Running variance of channel 1, 1 batch seen: 0.90 · 1.0000 + 0.10 · 5.9833 = **1.4983**" in texts(app)
    assert "torch collects the unbiased variance of a batch: 16 / 15 · 5.6094 = 5.9833." in texts(app)
    app = click(app, "Ten more")
    assert "channel 1, 11 batches seen" in texts(app)
    assert parameter(app, "stats_batches") == "11"
    table = next(d.value for d in app.dataframe if "largest gap" in d.value)
    assert list(table) == ["norm", "training", "inference", "largest gap"]
    assert table["largest gap"][0] > 0.01
    assert max(table["largest gap"][1:]) < 1e-9
    alone = one_image_alone(Integers(), 2, running_estimates(Integers(), 11)[-1])[0]
    c, y, x = alone.gap_at
    assert abs(alone.together - alone.alone)[c, y, x] == table["largest gap"][0]
    place = f"channel {c + 1}, row {y + 1}, column {x + 1}"
    assert f"BatchNorm's largest gap, {table['largest gap'][0]:.4f}, is at {place}." in texts(app)


def test_the_momentum_has_an_effect(open_page):
    app = open_page("statistics", stats_tab="Training and inference", stats_momentum="0.5", stats_batches="1")
    mean = Integers().batch("bn", 1)[:, 0].mean()
    assert f"0.50 · 0.0000 + 0.50 · {mean:.4f} = **{0.5 * mean:.4f}**" in texts(app)


def batches(app):
    """The table of the training batches."""
    return next(d.value for d in app.dataframe if "running mean after" in d.value)


def test_the_first_batch_is_the_one_shown_with_its_edits_and_the_others_can_be_looked_at(open_page):
    app = open_page(
        "statistics", stats_tab="Training and inference", stats_edit="0_100~50_-7", stats_seed="5", stats_batches="3"
    )
    table = batches(app)
    assert list(table["is"]) == ["the one chosen above", "seed 6", "seed 7"]
    assert "Batch 1 is the one chosen above, edits included; each later one has the next seed" in texts(app)
    assert "(batch 2: seed 6, which “Shape” shows)" in texts(app)
    layer = nn.BatchNorm2d(6).double()
    tensors = [Integers(seed=5, edits=((0, 100.0), (50, -7.0))), Integers(seed=6), Integers(seed=7)]
    for row, tensor in zip(table.itertuples(index=False), tensors, strict=True):
        x = torch.tensor(tensor.numbers)
        layer(x)
        channel = x[:, 0]
        expected = [channel.mean(), channel.var(unbiased=True), layer.running_mean[0], layer.running_var[0]]
        assert list(row)[2:] == pytest.approx([float(value) for value in expected], rel=1e-9)
    second = open_page("statistics", stats_seed="6")
    assert sets(second)["mean μ"][0] == pytest.approx(table["mean"][1])


@pytest.mark.parametrize(
    ("source", "second"),
    [
        ("Two layers", "each later one holds random pictures (batch 2: random pictures, seed 1001)."),
        ("Real images", "training"),
    ],
)
def test_other_sources_name_their_batches_too(open_page, no_mnist, source, second):
    app = open_page(
        "statistics",
        stats_source=source,
        stats_tab="Training and inference",
        stats_which="second norm",
        stats_batches="1",
    )
    assert second in texts(app)
    assert batches(app)["mean"][0] == pytest.approx(drawn(app)["mean"][0])
    assert "in a network of its own" not in texts(app).split("Each norm has")[0]
    app = choose(app, "stats_norm", "LayerNorm")
    assert "The picture shows what LayerNorm receives, in a network of its own." in texts(app)


@pytest.mark.parametrize(
    ("text", "value", "keras"),
    [
        ("0.01", 0.01, "0.99"),
        ("0.05", 0.05, "0.95"),
        ("0.1", 0.1, "0.90"),
        ("0.10", 0.1, "0.90"),
        ("0.15", 0.15, "0.85"),
        (".5", 0.5, "0.50"),
        ("1", 1, "0.00"),
        ("1.0", 1, "0.00"),
        ("0", 0, "1.00"),
    ],
)
def test_every_momentum_of_an_old_link_and_that_of_keras(open_page, text, value, keras):
    app = open_page("statistics", stats_tab="Training and inference", stats_momentum=text, stats_batches="1")
    assert not app.warning
    assert app.select_slider(key="stats_momentum").value == value
    mean = value * 4.875
    assert f"{1 - value:.2f} · 0.0000 + {value:.2f} · 4.8750 = **{mean:.4f}**" in texts(app)
    assert f"Keras and TensorFlow call 1 − m the momentum: {keras} there is {value:.2f} here" in texts(app)


def test_all_of_the_old_steps_are_there(open_page):
    slider = open_page("statistics", stats_tab="Training and inference").select_slider(key="stats_momentum")
    assert slider.options == ["0", "0.01", *(f"{percent / 100:g}" for percent in range(5, 101, 5))]


def test_in_inference_it_is_said_where_the_running_values_come_from(open_page, shipped):
    app = open_page("statistics", stats_tab="Who influences whom?", stats_mode="inference")
    assert "those after 40 batches, of which the one chosen above is the first." in texts(app)
    app = open_page("statistics", stats_tab="Who influences whom?", stats_mode="inference", stats_source="Real images")
    assert "those that this network learned in its training." in texts(app)


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({}, False),
        ({"stats_source": "Two layers"}, False),
        ({"stats_source": "Two layers", "stats_which": "second norm"}, True),
        ({"stats_source": "Real images", "stats_layer": "1"}, False),
        ({"stats_source": "Real images"}, True),
    ],
)
def test_norms_before_this_one_take_part_only_where_there_are_any(open_page, no_mnist, link, said):
    app = open_page("statistics", stats_tab="Who influences whom?", **link)
    assert ("For BatchNorm the norms before this one" in texts(app)) == said
