"""Before and after a norm on the Statistics page: which parts have mean 0 and variance 1 then, and which need not."""

from __future__ import annotations

import pytest

from core.four_images.source import Integers
from core.normalization import normalize, statistics
from tests.pages.conftest import texts
from tests.pages.statistics.test_values import AFTER, array, figure


@pytest.mark.parametrize(
    ("norm", "short", "split", "axes"),
    [
        ("BatchNorm", "bn", "image", (1, 2, 3)),
        ("LayerNorm", "ln", "channel", (0, 2, 3)),
        ("GroupNorm", "gn", "channel", (0, 2, 3)),
    ],
)
def test_parts_that_are_no_sets_keep_means_of_their_own(open_page, norm, short, split, axes):
    app = open_page("statistics", stats_tab=AFTER, stats_norm=norm, stats_split=f"each {split}")
    x = Integers().batch(short, 2)
    means = normalize(x, statistics(x, short, 2)).mean(axis=axes)
    assert means.max() - means.min() > 0.1
    assert (
        f"**Not every {split} has mean 0**: its cells are normalized together with others. The means after run from "
        f"{means.min():.2f} to {means.max():.2f}." in texts(app)
    )
    boxes = figure(app, "stats_boxes")["data"]
    assert [float(array(box["mean"])[0]) for box in boxes[len(means) :]] == pytest.approx(means)


@pytest.mark.parametrize(
    ("norm", "split"), [("BatchNorm", "channel"), ("LayerNorm", "image"), ("InstanceNorm", "image")]
)
def test_parts_that_are_made_of_whole_sets_have_mean_0(open_page, norm, split):
    app = open_page("statistics", stats_tab=AFTER, stats_norm=norm, stats_split=f"each {split}")
    assert f"Every {split} has mean 0 after {norm} as well: it is made of whole sets." in texts(app)


def test_rms_subtracts_no_mean_from_any_part(open_page):
    app = open_page("statistics", stats_tab=AFTER, stats_norm="RMSNorm", stats_split="each image")
    x = Integers().batch("rms", 1)
    means = normalize(x, statistics(x, "rms")).mean(axis=(1, 2, 3))
    assert (
        "**Not every image has mean 0**: RMSNorm subtracts no mean. The means after run from "
        f"{means.min():.2f} to {means.max():.2f}." in texts(app)
    )


def test_sets_of_one_cell_are_not_said_to_have_variance_1(open_page):
    app = open_page("statistics", stats_side="1", stats_norm="InstanceNorm", stats_tab="Before and after")
    assert "the variance after is smaller: σ² / (σ² + ε)" in texts(app)
    app = open_page("statistics", stats_tab="Before and after")
    assert "the variance after is smaller" not in texts(app)


@pytest.mark.parametrize(
    ("norm", "split", "edit", "words"),
    [
        ("GroupNorm", "each image", "", "Every image has mean 0 after GroupNorm as well: it is made of whole sets."),
        ("BatchNorm", "each channel", "", "Every channel has mean 0 after BatchNorm as well"),
        ("InstanceNorm", "each channel", "", "Every channel has mean 0 after InstanceNorm as well"),
        ("BatchNorm", "each image", "", "**Not every image has mean 0**: its cells are normalized together"),
        ("GroupNorm", "each channel", "", "**Not every channel has mean 0**: its cells are normalized together"),
        ("RMSNorm", "each image", "", "**Not every image has mean 0**: RMSNorm subtracts no mean."),
        # all images the same: their means under BatchNorm are 0, and they are no whole sets for that
        ("BatchNorm", "each image", "~".join(f"{i}_{i % 2}" for i in range(8)), "Every image happens to have mean 0"),
    ],
)
def test_parts_that_are_no_sets_need_not_have_mean_0(open_page, norm, split, edit, words):
    link = {"stats_channels": "2", "stats_side": "1", "stats_edit": edit} if edit else {}
    app = open_page("statistics", stats_tab="Before and after", stats_norm=norm, stats_split=split, **link)
    assert words in texts(app)
