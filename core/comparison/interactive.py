"""Graph 1 and Graph 2 with what can be toggled inside the picture: plotly's own buttons act in the browser.

The test curves and the training curves are two figures drawn into one. A button changes what is shown, never the
horizontal window, so that a zoom stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import plotly.graph_objects as go

from core.comparison import graphs
from core.comparison.captions import settings_in_words
from core.comparison.curves import METRIC_TITLES, comparison, curves
from core.comparison.foreign_curves import ForeignCurve
from core.comparison.methods import Axis, Method, Metric

Split = Literal["test", "training", "both"]
SPLITS: tuple[Split, ...] = ("test", "training", "both")
ZOOMS: dict[str, tuple[float, float] | None] = {
    "auto": None,
    "all": (0.0, 100.0),
    "98 to 100 %": (98.0, 100.0),
    "99 to 100 %": (99.0, 100.0),
}
_ZOOM_BUTTONS = {"auto": "auto", "all": "all", "98 to 100 %": "≥ 98", "99 to 100 %": "≥ 99"}
TITLES: dict[tuple[str, Split], str] = {
    ("loss", "test"): "Graph 1. Test loss",
    ("loss", "training"): "Graph 1. Training loss",
    ("loss", "both"): "Graph 1. Test and training loss",
    ("accuracy", "test"): "Graph 2. Test accuracy",
    ("accuracy", "training"): "Graph 2. Training accuracy",
    ("accuracy", "both"): "Graph 2. Test and training accuracy",
}
Y_TITLES = {"loss": "Loss (cross-entropy)", "accuracy": "Accuracy (%)"}
LOSSES: tuple[Metric, ...] = ("test_loss", "train_loss")
_NAMED: dict[Split, Split] = {"test": "test", "training": "training", "both": "test"}
"""Whose ends are named beside the plot: of both, the test curves', since names of all would lie on each other."""
TRAINING = "{label}, training"
FOREIGN = "{name}: final {last}, not tested"
FOREIGN_COLOR = "#777777"
FOREIGN_MARKERS = ("star", "hexagram", "cross", "pentagon", "hourglass", "bowtie")
ROW_PIXELS, GAP_PIXELS, TEXT_PIXELS, PAD_PIXELS = 34, 8, 5.2, 26
"""Heights and widths of plotly's buttons: of a row, between two menus, of a letter, around a text."""
BELOW_PIXELS, LEGEND_ROW_PIXELS, MOST_LEGEND_ROWS = 77, 19, 6
"""What plotly takes below a plot for its axis and around its legend, and for each of so many lines of that."""


@dataclass(frozen=True)
class Start:
    """What a graph shows before anything in it is pressed.  zoom: a key of ``ZOOMS``, for accuracies alone."""

    split: Split = "test"
    axis: Axis = "epochs"
    log_y: bool = False
    zoom: str = "auto"
    each_seed: bool = False
    published: bool = True


@dataclass(frozen=True)
class _Menu:
    """Buttons side by side in one of the rows above the plot; ``active`` is none for -1."""

    row: int
    buttons: list[dict[str, Any]]
    active: int

    @property
    def pixels(self) -> float:
        return sum(TEXT_PIXELS * len(button["label"]) + PAD_PIXELS for button in self.buttons)


def interactive_loss(methods: Sequence[Method], start: Start, foreign: Sequence[ForeignCurve] = ()) -> go.Figure:
    """Graph 1: loss; test or training or both, linear or log, each seed."""
    test, training = (_part(methods, metric, start, foreign) for metric in LOSSES)
    figure, sides = _together(test, training)
    menus = [_split_menu("loss", figure, sides, start), *_seeds_menu(figure, start)]
    ticks = {"linear": None, "log": "D2"}  # on a log axis 1, 2, 5, so that the numbers do not touch
    figure.update_yaxes(dtick=ticks["log" if start.log_y else "linear"])
    scales = [_button(kind, "relayout", {"yaxis.type": kind, "yaxis.dtick": ticks[kind]}) for kind in ticks]
    return _with_menus(figure, [*menus, _Menu(1, scales, int(start.log_y))])


