"""Single values of the Statistics page: in its pictures, beside its formulas, in its sentences and its files."""

from __future__ import annotations

import base64
import io
import json
import zipfile

import numpy as np
import pytest
import streamlit as st

from core.four_images.arithmetic import short
from core.four_images.influence import settled
from core.four_images.networks import WITHOUT_RUNS
from core.four_images.source import Integers, cell_to_text
from core.four_images.way import way
from core.four_images.workbook import two_layer_workbook
from core.model import layer_shapes
from core.normalization import EPS, normalize, statistics
from core.palette import HUES, HUES_DARK
from tests.pages.conftest import texts
from tests.pages.statistics.test_statistics import TABS, choose, drawn, outputs, sets

ARITHMETIC, WHO, RUNNING, HALVES, AFTER = TABS[1:6]


def sent(app, key: str) -> dict:
    """What a component of the page's own was given to draw."""
    [found] = [c.proto for c in app.get("bidi_component") if c.key == key]
    return json.loads(found.json)


def figure(app, key: str) -> dict:
    """A plotly figure of the page."""
    [found] = [c.proto for c in app.get("plotly_chart") if key in c.proto.id]
    return {"alt": found.alt, **json.loads(found.spec)}


def unpacked(picture: dict, name: str) -> np.ndarray:
    """One array of the picture of the tensor, (N, C, H, W)."""
    return np.frombuffer(base64.b64decode(picture[name]), dtype="<f4").reshape(picture["shape"])


def array(values: object) -> np.ndarray:
    """Numbers of a plotly figure, which writes an array as its bytes."""
    if not isinstance(values, dict):
        return np.array(values)
    shape = [int(n) for n in str(values["shape"]).split(",")]
    return np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"]).reshape(shape)


def caption(app, start: str) -> str:
    [found] = [c.value for c in app.caption if c.value.startswith(start)]
    return found


@pytest.mark.parametrize(
    ("norm", "groups", "sentence"),
    [
        (
            "GroupNorm",
            2,
            "each image has one mean for each of its 2 groups of 3 channels. That makes **8 means** and 8",
        ),
        ("GroupNorm", 3, "each image has one mean for each of its 3 groups of 2 channels. That makes **12 means** and"),
        ("BatchNorm", 2, "each channel has one mean, taken over all 4 images. That makes **6 means** and 6 variances"),
    ],
)
def test_the_headline_counts_images_groups_and_channels(open_page, norm, groups, sentence):
    assert sentence in texts(open_page("statistics", stats_norm=norm, stats_groups=str(groups)))


