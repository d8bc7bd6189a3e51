"""The Statistics page and its state transitions, without a browser."""

from __future__ import annotations

import io
import json
import re
import zipfile

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from core.data.datasets import load
from core.four_images import source
from core.four_images.arithmetic import short
from core.four_images.networks import WITHOUT_RUNS
from core.four_images.source import Integers, cell_to_text
from core.four_images.two_layers import TwoLayers
from core.four_images.workbook import batch_csv, batch_workbook
from core.model import layer_shapes
from core.normalization import statistics
from pages.parts.shared.tensor_view import as_cell
from tests.pages.conftest import texts

TABS = (
    "How many means?",
    "Arithmetic",
    "Who influences whom?",
    "Training and inference",
    "Accumulated gradients",
    "Before and after",
    "The cube",
    "Write it in PyTorch",
    "Check yourself",
    "Take it with you",
)
BASIC = ["BatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm"]
LINE = re.compile(r"- \*\*(.+)\*\*: (.+ = )\*\*([\d,]+)\*\* (.+)")


def choose(app, key, value):
    """Choose ``value`` where ``key`` is, whatever kind of choice that is."""
    kinds = (app.segmented_control, app.selectbox, app.select_slider)
    return next(e for kind in kinds for e in kind if e.key == key).set_value(value).run()


def sets(app):
    """The table of all sets: in the first lesson."""
    return next(d.value for d in app.dataframe if "covers" in d.value)


def drawn(app):
    """What the picture of the tensor was given to draw."""
    [found] = [c.proto for c in app.get("bidi_component") if c.key == "stats_tensor"]
    return json.loads(found.json)


def counted(app, tensor=0):
    """The counts of the first lesson by norm: of the tensor in the picture, or of the calculator's (1)."""
    return {found[1]: found[3] for found in lines(app, tensor)}


def lines(app, tensor=0):
    """The lines of counts."""
    blocks = [m.value for m in app.markdown if LINE.match(m.value)]
    return [LINE.fullmatch(line) for line in blocks[tensor].splitlines()]


def outputs(app):
    """What the formulas and torch give for the pinned cell."""
    said = texts(app)
    own, theirs = (re.search(rf"{name}[^*]*\*\*([^*]+)\*\*", said)[1] for name in ("Output y =", "By torch:"))
    return own, theirs


def parameter(app, name):
    """One value of the address; the test driver hands out bound ones as a list."""
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def click(app, label):
    return next(b for b in app.button if b.label == label).click().run()


def test_first_screen_counts_the_means_and_names_the_mode(open_page):
    app = open_page("statistics")
    said = texts(app)
    assert "**BatchNorm** (training mode)" in said
    assert "**6 means** and 6 variances, each over 16 cells" in said
    assert counted(app) == dict(zip(BASIC, ["6", "4", "8", "24"], strict=True))
    assert [line[0] for line in lines(app)] == [
        "- **BatchNorm**: C = **6** means, each over N×H×W = 16 cells",
        "- **LayerNorm**: N = **4** means, each over C×H×W = 24 cells",
        "- **GroupNorm**: N × G = 4 × 2 = **8** means, each over (C/G)×H×W = 12 cells",
        "- **InstanceNorm**: N × C = 4 × 6 = **24** means, each over H×W = 4 cells",
    ]
    table = sets(app)
    expected = statistics(Integers().batch("bn", 1), "bn")
    np.testing.assert_allclose(table["mean μ"], expected.mean)
    np.testing.assert_allclose(table["variance σ²"], expected.var)
    np.testing.assert_allclose(table["mean after"], 0, atol=1e-9)
    np.testing.assert_allclose(table["variance after"], 1, atol=1e-4)


def test_four_channels_by_link(open_page):
    app = open_page("statistics", stats_channels="4")
    assert counted(app) == dict(zip(BASIC, ["4", "4", "8", "16"], strict=True))
    np.testing.assert_allclose(sets(app)["mean μ"], statistics(Integers(4).batch("bn", 1), "bn").mean)


@pytest.mark.parametrize(("norm", "count"), [("LayerNorm", 4), ("GroupNorm", 8), ("InstanceNorm", 24)])
def test_every_norm(open_page, norm, count):
    app = choose(open_page("statistics"), "stats_norm", norm)
    assert not app.exception
    assert len(sets(app)) == count
    assert f"**{count} means**" in texts(app)


def test_groups_run_over_the_divisors_from_ln_to_in(open_page):
    app = open_page("statistics")
    assert app.select_slider(key="stats_groups").disabled  # it would change nothing of BatchNorm's picture
    app = choose(app, "stats_norm", "GroupNorm")
    slider = app.select_slider(key="stats_groups")
    assert not slider.disabled
    assert slider.options == ["1", "2", "3", "6"]
    assert slider.label == "Groups G of GroupNorm: 1 is LN, 6 is IN"
    for groups in (1, 2, 3, 6):
        app.select_slider(key="stats_groups").set_value(groups).run()
        assert counted(app)["GroupNorm"] == str(4 * groups)


@pytest.mark.parametrize("source", ["Small integers", "Two layers", "Real images"])
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_of_every_source(open_page, no_mnist, source, tab):
    app = open_page("statistics", stats_source=source, stats_tab=tab, stats_norm="GroupNorm")
    assert not app.exception
    assert not app.warning
    assert not app.error


def test_a_shape_of_one_cell_says_what_torch_would(open_page):
    app = open_page("statistics", stats_side="1", stats_norm="InstanceNorm")
    assert "torch's InstanceNorm2d refuses this batch" in texts(app)