def interactive_accuracy(
    methods: Sequence[Method],
    start: Start,
    foreign: Sequence[ForeignCurve] = (),
    published: Mapping[str, float] | None = None,
) -> go.Figure:
    """Graph 2: accuracy; test or training or both, from where, each seed, published values of the test set."""
    fits = graphs.accuracy_range(methods, "train_accuracy" if start.split == "training" else "test_accuracy")
    fits = _wide_enough(fits, foreign)
    zoom = ZOOMS[start.zoom] or fits
    test = graphs.accuracy_figure(methods, axis=start.axis, zoom=zoom, each_seed=True, published=published)
    _add_foreign(test, "test_accuracy", start, foreign)
    figure, sides = _together(test, _part(methods, "train_accuracy", start, foreign, zoom))
    windows = [
        _button(_ZOOM_BUTTONS[name], "relayout", {"yaxis.range": list(span)} if span else {"yaxis.autorange": True})
        for name, span in ((name, ZOOMS[name] or fits) for name in ZOOMS)
    ]
    menus = [
        _split_menu("accuracy", figure, sides, start),
        *_seeds_menu(figure, start),
        _Menu(1, windows, list(ZOOMS).index(start.zoom)),
    ]
    if published:
        menus.append(_published_menu(figure, start))
    return _with_menus(figure, menus)


def _part(
    methods: Sequence[Method],
    metric: Metric,
    start: Start,
    foreign: Sequence[ForeignCurve],
    zoom: tuple[float, float] | None = None,
) -> go.Figure:
    lines = curves(methods, metric, start.axis)
    figure = comparison(
        lines,
        metric,
        title=METRIC_TITLES[metric],
        subtitle=settings_in_words(methods),
        axis=start.axis,
        zoom=zoom,
        log_y=start.log_y,
        each_seed=True,
    )
    if metric.startswith("train"):  # thinner and named, so that both can stand together
        drawn = [trace for trace in figure.data if trace.mode == "lines+markers"]
        for line, trace in zip(lines, drawn, strict=True):
            own = TRAINING.format(label=line.label)
            trace.update(line={"width": 1.2}, marker={"size": 4}, opacity=0.8)
            trace.name = own + trace.name.removeprefix(line.label)
            trace.hovertemplate = own + trace.hovertemplate.removeprefix(line.label)
    _add_foreign(figure, metric, start, foreign)
    return figure


def _add_foreign(figure: go.Figure, metric: Metric, start: Start, foreign: Sequence[ForeignCurve]) -> None:
    """Curves from elsewhere: grey, each with a marker of its own, over epochs alone, which is all that they have."""
    form = ".4f" if metric.endswith("loss") else ".2f"
    unit = "" if metric.endswith("loss") else " %"
    for place, curve in enumerate(foreign if start.axis == "epochs" else ()):
        epochs, values = curve.points(metric)
        if not epochs:
            continue
        name = TRAINING.format(label=curve.name) if metric.startswith("train") else curve.name
        figure.add_scatter(
            x=epochs,
            y=values,
            name=FOREIGN.format(name=name, last=f"{values[-1]:{form}}{unit}"),
            mode="lines+markers",
            line={"color": FOREIGN_COLOR, "width": 1.5, "dash": "dot" if metric.startswith("train") else "solid"},
            marker={"symbol": FOREIGN_MARKERS[place % len(FOREIGN_MARKERS)], "size": 8, "color": FOREIGN_COLOR},
            hovertemplate=f"{name}: %{{y:{form}}}{unit}<extra></extra>",
            meta="foreign",
        )
        last = max(figure.layout.xaxis.range[1], epochs[-1] + 0.5)
        figure.update_xaxes(range=[0.5, last])


