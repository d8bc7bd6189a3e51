"""Figures from plain data: what is drawn, in which colour, with which words and numbers."""

import math
from itertools import pairwise

import pytest

from core.catalogue import NORMS
from core.comparison.curves import (
    LABEL_PIXELS,
    METRIC_TITLES,
    PLOT_PIXELS,
    SUBTITLE_PIXELS,
    SUBTITLE_WIDTH,
    Curve,
    comparison,
    curves,
)
from core.comparison.graphs import accuracy_figure, loss_figure
from core.comparison.methods import Method, as_methods, single_runs
from core.config import RunConfig
from core.labels import summary
from core.records.record import EpochRow, RunSummary


def run(norm, losses, accuracies, status="complete", **values) -> RunSummary:
    rows = tuple(
        EpochRow(i, loss + 1, accuracy - 1, loss, accuracy, 1.0)
        for i, (loss, accuracy) in enumerate(zip(losses, accuracies, strict=True), start=1)
    )
    config = RunConfig(**{"norm": norm, "epochs": len(rows), **values})
    return RunSummary(config=config, status=status, epochs=rows)


@pytest.fixture
def runs() -> list[Method]:
    return single_runs(
        [
            run("bn", [0.5, 0.2, 0.3], [90.0, 98.0, 97.0], l1=1e-4),
            run("gn", [0.4, 0.3, 0.1], [91.0, 95.0, 99.0]),
            run("ln", [0.6], [88.5]),
        ]
    )


def lines(figure):
    return [trace for trace in figure.data if trace.mode == "lines+markers"]


def rings(figure):
    return [trace for trace in figure.data if trace.marker.symbol == "circle-open"]


def end_texts(figure):
    return [note for note in figure.layout.annotations if note.xref != "paper"]


def test_curves_hold_every_metric_over_epochs(runs):
    drawn = curves(runs, "test_loss")
    assert [(c.label, c.norm) for c in drawn] == [("BN + L1", "bn"), ("GN (4)", "gn"), ("LN", "ln")]
    assert drawn[0].x == (1, 2, 3)
    assert drawn[0].y == (0.5, 0.2, 0.3)
    assert curves(runs, "test_accuracy")[2].y == (88.5,)
    assert curves(runs, "train_loss")[1].y == (1.4, 1.3, 1.1)
    assert curves(runs, "train_accuracy")[1].y == (90.0, 94.0, 98.0)


@pytest.mark.parametrize(
    ("draw", "title", "axis", "best"),
    [
        (loss_figure, "Graph 1. Test loss", "Test loss (cross-entropy)", [(2, 0.2), (3, 0.1), (1, 0.6)]),
        (accuracy_figure, "Graph 2. Test accuracy", "Test accuracy (%)", [(2, 98.0), (3, 99.0), (1, 88.5)]),
    ],
)
def test_graphs_are_titled_and_the_best_epoch_is_ringed(runs, draw, title, axis, best):
    figure = draw(runs)
    assert figure.layout.title.text == title
    assert figure.layout.xaxis.title.text == "Epoch"
    assert figure.layout.yaxis.title.text == axis
    assert [trace.name.split(":")[0] for trace in lines(figure)] == ["BN + L1", "GN (4)", "LN"]
    [ring] = rings(figure)
    assert list(zip(ring.x, ring.y, strict=True)) == best
    assert list(ring.marker.color) == [NORMS[name].color for name in ("bn", "gn", "ln")]
    assert not ring.showlegend


def test_final_values_stand_at_the_line_ends(runs):
    notes = {(a.x, a.y): a.text for a in loss_figure(runs).layout.annotations}
    assert notes == {(3, 0.3): "BN + L1 0.3000", (3, 0.1): "GN (4) 0.1000", (1, 0.6): "LN 0.6000"}
    notes = [a.text for a in end_texts(accuracy_figure(runs))]
    assert notes == ["LN 88.50 %", "BN + L1 97.00 %", "GN (4) 99.00 %"]


def test_the_legend_says_final_and_best_in_words(runs):
    assert [trace.name for trace in lines(loss_figure(runs))] == [
        "BN + L1: final 0.3000, best 0.2000 in epoch 2",
        "GN (4): final 0.1000, best 0.1000 in epoch 3",
        "LN: final 0.6000, best 0.6000 in epoch 1",
    ]
    assert lines(accuracy_figure(runs))[0].name == "BN + L1: final 97.00 %, best 98.00 % in epoch 2"


