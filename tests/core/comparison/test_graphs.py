"""Graph 1, Graph 2 and the intervals: bands over seeds, reference lines, crossings, what ten images are."""

from __future__ import annotations

import pytest

from core.catalogue import NORMS
from core.comparison import graphs
from core.comparison.intervals import Interval
from core.comparison.methods import as_methods, single_runs
from core.config import RunConfig
from core.records.record import EpochRow, RunSummary


def run(accuracies, norm="bn", seed=0, seconds=2.0, status="complete", **config) -> RunSummary:
    rows = tuple(EpochRow(i, 1.0, a + 0.5, 1 - a / 100, a, seconds) for i, a in enumerate(accuracies, start=1))
    return RunSummary(config=RunConfig(norm=norm, seed=seed, **config), status=status, epochs=rows)


@pytest.fixture
def pair():
    """BN with two seeds, LN with one."""
    return as_methods([run([90, 98], seed=0), run([94, 99], seed=1), run([93, 97], norm="ln")])


def main_lines(figure):
    return [trace for trace in figure.data if trace.mode == "lines+markers"]


def bands(figure):
    return [trace for trace in figure.data if trace.fill == "toself"]


def test_a_method_is_its_mean_with_a_band_from_lowest_to_highest(pair):
    figure = graphs.accuracy_figure(pair)
    bn, ln = main_lines(figure)
    assert list(bn.y) == [92, 98.5]
    assert [tuple(low_high) for low_high in bn.customdata] == [(90, 94), (98, 99)]
    assert "%{customdata[0]:.2f} to %{customdata[1]:.2f}" in bn.hovertemplate
    assert ln.customdata is None
    [band] = bands(figure)
    assert list(band.x) == [1, 2, 2, 1]
    assert list(band.y) == [94, 99, 98, 90]
    assert band.fillcolor == "rgba(0, 114, 178, 0.16)"


def test_each_seed_on_demand(pair):
    thin = [trace for trace in graphs.accuracy_figure(pair, each_seed=True).data if trace.mode == "lines"]
    # one trace for both, with a gap behind each: every trace costs the browser as much as any other
    assert [list(trace.x) for trace in thin] == [[1, 2, None, 1, 2, None]]
    assert [list(trace.y) for trace in thin] == [[90, 98, None, 94, 99, None]]
    assert not any(trace.showlegend for trace in thin)
    assert not [trace for trace in graphs.accuracy_figure(pair).data if trace.mode == "lines"]


@pytest.mark.parametrize(
    ("axis", "x", "title"),
    [
        ("epochs", [1, 2], "Epoch"),
        ("steps", [469, 938], "Steps of the optimizer"),
        ("seconds", [2, 4], "Seconds of training and testing"),
    ],
)
def test_axes(pair, axis, x, title):
    figure = graphs.loss_figure(pair, axis=axis)
    assert list(main_lines(figure)[1].x) == x
    assert figure.layout.xaxis.title.text == title


def test_published_results_are_thin_lines_with_their_values(pair):
    figure = graphs.accuracy_figure(pair, published={"GN (4)": 99.52, "LN": 99.46})
    lines = [shape.y0 for shape in figure.layout.shapes if shape.line.width == 1]
    assert lines == [99.52, 99.46]
    said = "published solution, one seed each:<br>GN (4) 99.52, LN 99.46"
    assert said in [note.text for note in figure.layout.annotations]


def test_the_bar_is_ten_images_high(pair):
    figure = graphs.accuracy_figure(pair, zoom=(98, 100))
    [bar] = [shape for shape in figure.layout.shapes if shape.line.width == 4]
    assert bar.y0 == pytest.approx(98.12)
    assert (bar.y1 - bar.y0) * 10_000 / 100 == pytest.approx(10)
    assert "10 test images" in [note.text for note in figure.layout.annotations]
    [free] = [shape for shape in graphs.accuracy_figure(pair).layout.shapes if shape.line.width == 4]
    assert free.y0 == pytest.approx(90 + 0.06 * 9)  # of what is drawn, bands included
    assert not graphs.accuracy_figure(single_runs([run([90], validation=True)])).layout.shapes
    # ten of one number and ten of another are not the same height
    mixed = single_runs([run([90]), run([90], norm="ln", dataset="digits")])
    assert not graphs.accuracy_figure(mixed).layout.shapes
    # it says something about test accuracy alone
    assert not graphs.accuracy_figure(pair, metric="train_accuracy").layout.shapes


@pytest.mark.parametrize(
    ("dataset", "points", "said"),
    [
        ("mnist-small", 1.0, "1.00 points high: what 10 of 1,000 test images change; one of them is 0.1 points."),
        ("digits", 1000 / 359, "2.79 points high: what 10 of 359 test images change; one of them is 0.28 points."),
    ],
)
def test_the_bar_has_the_height_of_ten_images_of_its_data_set(dataset, points, said):
    methods = single_runs([run([90.0, 97.0], dataset=dataset)])
    [bar] = [shape for shape in graphs.accuracy_figure(methods).layout.shapes if shape.line.width == 4]
    assert bar.y1 - bar.y0 == pytest.approx(points)
    assert said in graphs.reading_help(methods, "test_accuracy", "epochs")


