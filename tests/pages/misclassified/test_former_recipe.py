"""Runs of recipe 1 on Misclassified: grids, overlaps, matrices, and one image under every run, in their own network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.misclassified.grid import choose, grid_picture
from core.model import layer_shapes
from tests.former_recipe import former_runs
from tests.pages.conftest import texts
from tests.pages.wrong_page import save, select


@pytest.fixture
def former():
    """The three as this server's own, kept from an earlier version."""
    found = former_runs()
    save(*found)
    return found


def test_every_view_names_the_recipe(open_page, former, shipped):
    ids = [run.run_id for run in former]
    each = open_page("misclassified", wrong_runs=ids)
    assert [s.value for s in each.subheader] == ["BN + L1 (recipe 1)", "GN (4) (recipe 1)", "LN (recipe 1)"]
    assert "20 epochs, batch 128, lr 0.1, seed 0, bf16, recipe 1" in texts(each)
    assert texts(each).count("Recipe 1 is the network and the training of versions up to 0.3.") == 1
    across = open_page("misclassified", wrong_runs=ids, wrong_view="across runs")
    assert "MNIST, 20 epochs, batch 128, lr 0.1, seed 0, bf16, recipe 1; BN + L1 (recipe 1): L1 0.0001" in texts(across)
    assert " only in BN + L1 (recipe 1), " in texts(across)
    matrices = open_page("misclassified", wrong_runs=ids, wrong_view="confusion", wrong_minus=ids[1])
    assert "**BN + L1 (recipe 1) minus GN (4) (recipe 1).**" in texts(matrices)
    assert "Recipe 1 is" not in texts(open_page("misclassified"))


def test_seeds_of_two_recipes_are_not_one_method(open_page, shipped):
    former = [one.changed(config=replace(one.config, recipe=1)) for one in shipped[2:]]
    save(*former)
    ids = [one.run_id for one in (*shipped[2:], *former)]
    app = open_page("misclassified", wrong_runs=ids, wrong_view="across runs", wrong_sets="methods, any seed")
    options = select(app, "Show the images").options
    assert any(option.startswith("wrong only in LN (recipe 1)") for option in options)
    # two seeds each: two pairs within a method, four of two methods
    assert "(means over 2 and 4 pairs)" in texts(app)


def test_one_image_is_seen_by_the_network_of_its_recipe(open_page, former):
    ids = [run.run_id for run in former]
    index = int(former[0].predictions.wrong_index[0])
    app = open_page("misclassified", wrong_runs=ids, wrong_image=str(index), wrong_layers=ids[0])
    frames = [frame.value for frame in app.dataframe]
    [probabilities] = [frame for frame in frames if "Run" in frame]
    assert probabilities["Run"].tolist() == ["BN + L1 (recipe 1)", "GN (4) (recipe 1)", "LN (recipe 1)"]
    found = probabilities[[str(digit) for digit in range(10)]].to_numpy()[0] / 100
    np.testing.assert_allclose(found, former[0].predictions.wrong_probabilities[0], atol=1e-3)
    [layers] = [frame for frame in frames if "Norm" in frame]
    shapes = [" × ".join(map(str, shape)) for shape in layer_shapes(former[0].config)]
    assert layers["Channels × height × width"].tolist() == shapes
    assert shapes != [" × ".join(map(str, s)) for s in layer_shapes(replace(former[0].config, recipe=2))]


def test_a_picture_says_it_in_its_title_and_its_settings(former, monkeypatch):
    from PIL import ImageDraw

    said: list[str] = []
    draw = ImageDraw.ImageDraw.text
    monkeypatch.setattr(
        ImageDraw.ImageDraw, "text", lambda self, xy, text, *a, **k: said.append(text) or draw(self, xy, text, *a, **k)
    )
    record = former[0]
    grid_picture(record, choose(record.predictions, "first"), tuple("0123456789"), order="first")
    assert said[0] == "BN + L1 (recipe 1): 50 of 10,000 test images misclassified"
    assert said[2] == "MNIST, 20 epochs, batch 128, lr 0.1, seed 0, L1 0.0001, bf16, recipe 1"
