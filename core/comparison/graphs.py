"""Graph 1, Graph 2 and the picture of final accuracies: methods -> plotly figures."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from itertools import combinations

import plotly.graph_objects as go

from core.catalogue import DATASETS, NORMS
from core.comparison import sentences
from core.comparison.captions import finished, settings_in_words, state, with_state
from core.comparison.curves import AXIS_TITLES, METRIC_TITLES, Curve, comparison, curves, set_title
from core.comparison.intervals import Interval, standard_error
from core.comparison.methods import Axis, Method, Metric, last_crossing

PUBLISHED = "published"
"""Name of what is drawn of published values: ``interactive`` shows and hides it."""
PUBLISHED_LINES = "published solution, one seed each:<br>{values}"
CROSSING = "{first} and {second} cross for the last time"
GRAPH_SO_FAR = "{metric} over {axis}, values of the last epoch: {values}"

NAME_PIXELS, NUMBERS_PIXELS = 7, 65
"""What plotly takes beside a plot for a letter of a name, and below it for an axis of numbers with its title."""


def loss_figure(
    methods: Sequence[Method],
    *,
    axis: Axis = "epochs",
    zoom: tuple[float, float] | None = None,
    log_y: bool = False,
    each_seed: bool = False,
) -> go.Figure:
    """Graph 1: test loss, all methods together."""
    return comparison(
        curves(methods, "test_loss", axis),
        "test_loss",
        title="Graph 1. Test loss",
        subtitle=settings_in_words(methods),
        axis=axis,
        zoom=zoom,
        log_y=log_y,
        each_seed=each_seed,
    )


def accuracy_figure(
    methods: Sequence[Method],
    *,
    metric: Metric = "test_accuracy",
    axis: Axis = "epochs",
    zoom: tuple[float, float] | None = None,
    each_seed: bool = False,
    published: Mapping[str, float] | None = None,
) -> go.Figure:
    """Graph 2: test accuracy, all methods together; or training accuracy, by ``metric``.

    published: values to draw as thin reference lines, by name. Of test accuracies, a bracket shows what ten test
    images are, and a cross the last place where two of up to three mean lines change their order, once both are whole.
    """
    lines = curves(methods, metric, axis)
    figure = comparison(
        lines,
        metric,
        title="Graph 2. Test accuracy" if metric == "test_accuracy" else "Graph 2. Training accuracy",
        subtitle=settings_in_words(methods),
        axis=axis,
        zoom=zoom,
        each_seed=each_seed,
    )
    if metric != "test_accuracy" or not methods:
        return figure
    if images := _test_images(methods):
        _ten_images(figure, zoom, lines, 1000 / images)
    if published:
        _reference_lines(figure, published)
    _mark_crossings(figure, _crossing_pairs(methods, axis))
    return figure


def _crossing_pairs(methods: Sequence[Method], axis: Axis) -> list[tuple[Method, Method]]:
    # where one still runs, or has stopped, nobody knows whether a place is the last
    pairs = combinations(methods, 2) if axis == "epochs" and len(methods) <= 3 else ()
    return [pair for pair in pairs if finished(pair)]


def _test_images(methods: Sequence[Method]) -> int:
    """How many test images all of them have; 0 where not all have as many, or some were tested on training images."""
    sizes = {DATASETS[method.config.dataset].test_images for method in methods}
    held_out = any(method.config.validation for method in methods)
    return sizes.pop() if len(sizes) == 1 and not held_out else 0


def _reference_lines(figure: go.Figure, published: Mapping[str, float]) -> None:
    for value in published.values():
        figure.add_hline(y=value, line={"width": 1, "dash": "dot", "color": "#888"}, name=PUBLISHED)
    listed = ", ".join(f"{name} {value:.2f}" for name, value in published.items())
    figure.add_annotation(
        x=0.01,
        xref="paper",
        xanchor="left",
        y=1,  # above all curves, which end near these lines
        yref="paper",
        yanchor="top",
        showarrow=False,
        align="left",
        text=PUBLISHED_LINES.format(values=listed),
        name=PUBLISHED,
        font={"size": 11},
    )


def _ten_images(figure: go.Figure, zoom: tuple[float, float] | None, lines: Sequence[Curve], points: float) -> None:
    """A scale of so many points in the lower right corner, where accuracy curves leave room."""
    low, high = zoom or (min(min(c.low or c.y) for c in lines), max(max(c.high or c.y) for c in lines))
    bottom = low + 0.06 * (high - low)
    figure.add_shape(
        type="line",
        xref="paper",
        x0=0.97,
        x1=0.97,
        y0=bottom,
        y1=bottom + points,
        line={"width": 4, "color": "#888"},
    )
    figure.add_annotation(
        xref="paper",
        x=0.95,
        xanchor="right",
        y=bottom + points / 2,
        yanchor="middle",
        showarrow=False,
        text="10 test images",
        font={"size": 11},
    )


def _mark_crossings(figure: go.Figure, pairs: Sequence[tuple[Method, Method]]) -> None:
    """A grey cross where two lines change their order for the last time, all in one trace."""
    found = []
    for first, second in pairs:
        epoch = last_crossing(first, second, "test_accuracy")
        if epoch is not None:
            found.append((epoch, _mean_at(first, epoch), CROSSING.format(first=first.label, second=second.label)))
    if found:
        epochs, values, words = zip(*found, strict=True)
        figure.add_scatter(
            x=epochs,
            y=values,
            text=words,
            mode="markers",
            marker={"symbol": "x-thin", "size": 9, "line": {"width": 2, "color": "#888"}},
            hovertemplate="%{text}<extra></extra>",
            showlegend=False,
        )


def _mean_at(method: Method, epoch: float) -> float:
    """The mean test accuracy at an epoch with a fraction, on the straight line between two."""
    mean = [statistics.mean(values) for values in zip(*method.curve("test_accuracy"), strict=True)]
    before = int(epoch)
    return mean[before - 1] + (epoch - before) * (mean[min(before, len(mean) - 1)] - mean[before - 1])


def accuracy_range(methods: Sequence[Method], metric: Metric) -> tuple[float, float] | None:
    """A y range in percent that shows the differences: from the lowest mean after the first epoch up to 100.

    Of a method with one epoch it is that one, so that none is out of sight. None where no method has a second epoch, or
    the values are spread over more than half of the range anyway.
    """
    means = [[statistics.mean(values) for values in zip(*method.curve(metric), strict=True)] for method in methods]
    later = [value for curve in means for value in curve[1:] or curve]
    if all(len(curve) < 2 for curve in means) or min(later) < 50:
        return None
    low = min(later)
    step = 5.0 if low < 90 else 1.0 if low < 98 else 0.2
    return step * math.floor(low / step), 100.0


def in_words(methods: Sequence[Method], metric: Metric, axis: Axis) -> str:
    """A graph in one sentence, for those who do not see it: what is drawn, and the mean of the last values."""
    final = sentences.FINAL_LOSS if metric.endswith("loss") else sentences.FINAL_ACCURACY
    values = [
        final.format(
            method=with_state(method.label, state(method)),
            value=statistics.mean(method.values(lambda row: getattr(row, metric))),
        )
        for method in methods
    ]
    template = sentences.GRAPH if finished(methods) else GRAPH_SO_FAR
    return template.format(metric=METRIC_TITLES[metric], axis=AXIS_TITLES[axis].lower(), values="; ".join(values))


def reading_help(methods: Sequence[Method], metric: Metric, axis: Axis) -> str:
    """What the marks of the two graphs mean, for the caption below them."""
    said = [sentences.RINGS]
    if any(len(method.records) > 1 for method in methods):
        said.append(sentences.BANDS)
    if metric == "test_accuracy" and (images := _test_images(methods)):
        mean = statistics.mean(statistics.mean(method.accuracies) for method in methods)
        said.append(
            sentences.GREY_BAR.format(
                points=1000 / images,
                one=100 / images,
                images=images,
                accuracy=mean,
                error=standard_error(mean, images),
            )
        )
    crossing = any(last_crossing(*pair, "test_accuracy") is not None for pair in _crossing_pairs(methods, axis))
    if metric == "test_accuracy" and crossing:
        said.append(sentences.GREY_CROSSES)
    return " ".join(said)


def _row_pixels(rows: int) -> int:
    """The height of a method's row: the less the more there are, so that all of them stay in one window."""
    return max(24, min(40, 300 // max(rows, 1)))


def interval_figure(methods: Sequence[Method], intervals: Sequence[Interval]) -> go.Figure:
    """Final test accuracy of each method with its 95 % interval, and every seed as a small mark: best on top.

    For methods that have come to rest: the others have no final accuracy. Those of a former recipe stand below.
    """
    figure = go.Figure()
    order = sorted(zip(methods, intervals, strict=True), key=lambda pair: (pair[0].config.recipe, pair[1].value))
    for method, interval in order:
        color, name = NORMS[method.config.norm].color, with_state(method.label, state(method))
        figure.add_scatter(
            x=method.accuracies,
            y=[name] * len(method.records),
            mode="markers",
            marker={"symbol": "line-ns", "size": 11, "line": {"width": 1.5, "color": color}},
            customdata=method.seeds,
            hovertemplate="seed %{customdata}: %{x:.2f} %<extra></extra>",
            showlegend=False,
        )
        figure.add_scatter(
            x=[interval.value],
            y=[name],
            mode="markers",
            marker={"symbol": NORMS[method.config.norm].marker, "size": 11, "color": color},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [interval.high - interval.value],
                "arrayminus": [interval.value - interval.low],
                "thickness": 2,
                "color": color,
            },
            hovertemplate=f"{name}: %{{x:.2f}} %, {interval.low:.2f} to {interval.high:.2f}<extra></extra>",
            showlegend=False,
        )
    longest = max((len(with_state(method.label, state(method))) for method in methods), default=0)
    # as much as plotly takes for the names and the axis, or little more: for less it would draw all of it twice
    figure.update_layout(margin={"l": 10 + NAME_PIXELS * longest, "r": 10, "b": NUMBERS_PIXELS})
    title = "Final accuracy, 95 % intervals"
    set_title(figure, title, settings_in_words(methods), height=130 + len(methods) * _row_pixels(len(methods)))
    figure.update_xaxes(title="Final test accuracy (%)", tickformat=".2f", nticks=6)
    figure.update_yaxes(automargin=True)
    return figure
