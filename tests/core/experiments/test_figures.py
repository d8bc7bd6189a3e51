"""The pictures of the experiments: every number of a table is where it belongs, and so are its cues and its words."""

from __future__ import annotations

import math

import pytest

from core.catalogue import NORMS
from core.experiments.figures import (
    HEIGHT,
    Axis,
    Bar,
    Line,
    Panel,
    bars_figure,
    bars_in_words,
    in_words,
    line,
    lines_figure,
    panels_figure,
)
from core.experiments.table import Done, Table
from core.palette import line_style

BATCH = Axis(title="Batch size", log=True, span=(1, 100), ticks=(2, 8, 32))
ERROR = Axis(title="Error (%)", span=(0, 60))
BN = Line(label="BN", norm="bn", x=(2, 8, 32), values=((40, 50, 60), (3, 5, 4), (2, 2, 2)))
GN = Line(label="GN (4)", norm="gn", x=(2, 8, 32), values=((3,), (3,), (2.5,)))


def table(*rows):
    return Table("any", False, {"all": Done(rows, 1.0)})


def drawn(figure, name):
    found = [trace for trace in figure.data if trace.name == name]
    assert len(found) == 1
    return found[0]


def bands(figure):
    return [trace for trace in figure.data if trace.mode == "none"]


# ---- lines from tables


def test_a_line_takes_the_rows_that_are_asked_for_in_the_order_of_x():
    rows = [
        {"seed": 3, "norm": "bn", "batch": 32, "error": 2.0},
        {"seed": 3, "norm": "bn", "batch": 2, "error": 40.0},
        {"seed": 4, "norm": "bn", "batch": 2, "error": 50.0},
        {"seed": 3, "norm": "gn", "batch": 2, "error": 3.0},
        {"seed": 3, "norm": "bn", "batch": None, "error": 9.0},
        {"seed": 3, "norm": "bn", "batch": 8, "error": None},
    ]
    found = line(table(*rows), "BN", "bn", "batch", "error", norm="bn")
    assert (found.x, found.values) == ((2.0, 32.0), ((40.0, 50.0), (2.0,)))
    assert found.mean == [45.0, 2.0]


def test_a_line_without_rows_is_empty():
    found = line(table({"seed": 3, "batch": 2, "error": 1.0}), "GN", "gn", "batch", "error", norm="gn")
    assert (found.x, found.values, found.mean) == ((), (), [])


# ---- lines


def test_lines_are_the_means_in_the_style_of_their_norm():
    figure = lines_figure([BN, GN], title="T", x=BATCH, y=ERROR)
    bn, gn = drawn(figure, "BN"), drawn(figure, "GN (4)")
    assert (list(bn.x), list(bn.y)) == ([2, 8, 32], [50, 4, 2])
    assert list(gn.y) == [3, 3, 2.5]
    for trace, norm in ((bn, "bn"), (gn, "gn")):
        assert (trace.line.color, trace.line.dash) == (NORMS[norm].color, NORMS[norm].dash)
        assert trace.marker.symbol == NORMS[norm].marker


def test_a_twin_has_the_colour_and_another_dash_and_marker():
    twin = Line(label="BN again", norm="bn", x=(2,), values=((1,),), twin=1)
    trace = drawn(lines_figure([BN, twin], title="T", x=BATCH, y=ERROR), "BN again")
    style = line_style("bn", 1)
    assert (trace.line.color, trace.line.dash) == (NORMS["bn"].color, style["line"]["dash"])
    assert trace.line.dash != NORMS["bn"].dash
    assert trace.marker.symbol == "circle-open"


def test_a_band_is_one_outline_from_the_highest_seeds_and_back_along_the_lowest():
    (band,) = bands(lines_figure([BN, GN], title="T", x=BATCH, y=ERROR))  # GN has one seed
    assert list(band.x) == [2, 8, 32, 32, 8, 2]
    assert list(band.y) == [60, 5, 2, 2, 3, 40]
    # "tonexty" is drawn as nothing where the trace before has no line
    assert band.fill == "toself"
    assert band.fillcolor == "rgba(0, 114, 178, 0.15)"
    assert band.showlegend is False
    assert band.hoverinfo == "skip"


def test_bands_lie_behind_all_lines():
    modes = [trace.mode for trace in lines_figure([BN, BN], title="T", x=BATCH, y=ERROR).data]
    assert modes == ["none", "none", "lines+markers", "lines+markers"]


def test_published_lines_are_thin_dotted_and_without_markers():
    there = Line(label="BN, ImageNet", norm="bn", x=(2, 32), values=((34.7,), (23.6,)))
    trace = drawn(lines_figure([BN], title="T", x=BATCH, y=ERROR, published=[there]), "BN, ImageNet")
    assert (list(trace.x), list(trace.y)) == ([2, 32], [34.7, 23.6])
    assert (trace.mode, trace.line.dash, trace.line.color) == ("lines", "dot", NORMS["bn"].color)
    assert trace.line.width < line_style("bn")["line"]["width"]


def test_axes_have_their_titles_spans_and_marks():
    layout = lines_figure([BN], title="T", x=BATCH, y=ERROR).layout
    assert (layout.xaxis.title.text, layout.yaxis.title.text) == ("Batch size", "Error (%)")
    assert (layout.xaxis.type, layout.yaxis.type) == ("log", "linear")
    assert layout.xaxis.range == pytest.approx((0, 2))  # powers of ten
    assert tuple(layout.yaxis.range) == (0, 60)
    assert (layout.xaxis.tickvals, layout.xaxis.ticktext) == ((2, 8, 32), ("2", "8", "32"))
    assert layout.yaxis.tickvals is None