@pytest.mark.parametrize("axis", ["steps", "seconds"])
def test_the_legend_counts_epochs_on_every_axis(runs, axis):
    assert lines(accuracy_figure(runs, axis=axis))[0].name == "BN + L1: final 97.00 %, best 98.00 % in epoch 2"


@pytest.mark.parametrize(
    ("status", "legend", "end"),
    [
        ("running", "LN, running: now 0.3000, best 0.2000 in epoch 2", "LN 0.3000, running"),
        ("interrupted", "LN, stopped: last 0.3000, best 0.2000 in epoch 2", "LN 0.3000, stopped"),
        ("diverged", "LN, diverged: last 0.3000, best 0.2000 in epoch 2", "LN 0.3000, diverged"),
    ],
)
def test_a_line_that_has_not_finished_says_so_and_has_no_final_value(status, legend, end):
    unfinished = run("ln", [0.5, 0.2, 0.3], [90.0, 98.0, 97.0], status=status, epochs=20)
    figure = loss_figure(single_runs([run("bn", [0.4], [91.0]), unfinished]))
    assert [trace.name for trace in lines(figure)] == ["BN: final 0.4000, best 0.4000 in epoch 1", legend]
    assert [note.text for note in end_texts(figure)] == [end, "BN 0.4000"]  # from the bottom


def test_the_band_reaches_from_the_lowest_seed_to_the_highest():
    methods = as_methods([run("bn", [0.5, a], [90.0, b], seed=seed) for seed, (a, b) in enumerate(SEEDS)])
    for metric, low, high in (("test_loss", (0.5, 0.1), (0.5, 0.4)), ("test_accuracy", (90.0, 95.0), (90.0, 99.0))):
        [curve] = curves(methods, metric)
        assert (curve.low, curve.high) == (low, high)
    assert curves(methods, "test_loss")[0].y == pytest.approx((0.5, 0.2))
    for draw, drawn in ((loss_figure, [0.5, 0.4, 0.1, 0.5]), (accuracy_figure, [90.0, 99.0, 95.0, 90.0])):
        figure = draw(methods)
        [band] = [trace for trace in figure.data if trace.fill == "toself"]
        assert list(band.x) == [1, 2, 2, 1]
        assert list(band.y) == drawn
    [line] = lines(loss_figure(methods))
    assert [tuple(pair) for pair in line.customdata] == [(0.5, 0.5), (0.1, 0.4)]
    assert line.hovertemplate == "BN: %{y:.4f} (%{customdata[0]:.4f} to %{customdata[1]:.4f})<extra></extra>"


SEEDS = ((0.1, 99.0), (0.1, 95.0), (0.4, 97.0))
"""Loss and accuracy of three seeds after the second epoch: neither mean is in the middle of the band."""


def test_below_the_title_stands_what_was_trained_on_and_how(runs):
    whole = "MNIST, batch 128, lr 0.1, seed 0; BN + L1: 3 epochs, L1 0.0001; GN (4): 3 epochs; LN: 1 epoch"
    for draw in (loss_figure, accuracy_figure):
        title = draw(runs).layout.title
        assert title.subtitle.text.replace("<br>", " ").replace("\u00a0", " ") == whole
        assert all(len(line) <= SUBTITLE_WIDTH for line in title.subtitle.text.split("<br>"))
    one = loss_figure(runs[:1]).layout
    two = loss_figure(runs).layout
    assert one.title.subtitle.text == "MNIST, 3\u00a0epochs, batch\u00a0128, lr\u00a00.1, seed\u00a00, L1\u00a00.0001"
    # a second line has room of its own, and takes none from the plot
    assert two.margin.t - one.margin.t == two.height - one.height == SUBTITLE_PIXELS


def test_texts_at_the_line_ends_do_not_overlap():
    figure = accuracy_figure(
        single_runs([run(norm, [0.5, 0.1], [90.0, 99.0 + i / 1000]) for i, norm in enumerate(NORMS)])
    )
    low, high = 90.0, 99.0 + (len(NORMS) - 1) / 1000
    places = [(a.y - low) / (high - low) * PLOT_PIXELS - a.ay for a in end_texts(figure)]
    assert all(b - a >= LABEL_PIXELS - 1e-6 for a, b in pairwise(places))
    assert len(places) == len(NORMS)
    assert places[-1] <= PLOT_PIXELS  # inside the plot


def test_text_never_takes_a_norms_colour(runs):
    for note in loss_figure(runs).layout.annotations:
        assert note.font.color is None
        assert note.arrowcolor in {row.color for row in NORMS.values()}