def _wide_enough(window: tuple[float, float] | None, foreign: Sequence[ForeignCurve]) -> tuple[float, float] | None:
    """The window, lowered to where the curves from elsewhere end; None where one of them ends below a half."""
    ends = [values[-1] for curve in foreign if (values := curve.points("test_accuracy")[1])]
    if window is None or not ends or min(ends) >= window[0]:
        return window
    return None if min(ends) < 50 else (5.0 * (min(ends) // 5), window[1])


@dataclass(frozen=True)
class _Sides:
    """Which split each trace and each annotation of a figure belongs to, by place."""

    traces: list[Split]
    annotations: list[Split]


def _together(test: go.Figure, training: go.Figure) -> tuple[go.Figure, _Sides]:
    """The test figure with all that the training figure draws."""
    parts: tuple[tuple[Split, go.Figure], ...] = (("test", test), ("training", training))
    figure = go.Figure(data=[*test.data, *training.data], layout=test.layout)
    figure.layout.annotations = [*test.layout.annotations, *training.layout.annotations]
    figure.update_layout(
        margin={"r": max(test.layout.margin.r, training.layout.margin.r)},
        xaxis={"range": [test.layout.xaxis.range[0], max(part.layout.xaxis.range[1] for _, part in parts)]},
    )
    return figure, _Sides(
        [split for split, part in parts for _ in part.data],
        [split for split, part in parts for _ in part.layout.annotations],
    )


def _split_menu(kind: str, figure: go.Figure, sides: _Sides, start: Start) -> _Menu:
    """Test, training or both; the figure is brought to what ``start`` says. Published values have their own button."""
    notes = [i for i, note in enumerate(figure.layout.annotations) if note.name != graphs.PUBLISHED]
    shapes = [i for i, shape in enumerate(figure.layout.shapes) if shape.name != graphs.PUBLISHED]
    buttons = []
    for split in SPLITS:
        layout: dict[str, Any] = {
            "title.text": f"<b>{TITLES[kind, split]}</b>",
            "yaxis.title.text": _y_title(kind, split),
        }
        layout |= {f"annotations[{i}].visible": sides.annotations[i] == _NAMED[split] for i in notes}
        layout |= {f"shapes[{i}].visible": split in ("both", "test") for i in shapes}
        buttons.append(
            _button(split, "update", {"visible": [split in ("both", side) for side in sides.traces]}, layout)
        )
    for trace, side in zip(figure.data, sides.traces, strict=True):
        trace.visible = start.split in ("both", side)
    for i in notes:
        figure.layout.annotations[i].visible = sides.annotations[i] == _NAMED[start.split]
    for i in shapes:
        figure.layout.shapes[i].visible = start.split in ("both", "test")
    figure.layout.title.text, figure.layout.yaxis.title.text = TITLES[kind, start.split], _y_title(kind, start.split)
    return _Menu(0, buttons, SPLITS.index(start.split))


def _y_title(kind: str, split: Split) -> str:
    if split == "both":
        return Y_TITLES[kind]
    metrics: dict[tuple[str, str], Metric] = {
        ("loss", "test"): "test_loss",
        ("loss", "training"): "train_loss",
        ("accuracy", "test"): "test_accuracy",
        ("accuracy", "training"): "train_accuracy",
    }
    return METRIC_TITLES[metrics[kind, split]]


def _seeds_menu(figure: go.Figure, start: Start) -> list[_Menu]:
    """Each seed, faintly there or not; nothing where every method has one."""
    places = [place for place, trace in enumerate(figure.data) if trace.meta == "seed"]
    if not places:
        return []
    for place in places:
        figure.data[place].opacity = 0.45 if start.each_seed else 0
    button = _button("each seed", "restyle", {"opacity": 0.45}, places)
    return [_Menu(0, [button | {"args2": [{"opacity": 0}, places]}], 0 if start.each_seed else -1)]


def _published_menu(figure: go.Figure, start: Start) -> _Menu:
    keys = [f"shapes[{i}].visible" for i, shape in enumerate(figure.layout.shapes) if shape.name == graphs.PUBLISHED]
    notes = [i for i, note in enumerate(figure.layout.annotations) if note.name == graphs.PUBLISHED]
    keys += [f"annotations[{i}].visible" for i in notes]
    for part in (*figure.layout.shapes, *figure.layout.annotations):
        if part.name == graphs.PUBLISHED:
            part.visible = start.published
    button = _button("published", "relayout", dict.fromkeys(keys, True))
    return _Menu(1, [button | {"args2": [dict.fromkeys(keys, False)]}], 0 if start.published else -1)


def _button(label: str, method: str, *args: Any) -> dict[str, Any]:
    return {"label": label, "method": method, "args": list(args)}


def _with_menus(figure: go.Figure, menus: Sequence[_Menu]) -> go.Figure:
    """Menus in rows between title and plot, and room for them."""
    rows = 1 + max(menu.row for menu in menus)
    offsets = [0.0] * rows
    drawn = []
    for menu in menus:
        drawn.append(
            {
                "type": "buttons",
                "direction": "right",
                "buttons": menu.buttons,
                "active": menu.active,
                "x": 0,
                "xanchor": "left",
                "y": 1,
                "yanchor": "bottom",
                "pad": {"l": offsets[menu.row], "b": 4 + ROW_PIXELS * (rows - 1 - menu.row)},
                # plotly paints the pressed one nearly white; a dark page has colours of its own for all of them
                "bgcolor": "#cfd8e3",
                "bordercolor": "#8794a3",
                "font": {"size": 11, "color": "#0b121b"},
            }
        )
        offsets[menu.row] += menu.pixels + GAP_PIXELS
    room = ROW_PIXELS * rows
    # a fixed margin and a legend at the bottom, so that nothing moves when a button changes what is drawn
    figure.update_yaxes(automargin=False)
    named = sum(trace.visible is not False and trace.showlegend is not False for trace in figure.data)
    figure.update_layout(
        # as much below as plotly takes for the axis and a legend with a line each: for less it draws all of it twice
        margin={"l": 66, "b": BELOW_PIXELS + LEGEND_ROW_PIXELS * min(named, MOST_LEGEND_ROWS)},
        legend={"y": 0, "yref": "container", "yanchor": "bottom"},
    )
    figure.update_layout(
        updatemenus=drawn, margin={"t": figure.layout.margin.t + room}, height=figure.layout.height + room
    )
    return figure