def test_crossings_are_marked_where_the_lines_meet(pair):
    [cross] = [t for t in graphs.accuracy_figure(pair).data if t.marker.symbol == "x-thin"]
    # BN's mean goes 92, 98.5 and LN 93, 97: gaps -1 and 1.5 meet at 1.4
    assert cross.x[0] == pytest.approx(1.4)
    assert cross.y[0] == pytest.approx(92 + 0.4 * 6.5)
    assert cross.hovertemplate == "%{text}<extra></extra>"
    assert list(cross.text) == ["BN and LN cross for the last time"]
    never = graphs.accuracy_figure(as_methods([run([90, 91]), run([95, 96], norm="ln")]))
    assert not [t for t in never.data if t.marker.symbol == "x-thin"]


def test_a_line_that_still_grows_has_no_last_crossing(pair):
    growing = as_methods([*pair[0].records, run([93, 97], norm="ln", status="running")])
    assert not [t for t in graphs.accuracy_figure(growing).data if t.marker.symbol == "x-thin"]
    assert "Grey crosses" not in graphs.reading_help(growing, "test_accuracy", "epochs")


def test_training_accuracy_has_its_own_title(pair):
    figure = graphs.accuracy_figure(pair, metric="train_accuracy")
    assert figure.layout.title.text == "Graph 2. Training accuracy"
    assert list(main_lines(figure)[1].y) == [93.5, 97.5]


@pytest.mark.parametrize(
    ("accuracies", "window"),
    [([98.1, 99.13, 99.5], (99.0, 100)), ([90, 97.3, 99], (97, 100)), ([20, 87, 89], (85, 100)), ([20, 40], None)],
)
def test_the_automatic_window_shows_what_follows_the_first_epoch(accuracies, window):
    found = graphs.accuracy_range(single_runs([run(accuracies)]), "test_accuracy")
    assert found == (None if window is None else pytest.approx(window))


def test_one_epoch_needs_no_window():
    assert graphs.accuracy_range(single_runs([run([98.0])]), "test_accuracy") is None
    assert graphs.accuracy_range([], "test_accuracy") is None


def test_a_run_in_its_first_epochs_is_in_the_window_beside_the_others():
    def window(accuracy):
        both = single_runs([run([90, 97.3, 99]), run([accuracy], "ln", status="running")])
        return graphs.accuracy_range(both, "test_accuracy")

    assert window(98.5) == (97, 100)
    assert window(72.0) == (70, 100)
    assert window(11.35) is None


def test_intervals_with_the_best_on_top(pair):
    figure = graphs.interval_figure(pair, [Interval(98.5, 92.1, 104.9), Interval(97, 96.5, 97.4)])
    points = [trace for trace in figure.data if trace.error_x.array is not None]
    assert [trace.y[0] for trace in points] == ["LN", "BN"]  # from the bottom
    bn = points[1]
    assert bn.x[0] == 98.5
    assert (bn.error_x.array[0], bn.error_x.arrayminus[0]) == pytest.approx((6.4, 6.4))
    assert bn.marker.color == NORMS["bn"].color
    seeds = [list(trace.x) for trace in figure.data if trace.marker.symbol == "line-ns"]
    assert seeds == [[97], [98, 99]]
    below, above = points[0].error_x.arrayminus[0], points[0].error_x.array[0]
    assert (below, above) == pytest.approx((0.5, 0.4))
    assert not any(point.error_x.symmetric for point in points)
    subtitle = "MNIST, 20 epochs, batch 128, lr 0.1; BN: seeds 0, 1; LN: seed 0"
    assert figure.layout.title.subtitle.text.replace("<br>", " ").replace("\u00a0", " ") == subtitle


def test_a_graph_in_one_sentence(pair):
    assert graphs.in_words(pair, "test_accuracy", "steps") == (
        "Test accuracy (%) over steps of the optimizer, final values: BN 98.5 %; LN 97 %"
    )
    assert graphs.in_words(pair, "test_loss", "epochs").endswith("over epoch, final values: BN 0.015; LN 0.03")
    growing = single_runs([run([90, 98]), run([93, 97], norm="ln", status="running")])
    assert graphs.in_words(growing, "test_accuracy", "epochs") == (
        "Test accuracy (%) over epoch, values of the last epoch: BN 98 %; LN, running 97 %"
    )


def test_the_caption_explains_the_marks_that_are_there(pair):
    text = graphs.reading_help(pair, "test_accuracy", "epochs")
    assert "mean over the seeds" in text
    # means 98.5 and 97: sqrt(0.9775 * 0.0225 / 10,000)
    assert "what 10 of 10,000 test images change; one of them is 0.01 points. One standard error" in text
    assert "of a single run at 97.75 % is 0.15 points." in text
    assert "Grey crosses" in text
    assert "Grey crosses" not in graphs.reading_help(pair, "test_accuracy", "steps")
    apart = as_methods([run([90, 91]), run([95, 96], norm="ln")])
    assert "Grey crosses" not in graphs.reading_help(apart, "test_accuracy", "epochs")
    held_out = graphs.reading_help(single_runs([run([98.0], validation=True)]), "test_accuracy", "epochs")
    assert "grey bar" not in held_out
    alone = graphs.reading_help(single_runs([run([98.0])]), "train_accuracy", "epochs")
    assert "mean over the seeds" not in alone
    assert "grey bar" not in alone
    assert "flatters" in alone
