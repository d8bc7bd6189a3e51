"""The running estimates of the Statistics page: what they collect, how an update is written, the gap in inference."""

from __future__ import annotations

import numpy as np
import pytest

from core.four_images.source import Integers
from tests.pages.conftest import texts
from tests.pages.statistics.test_statistics import click, parameter
from tests.pages.statistics.test_values import RUNNING, array, figure


def test_the_running_variance_collects_the_unbiased_one(open_page):
    app = open_page("statistics", stats_tab=RUNNING, stats_batches="1", stats_momentum="1", stats_cell="1.2.1.1")
    # 4 images of 2 x 2
    batch = next(iter(Integers().stream("bn", 1, 1)))[:, 1]
    assert f"the unbiased variance of a batch: 16 / 15 · {batch.var():.4f} = {batch.var(ddof=1):.4f}." in texts(app)
    assert f"= **{batch.var(ddof=1):.4f}**" in texts(app)
    assert f"= **{batch.mean():.4f}**" in texts(app)


def test_one_image_alone_has_another_answer_by_its_own_statistics(open_page):
    app = open_page("statistics", stats_tab=RUNNING, stats_batches="0", stats_cell="1.2.2.1")
    x = Integers().batch("bn", 1)
    own = (x[0, 1, 1, 0] - x[0, 1].mean()) / np.sqrt(x[0, 1].var() + 1e-5)
    said = texts(app)
    assert (
        f"BatchNorm by the **running** values gives {x[0, 1, 1, 0] / np.sqrt(1 + 1e-5):.4f}; by the statistics of a "
        f"batch of this one image it would give {own:.4f}. " in said
    )
    assert "The cell shown is channel 2, row 2, column 1 of image 1, where the pin is." in said


def test_an_update_is_written_with_its_numbers(open_page):
    app = open_page("statistics", stats_tab=RUNNING, stats_batches="2", stats_momentum="0.25", stats_cell="1.2.1.1")
    first, second = (batch[:, 1] for batch in Integers().stream("bn", 1, 2))
    mean, var = 0.25 * first.mean(), 0.75 + 0.25 * first.var(ddof=1)
    said = texts(app)
    for name, before, batch in (("mean", mean, second.mean()), ("variance", var, second.var(ddof=1))):
        after = 0.75 * before + 0.25 * batch
        written = [f"({value:.4f})" if value < 0 else f"{value:.4f}" for value in (before, batch)]
        assert (
            f"Running {name} of channel 2, 2 batches seen: 0.75 · {written[0]} + 0.25 · {written[1]} = **{after:.4f}**"
            in said
        )
    lines = [array(line["y"]) for line in figure(app, "stats_running")["data"]]
    np.testing.assert_allclose(lines[0], [0, mean, 0.75 * mean + 0.25 * second.mean()])
    np.testing.assert_allclose(lines[1], [1, var, 0.75 * var + 0.25 * second.var(ddof=1)])


def test_a_negative_number_in_an_update_has_brackets(open_page):
    """Channel 1 of the first layer has the mean -0.0625 in the batch that is shown and -0.9375 in the second."""
    app = open_page("statistics", stats_source="Two layers", stats_tab=RUNNING, stats_batches="2", stats_momentum="0.5")
    assert "2 batches seen: 0.50 · (-0.0312) + 0.50 · (-0.9375) = **-0.4844**" in texts(app)
    app = click(app, "One more batch")
    assert "3 batches seen: 0.50 · (-0.4844) + 0.50 · (-0.3750) = **-0.4297**" in texts(app)


@pytest.mark.parametrize("more", ["false", "true"])
def test_the_sentence_on_the_other_norms_fits_however_many_are_shown(open_page, more):
    said = texts(open_page("statistics", stats_tab=RUNNING, stats_more=more))
    assert "All other norms compute the same alone as among others: **no gap**." in said


def test_there_are_at_most_200_batches(open_page):
    app = click(open_page("statistics", stats_tab=RUNNING, stats_batches="195"), "Ten more")
    assert "channel 1, 200 batches seen" in texts(app)
    assert parameter(app, "stats_batches") == "200"
    assert "channel 1, 200 batches seen" in texts(click(app, "One more batch"))