def test_torch_stands_beside_the_own_result_and_follows_gamma_and_beta(open_page):
    app = open_page("statistics", stats_norm="LayerNorm", stats_tab="Arithmetic")
    for gamma, beta in ((1.0, 0.0), (2.0, -0.5)):
        next(s for s in app.slider if s.key == "stats_gamma").set_value(gamma)
        next(s for s in app.slider if s.key == "stats_beta").set_value(beta)
        app.run()
        x = Integers().batch("ln", 1)
        expected = gamma * (x[0, 0, 0, 0] - x[0].mean()) / np.sqrt(x[0].var() + 1e-5) + beta
        assert outputs(app) == (short(expected), f"{expected:.6f}")
    assert "nn.GroupNorm(1, 6)" in choose(app, "stats_tab", "Write it in PyTorch").code[0].value


def test_new_numbers_take_the_next_seed(open_page):
    app = click(open_page("statistics", stats_seed="9999"), "New numbers")
    assert app.number_input(key="stats_seed").value == 0
    app = click(app, "New numbers")
    assert app.number_input(key="stats_seed").value == 1
    assert parameter(app, "stats_seed") == "1"


@pytest.mark.parametrize(("which", "layer"), [("first norm", 0), ("second norm", 1)])
def test_two_layers_show_the_chosen_norm(open_page, which, layer):
    app = open_page("statistics", stats_source="Two layers", stats_which=which)
    np.testing.assert_allclose(sets(app)["mean μ"], statistics(TwoLayers(layer).batch("bn", 1), "bn").mean)
    assert "3 × 3 images → convolution 2 × 2 → norm → ReLU → convolution 1 × 1 → norm." in texts(app)


@pytest.mark.parametrize(("norm", "short", "groups"), [("LayerNorm", "ln", 1), ("GroupNorm", "gn", 3)])
def test_what_is_taken_away_is_what_is_shown(open_page, monkeypatch, norm, short, groups):
    offered = {}
    monkeypatch.setattr(st, "download_button", lambda label, data, *_, **__: offered.update({label: data}))
    open_page("statistics", stats_tab="Take it with you", stats_norm=norm, stats_groups=str(groups))
    x = Integers().batch(short, groups)
    assert offered[f"CSV ({norm})"]().decode() == batch_csv(x, short, groups)
    if short == "gn":
        books = [zipfile.ZipFile(io.BytesIO(data)) for data in (offered["Spreadsheet (.xlsx)"](), batch_workbook(x, 3))]
        sheets = [name for name in books[0].namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) > 1
        for name in sheets:
            assert books[0].read(name) == books[1].read(name), name


def test_the_first_images_are_the_first_of_the_classes_0_to_3(open_page, no_mnist):
    app = open_page("statistics", stats_source="Real images")
    labels = load("mnist-small").test_labels.tolist()
    numbers = [app.number_input(key=f"stats_image{i + 1}") for i in range(4)]
    assert [number.value for number in numbers] == [labels.index(digit) for digit in range(4)]
    app = click(app, "Four others")
    others = [app.number_input(key=f"stats_image{i + 1}").value for i in range(4)]
    assert len(set(others)) == 4
    assert all(0 <= position < len(labels) for position in others)


def upload(app, content, name="mine.png"):
    next(e for e in app.segmented_control if e.key == "stats_own_way").set_value("upload").run()
    return app.file_uploader[0].set_value((name, content, "image/png")).run()


def test_an_upload_takes_the_place_and_a_bad_one_leaves_it(open_page, no_mnist):
    picture = Image.new("L", (60, 60), 255)
    picture.paste(0, (25, 5, 35, 55))
    file = io.BytesIO()
    picture.save(file, "PNG")
    app = open_page("statistics", stats_source="Real images")
    before = sets(app)["mean μ"].tolist()
    app = upload(app, file.getvalue())
    assert not app.exception
    after = sets(app)["mean μ"].tolist()
    assert after != before
    assert "1 of your own" in texts(app)
    app = upload(app, b"no image at all", "bad.png")
    assert [w.value for w in app.warning if "not an image" in w.value]
    assert sets(app)["mean μ"].tolist() == after
    app = click(app, "Back to the test set")
    assert sets(app)["mean μ"].tolist() == before


@pytest.mark.parametrize(
    "sent",
    [None, [0, 0, 0], [0, 0, 0, 10**9], [-1, 0, 0, 0], "0000", [0.5, 0, 0, 0], {"a": 1}, [0, 0, 0, 0, 0], [True] * 4],
)
def test_what_the_browser_sends_is_checked(sent):
    assert as_cell([3, 1, 0, 2]) == (3, 1, 0, 2)
    assert as_cell(sent) is None


@pytest.mark.parametrize("channel", [1, 14, -1])
def test_the_cube_always_draws_the_pinned_channel(open_page, no_mnist, channel):
    channels, _, _ = layer_shapes(WITHOUT_RUNS)[4]
    cell = cell_to_text((0, channel % channels, 0, 0))
    app = open_page("statistics", stats_source="Real images", stats_layer="5", stats_tab="The cube", stats_cell=cell)
    (cubes,) = (json.loads(c.proto.json) for c in app.get("bidi_component") if c.key == "stats_cube")
    for block in cubes["blocks"]:
        assert block["lit"] in np.ravel(block["planes"]), block["title"]


def test_the_integers_are_drawn_once(open_page, monkeypatch):
    """The array is what a visit keeps: a rerun with the same seed draws nothing, an edit draws nothing."""
    made = []
    real = source.draw
    monkeypatch.setattr(source, "draw", lambda *given: made.append(given) or real(*given))
    app = open_page("statistics", stats_edit="0_50")
    assert made == [(0, 6, 2, 4)]
    app = choose(app, "stats_norm", "LayerNorm")
    assert made == [(0, 6, 2, 4)]
    click(app, "New numbers")
    assert made == [(0, 6, 2, 4), (1, 6, 2, 4)]