@pytest.mark.parametrize(
    ("parameters", "norm", "groups", "planes"),
    [
        ({}, "bn", 1, [0, 1, 2, 3, 4, 5] * 4),
        (
            {"stats_norm": "GroupNorm"},
            "gn",
            2,
            [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7],
        ),
        ({"stats_norm": "LayerNorm per position"}, "ln-position", 1, [n * 4 for n in range(4) for _ in range(6)]),
    ],
)
def test_the_tensor_is_drawn_with_the_statistics_of_its_sets(open_page, parameters, norm, groups, planes):
    app = open_page("statistics", stats_cell="2.3.1.2", **parameters)
    picture = drawn(app)
    x = Integers().batch(norm, groups)
    stats = statistics(x, norm, groups)
    np.testing.assert_array_equal(unpacked(picture, "values"), x)
    np.testing.assert_allclose(picture["mean"], stats.mean)
    np.testing.assert_allclose(picture["var"], stats.var)  # the biased one, which normalizes
    assert (picture["eps"], picture["cells"], picture["pinned"]) == (EPS, x.size // stats.count, [1, 2, 0, 1])
    assert picture["planes"] == planes
    assert picture["within"] == ([0, 1, 2, 3] if norm == "ln-position" else None)
    assert picture["palette"] == {"light": list(HUES), "dark": list(HUES_DARK)}
    assert len(picture["names"]) == len(picture["hues"]) == stats.count
    assert picture["title"].endswith("on 4 images, integers, seed 0.")


def test_the_picture_names_its_source(open_page, no_mnist):
    for layer in (1, 5):
        app = open_page("statistics", stats_source="Real images", stats_layer=str(layer))
        assert drawn(app)["title"] == f"BatchNorm on 4 images, layer {layer} of the network."
    app = open_page("statistics", stats_source="Two layers", stats_which="second norm")
    assert drawn(app)["title"] == "BatchNorm on 4 images, second norm of two layers."


def test_two_layers_draw_their_kernels_and_the_way_of_the_pinned_image(open_page):
    link = {"stats_source": "Two layers", "stats_norm": "GroupNorm", "stats_groups": "4"}
    app = open_page("statistics", stats_cell="3.1.1.1", **link)
    picture, stops = figure(app, "stats_way"), way("gn", 4, 2)
    assert picture["alt"] == "Kernels, and every tensor of image 3 between the two layers, a row for each channel"
    for i, trace in enumerate(picture["data"]):
        np.testing.assert_allclose(array(trace["z"])[::-1], stops[i // 4].planes[i % 4])
    app = choose(app, "stats_source", "Small integers")
    assert not [c for c in app.get("plotly_chart") if "stats_way" in c.proto.id]


def test_a_set_of_equal_numbers_brings_the_word_on_eps(open_page):
    """One of two channels is 5 in all four images, the other is not."""
    app = open_page("statistics", stats_channels="2", stats_side="1", stats_edit="0_5~2_5~4_5~6_5")
    assert [var == 0 for var in sets(app)["variance σ²"]] == [True, False]
    assert caption(app, "Where σ² is close to ε").endswith("a set of equal numbers stays at 0.")
    app = open_page("statistics", stats_channels="2", stats_side="1")
    assert (sets(app)["variance σ²"] > 0.1).all()
    assert "close to ε" not in texts(app)


def test_what_moves_image_1_is_in_the_picture(open_page):
    app = open_page("statistics", stats_tab=WHO, stats_replaced="2", stats_cell="1.3.1.1")
    source = Integers()
    old, new = source.batch("bn", 1), source.batch("bn", 1, replaced=2)
    before, after = (normalize(x, statistics(x, "bn"))[0] for x in (old, new))
    picture = drawn(app)
    np.testing.assert_array_equal(unpacked(picture, "values"), new)
    np.testing.assert_array_equal(unpacked(picture, "old"), old)
    np.testing.assert_allclose(picture["mean"], new.mean(axis=(0, 2, 3)))
    moved = np.abs(after - before).max()
    assert figure(app, "stats_movement")["alt"] == (
        f"BatchNorm: image 1 moved by {moved:.4f}; LayerNorm: image 1 moved by 0.0000; "
        "GroupNorm: image 1 moved by 0.0000; InstanceNorm: image 1 moved by 0.0000"
    )
    assert moved > 0.1


def test_in_inference_nothing_moves_image_1(open_page):
    app = open_page("statistics", stats_tab=WHO, stats_mode="inference")
    movement = figure(app, "stats_movement")
    assert [array(bar["y"]).tolist() for bar in movement["data"]] == [[0.0]] * 4
    assert movement["alt"].count("moved by 0.0000") == 4
    picture, estimates = drawn(app), settled(Integers())
    assert picture["running"]
    np.testing.assert_allclose(picture["mean"], estimates.mean)
    np.testing.assert_allclose(picture["var"], estimates.var)
    tint = unpacked(picture, "tint")  # only the pinned cell itself moves it
    assert np.flatnonzero(tint).tolist() == [0]
    assert tint[0, 0, 0, 0] == pytest.approx(1 / np.sqrt(estimates.var[0] + EPS))


def test_gamma_and_beta_are_those_of_the_pinned_channel(open_page):
    app = open_page("statistics", stats_tab=ARITHMETIC, stats_cell="2.3.1.2", stats_gamma="2", stats_beta="0.5")
    x = Integers().batch("bn", 1)[:, 2]
    expected = 2 * (x[1, 0, 1] - x.mean()) / np.sqrt(x.var() + 1e-5) + 0.5
    assert outputs(app) == (short(expected), f"{expected:.6f}")


def test_each_block_of_the_cube_has_its_sets_and_lights_the_pinned_one(open_page):
    app = open_page("statistics", stats_tab="The cube", stats_cell="3.5.2.1", stats_more="true")
    drawn = sent(app, "stats_cube")
    assert drawn["levels"] == 4  # H x W
    assert [(b["title"], b["lit"], b["name"]) for b in drawn["blocks"]] == [
        ("BatchNorm: 6 means", 4, "channel 5"),
        ("LayerNorm: 4 means", 2, "image 3"),
        ("GroupNorm: 8 means", 5, "image 3, group 2"),
        ("InstanceNorm: 24 means", 16, "image 3, channel 5"),
        ("LayerNorm per position: 16 means", 10, "image 3, row 2, column 1"),
        ("RMSNorm: 4 root mean squares", 2, "image 3"),
    ]
    planes = {block["title"].split(":")[0]: block["planes"] for block in drawn["blocks"]}
    assert planes["BatchNorm"] == [[0, 1, 2, 3, 4, 5]] * 4
    assert planes["LayerNorm"] == planes["RMSNorm"] == [[n] * 6 for n in range(4)]
    assert planes["GroupNorm"] == [[2 * n] * 3 + [2 * n + 1] * 3 for n in range(4)]
    assert planes["InstanceNorm"] == [[6 * n + c for c in range(6)] for n in range(4)]
    assert planes["LayerNorm per position"] == [[4 * n] * 6 for n in range(4)]
    within = [block["within"] for block in drawn["blocks"]]
    assert within == [None, None, None, None, [0, 1, 2, 3], None]


@pytest.mark.parametrize("place", [(0, 0, 0, 0), (1, 0, -1, -1), (3, -1, 2, -1)])
def test_a_large_cube_draws_the_pinned_position(open_page, no_mnist, place):
    """Of many positions four are drawn, and the pinned one is among them."""
    channels, height, width = layer_shapes(WITHOUT_RUNS)[4]
    n, c, row, column = (i % size for i, size in zip(place, (4, channels, height, width), strict=True))
    app = open_page(
        "statistics",
        stats_source="Real images",
        stats_layer="5",
        stats_norm="LayerNorm per position",
        stats_tab="The cube",
        stats_cell=cell_to_text((n, c, row, column)),
    )
    drawn = sent(app, "stats_cube")
    [block] = [block for block in drawn["blocks"] if block["within"]]
    assert len(block["within"]) == drawn["levels"] == 4
    assert width * row + column in block["within"]
    assert block["lit"] == height * width * n + width * row + column


@pytest.mark.parametrize(
    ("norm", "words"),
    [
        (
            "LayerNorm",
            "γ and β are one a channel here. torch's nn.LayerNorm([6, 2, 2]) takes the same mean and variance, but has "
            "γ and β for every element: 48 numbers instead of 12.",
        ),
        (
            "RMSNorm",
            "γ is one a channel here. torch's nn.RMSNorm([6, 2, 2]) takes the same root mean square, but has a γ for "
            "every element: 24 numbers instead of 6.",
        ),
    ],
)
def test_what_torch_has_for_every_element_is_counted(open_page, norm, words):
    assert words in [c.value for c in open_page("statistics", stats_norm=norm, stats_tab=ARITHMETIC).caption]


def test_the_spreadsheet_of_both_layers_has_the_groups_that_are_chosen(open_page, monkeypatch):
    offered = {}
    monkeypatch.setattr(st, "download_button", lambda label, data, *_, **__: offered.update({label: data}))
    open_page("statistics", stats_source="Two layers", stats_tab=TABS[-1], stats_groups="4", stats_norm="GroupNorm")
    made, expected, other = (
        zipfile.ZipFile(io.BytesIO(data))
        for data in (
            offered["Both layers with their convolutions (.xlsx)"](),
            two_layer_workbook(4),
            two_layer_workbook(2),
        )
    )
    sheets = [name for name in made.namelist() if name.startswith("xl/worksheets/sheet")]
    assert [made.read(name) for name in sheets] == [expected.read(name) for name in sheets]
    assert [made.read(name) for name in sheets] != [other.read(name) for name in sheets]
