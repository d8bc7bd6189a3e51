import itertools

import numpy as np

from core.catalogue import NORMS
from core.four_images.figures import before_after, movement_bars, running_lines
from core.four_images.influence import movements, running_estimates
from core.four_images.source import Integers
from core.normalization import normalize, statistics
from core.palette import hue


def test_neighbouring_sets_have_different_hues():
    for channels in (4, 8, 16, 32):  # IN: a row of the tensor holds one set a channel
        colours = [[hue(n * channels + c) for c in range(channels)] for n in range(4)]
        assert all(a != b for row in colours for a, b in itertools.pairwise(row))
        assert all(a != b for up, down in itertools.pairwise(colours) for a, b in zip(up, down, strict=True))


def test_boxes_hold_mean_0_and_variance_1_after():
    x = Integers(4, 2).batch("bn", 1)
    stats = statistics(x, "gn", 2)
    figure = before_after(x, normalize(x, stats), stats, "set", [str(s + 1) for s in range(8)])
    before, after = figure.data[:8], figure.data[8:]
    assert figure.layout.xaxis.title.text == figure.layout.xaxis2.title.text == "set"
    assert (figure.layout.yaxis.title.text, figure.layout.yaxis2.title.text) == ("x", "x̂")
    np.testing.assert_allclose([box.mean[0] for box in before], stats.mean)
    np.testing.assert_allclose([box.mean[0] for box in after], 0, atol=1e-12)
    np.testing.assert_allclose([box.sd[0] for box in after], 1, atol=1e-4)


def test_boxes_by_image_show_that_bn_mixes_images():
    x = Integers(4, 2).batch("bn", 1)
    stats = statistics(x, "bn")
    x_hat = normalize(x, stats)
    figure = before_after(x, x_hat, stats, "image", ["1", "2", "3", "4"])
    np.testing.assert_allclose([box.mean[0] for box in figure.data[4:]], x_hat.mean(axis=(1, 2, 3)))
    assert max(abs(box.mean[0]) for box in figure.data[4:]) > 0.05


def test_bars_carry_the_norms_colours_and_values():
    found = movements(Integers(), 2, 1, training=True)
    bars = movement_bars(found).data
    assert [bar.marker.color for bar in bars] == [NORMS[norm].color for norm in ("bn", "ln", "gn", "in")]
    assert [bar.y[0] for bar in bars] == [m.largest for m in found]
    assert [bar.text[0] for bar in bars] == ["1.4416<br>channel 6,<br>row 1, column 2", "0", "0", "0"]


def test_running_lines_are_the_estimates_of_the_channel_mean_and_variance_side_by_side():
    estimates = running_estimates(Integers(), 3)
    mean, var = running_lines(estimates, 2).data
    assert list(mean.x) == list(var.x) == [0, 1, 2, 3]
    assert list(mean.y) == [e.mean[2] for e in estimates]
    assert list(var.y) == [e.var[2] for e in estimates]
    assert (mean.y[0], var.y[0]) == (0, 1)  # where both start
