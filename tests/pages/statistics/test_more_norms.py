"""The norms that are shown on request: LayerNorm at each position, and RMSNorm."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.four_images.arithmetic import short
from core.four_images.source import Integers
from core.normalization import statistics
from tests.pages.conftest import texts
from tests.pages.statistics.test_statistics import BASIC, choose, counted, outputs
from tests.torch_norms import torch_norm

ALL = [*BASIC, "LayerNorm per position", "RMSNorm"]


def offered(app):
    return next(e for e in app.segmented_control if e.key == "stats_norm").options


def more(app):
    return next(t for t in app.toggle if t.key == "stats_more")


def test_the_first_view_stays_with_the_basic_ones(open_page):
    app = open_page("statistics")
    assert offered(app) == BASIC
    assert list(counted(app)) == BASIC
    assert not more(app).value


def test_the_toggle_brings_the_others_and_takes_them_away_again(open_page):
    app = open_page("statistics")
    more(app).set_value(True).run()
    assert offered(app) == ALL
    # 4 images of 6 channels of 2 x 2
    assert counted(app) == dict(zip(ALL, ["6", "4", "8", "24", "16", "4"], strict=True))
    choose(app, "stats_norm", "RMSNorm")
    assert "**RMSNorm**: each image has one root mean square" in texts(app)
    more(app).set_value(False).run()
    assert not app.exception
    assert offered(app) == BASIC
    assert "**BatchNorm** (training mode)" in texts(app)


def test_a_link_to_one_of_them_shows_all(open_page):
    app = open_page("statistics", stats_norm="LayerNorm per position")
    assert more(app).value
    assert offered(app) == ALL
    said = texts(app)
    assert "each position of each image has one mean, taken over its 6 channels" in said
    assert "**16 means** and 16 variances, each over 6 cells." in said
    table = next(d.value for d in app.dataframe if "mean μ" in d.value)
    stats = statistics(Integers().batch("bn", 1), "ln-position")
    np.testing.assert_allclose(table["mean μ"], stats.mean)
    assert list(table["covers"])[:3] == [f"image 1, row {r}, column {c}" for r, c in ((1, 1), (1, 2), (2, 1))]


def test_rms_has_mean_squares_and_no_beta(open_page):
    app = open_page("statistics", stats_norm="RMSNorm", stats_gamma="2")
    table = next(d.value for d in app.dataframe if "mean square" in d.value)
    app = choose(app, "stats_tab", "Arithmetic")
    said = texts(app)
    assert "**4 root mean squares**, each over 24 cells." in said
    assert not [slider for slider in app.slider if slider.key == "stats_beta"]
    x = Integers().batch("bn", 1)
    np.testing.assert_allclose(table["mean square"], np.square(x).mean(axis=(1, 2, 3)))
    layer = torch_norm("rms", x.shape, gamma=np.array([2.0, 1, 1, 1, 1, 1]))
    expected = float(layer(torch.from_numpy(x))[0, 0, 0, 0].detach())
    assert outputs(app) == (short(expected), f"{expected:.6f}")


@pytest.mark.parametrize("norm", ALL[4:])
@pytest.mark.parametrize(
    "tab", ["Who influences whom?", "Training and inference", "Before and after", "The cube", "Check yourself"]
)
@pytest.mark.parametrize("source", ["Small integers", "Two layers"])
def test_every_tab_and_source_takes_them(open_page, norm, tab, source):
    app = open_page("statistics", stats_norm=norm, stats_tab=tab, stats_source=source)
    said = texts(app)
    if tab == "Who influences whom?":
        assert "**LayerNorm, GroupNorm, InstanceNorm, LayerNorm per position and RMSNorm: 0.**" in said
    if tab == "Training and inference":
        table = next(d.value for d in app.dataframe if "norm" in d.value)
        assert list(table["norm"]) == ALL
        assert (table["largest gap"].to_numpy()[1:] < 1e-9).all()
        assert "All other norms compute the same alone as among others: **no gap**." in said
    if tab == "Before and after":
        claim = "a mean square of 1" if norm == "RMSNorm" else "has mean 0 and variance 1"
        assert claim in said
    if tab == "Check yourself":
        word = "root mean squares" if norm == "RMSNorm" else "means"
        assert any(f"How many {word} does {norm} compute" in radio.label for radio in app.radio)


@pytest.mark.parametrize("norm", ALL[4:])
def test_real_images_pass_an_untrained_network_of_theirs(open_page, no_mnist, norm):
    app = open_page("statistics", stats_norm=norm, stats_source="Real images")
    assert "not trained yet" in texts(app)