def test_an_axis_without_span_and_marks_is_plotlys():
    layout = lines_figure([BN], title="T", x=Axis(title="x"), y=Axis(title="y", log=True)).layout
    assert layout.xaxis.range is None
    assert layout.yaxis.range is None
    assert layout.yaxis.type == "log"


def test_the_plot_stays_as_high_with_a_subtitle():
    def plot(figure):
        return figure.layout.height - figure.layout.margin.t

    plain = lines_figure([BN], title="T", x=BATCH, y=ERROR)
    said = lines_figure([BN], title="T", subtitle="One line, " * 12, x=BATCH, y=ERROR)
    assert plain.layout.height == HEIGHT
    assert said.layout.height > HEIGHT
    assert plot(plain) == plot(said)
    assert said.layout.title.text == "T"


def test_words_have_every_mean():
    assert in_words([BN, GN], x=BATCH, y=ERROR) == (
        "Error (%) over batch size. BN: 50 at 2, 4 at 8, 2 at 32; GN (4): 3 at 2, 3 at 8, 2.5 at 32."
    )


# ---- bars

BARS = (
    Bar(group="random", label="BN", norm="bn", values=(20.0, 24.0, 22.0)),
    Bar(group="one class", label="BN", norm="bn", values=(60.0, 64.0, 62.0)),
    Bar(group="random", label="BN, own batches", norm="bn", values=(12.0,), twin=1),
)


def test_bars_are_means_with_whiskers_to_the_extremes():
    figure = bars_figure(BARS, title="T", y=ERROR)
    bn = drawn(figure, "BN")
    assert (list(bn.x), list(bn.y)) == (["random", "one class"], [22, 62])
    assert (list(bn.error_y.array), list(bn.error_y.arrayminus)) == ([2, 2], [2, 2])
    assert bn.error_y.symmetric is False
    assert figure.layout.barmode == "group"
    assert figure.layout.yaxis.title.text == "Error (%)"


def test_bars_of_one_norm_are_told_apart_by_a_pattern():
    figure = bars_figure(BARS, title="T", y=ERROR)
    first, twin = drawn(figure, "BN"), drawn(figure, "BN, own batches")
    assert first.marker.color == twin.marker.color == NORMS["bn"].color
    assert (first.marker.pattern.shape, twin.marker.pattern.shape) == ("", "/")


def test_words_have_every_bar():
    assert bars_in_words(BARS, y=ERROR) == (
        "Error (%). random, BN: 22; one class, BN: 62; random, BN, own batches: 12."
    )


# ---- panels


def two(*, same_y):
    there = Line(label="BN, published", norm="bn", x=(2, 32), values=((34.7,), (23.6,)))
    return panels_figure(
        [
            Panel(title="Here", x=BATCH, y=ERROR, lines=(BN, GN), share=0.7),
            Panel(
                title="There",
                x=Axis(title="x"),
                y=Axis(title="y", log=True),
                lines=(BN,),
                published=(there,),
                share=0.3,
            ),
        ],
        title="T",
        same_y=same_y,
    )


def test_each_panel_has_its_own_lines_and_bands():
    figure = two(same_y=False)
    where = {(trace.name, trace.mode, trace.xaxis) for trace in figure.data}
    assert where == {
        (None, "none", "x"),
        (None, "none", "x2"),
        ("BN", "lines+markers", "x"),
        ("GN (4)", "lines+markers", "x"),
        ("BN", "lines+markers", "x2"),
        ("BN, published", "lines", "x2"),
    }


def test_a_label_stands_in_the_legend_once_and_hides_all_of_its_lines():
    first, second = (trace for trace in two(same_y=False).data if trace.name == "BN")
    assert (first.showlegend, second.showlegend) == (True, False)
    assert first.legendgroup == second.legendgroup == "BN"


def test_panels_share_the_width_as_told():
    layout = two(same_y=False).layout
    widths = [axis.domain[1] - axis.domain[0] for axis in (layout.xaxis, layout.xaxis2)]
    assert widths[0] / widths[1] == pytest.approx(7 / 3)


def test_panels_of_one_scale_have_its_title_once_beside_them():
    layout = two(same_y=True).layout
    assert (layout.yaxis.title.text, layout.yaxis2.title.text) == ("Error (%)", "")
    assert layout.yaxis2.matches == "y"
    assert tuple(layout.yaxis.range) == tuple(layout.yaxis2.range) == (0, 60)
    assert layout.yaxis2.type == "linear"
    assert [text.text for text in layout.annotations] == ["Here", "There"]


def test_panels_of_several_scales_say_each_above_its_panel():
    layout = two(same_y=False).layout
    assert (layout.yaxis.type, layout.yaxis2.type) == ("linear", "log")
    assert [text.text for text in layout.annotations] == ["Here<br>Error (%)", "There<br>y"]
    assert not layout.yaxis.title.text
    assert not layout.yaxis2.title.text


def test_bars_in_a_panel_stand_over_their_groups_names():
    figure = panels_figure(
        [
            Panel(
                title="Bars",
                x=Axis(title=""),
                y=ERROR,
                bars=(BARS[0], Bar(group="4", label="GN", norm="gn", values=(1,))),
            )
        ],
        title="T",
    )
    assert figure.layout.xaxis.type == "category"  # or the group "4" would be the number four
    assert [list(trace.x) for trace in figure.data] == [["random"], ["4"]]


def test_a_logarithmic_span_keeps_a_small_number():
    layout = lines_figure([BN], title="T", x=Axis(title="x", log=True, span=(1e-3, 0.3)), y=ERROR).layout
    assert layout.xaxis.range == pytest.approx((-3, math.log10(0.3)))