@pytest.mark.parametrize("norm", NORMS)
def test_colour_dash_and_marker_carry_the_norm(norm):
    trace = lines(comparison([Curve("a", norm, (1, 2), (0.1, 0.2))], "test_loss", title="t"))[0]
    assert trace.line.color == trace.marker.color == NORMS[norm].color
    assert trace.line.dash == NORMS[norm].dash
    assert trace.marker.symbol == NORMS[norm].marker


def test_norms_differ_in_colour_and_in_both_second_cues():
    assert (NORMS["bn"].color, NORMS["ln"].color, NORMS["gn"].color) == ("#0072B2", "#D55E00", "#009E73")
    assert (NORMS["in"].color, NORMS["none"].color) == ("#CC79A7", "#7F7F7F")
    for cue in ("color", "dash", "marker"):
        assert len({getattr(row, cue) for row in NORMS.values()}) == len(NORMS)


def test_twins_of_one_norm_are_told_apart():
    figure = loss_figure(single_runs([run("bn", [0.1], [99.0], seed=0), run("bn", [0.2], [98.0], seed=1)]))
    first, second = lines(figure)
    assert [first.name, second.name] == [
        "BN, seed 0: final 0.1000, best 0.1000 in epoch 1",
        "BN, seed 1: final 0.2000, best 0.2000 in epoch 1",
    ]
    assert (first.marker.symbol, second.marker.symbol) == ("circle", "circle-open")
    assert first.line.width > second.line.width
    assert (first.line.dash, second.line.dash) == ("solid", "dot")


def test_zoom_sets_the_window_and_drops_texts_outside(runs):
    figure = accuracy_figure(runs, zoom=(96.0, 100.0))
    assert list(figure.layout.yaxis.range) == [96.0, 100.0]
    assert [a.text for a in end_texts(figure)] == ["BN + L1 97.00 %", "GN (4) 99.00 %"]


def test_on_a_logarithmic_axis_texts_and_window_are_logarithms(runs):
    figure = loss_figure(runs, zoom=(0.01, 1.0), log_y=True)
    assert figure.layout.yaxis.type == "log"
    assert list(figure.layout.yaxis.range) == pytest.approx([-2, 0])
    assert {a.text: a.y for a in figure.layout.annotations} == {
        "BN + L1 0.3000": pytest.approx(math.log10(0.3)),
        "GN (4) 0.1000": pytest.approx(-1),
        "LN 0.6000": pytest.approx(math.log10(0.6)),
    }


def test_a_loss_of_zero_has_no_text_on_a_logarithmic_axis():
    figure = loss_figure(single_runs([run("bn", [0.5, 0.0], [90.0, 100.0])]), log_y=True)
    assert figure.layout.annotations == ()


@pytest.mark.parametrize("drawn", [[], [Curve("a", "bn", (), ())]], ids=["no line", "an empty line"])
def test_nothing_to_draw_is_an_empty_titled_figure(drawn):
    figure = comparison(drawn, "test_loss", title="nothing yet")
    assert figure.layout.title.text == "nothing yet"
    assert rings(figure) == []


@pytest.mark.parametrize(("epochs", "ticks"), [(1, [1]), (7, [1, 2, 3, 4, 5, 6, 7]), (20, list(range(2, 21, 2)))])
def test_ticks_are_whole_epochs(epochs, ticks):
    figure = loss_figure(single_runs([run("bn", [0.1] * epochs, [99.0] * epochs)]))
    assert list(figure.layout.xaxis.tickvals) == ticks
    low, high = figure.layout.xaxis.range
    assert low < 1
    assert high > epochs


def test_metrics_have_titles():
    assert set(METRIC_TITLES) == {"test_loss", "test_accuracy", "train_loss", "train_accuracy"}


def test_summary_in_one_line():
    config = RunConfig(norm="bn", l1=1e-4, l2=0.5, epochs=5, batch_size=64, lr=0.05, seed=2, augment=False)
    assert summary(config) == "5 epochs, batch 64, lr 0.05, seed 2, L1 0.0001, L2 0.5, no augmentation"
    assert summary(RunConfig(norm="bn")) == "20 epochs, batch 128, lr 0.1, seed 0"
    held_out = RunConfig(norm="ln", epochs=1, validation=True)
    assert summary(held_out, [1, 2]) == "1 epoch, batch 128, lr 0.1, seeds 1, 2, tested on held-out training images"
