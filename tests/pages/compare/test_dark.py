"""In the dark theme the charts' buttons have the page's colours, the pressed one as well."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import streamlit as st

from core.catalogue import NORMS
from core.comparison.methods import method_id
from core.comparison.on_page import standing_out
from core.palette import contrast
from pages.parts.compare import dark
from tests.pages.compare.test_compare import figures, lines

PAGE = "#10151c"


@pytest.fixture
def dark_theme(monkeypatch):
    monkeypatch.setattr(dark, "is_dark", lambda: True)


def test_what_plotly_paints_a_pressed_button_is_what_the_style_looks_for():
    red, green, blue = (int(part) for part in re.findall(r"\d+", dark.PRESSED))
    painted = f"#{red:02X}{green:02X}{blue:02X}"
    static = Path(st.__file__).parent / "static/static/js"
    assert any(painted in chart.read_text() for chart in static.glob("PlotlyChart.*.js"))


def test_lines_stand_out_and_buttons_can_be_read(open_page, shipped, dark_theme):
    blue = standing_out(NORMS["bn"].color, PAGE)
    app = open_page("compare", compare_runs=[shipped[0].run_id, method_id(shipped[2].config)])
    graph1, graph2, intervals = figures(app)
    for graph in (graph1, graph2):
        assert [line["line"]["color"] for line in lines(graph)] == [blue, NORMS["ln"].color]
    assert {trace["marker"]["color"] for trace in intervals["data"] if "error_x" in trace} == {blue, NORMS["ln"].color}
    [style] = [block.proto.body for block in app.get("html") if "updatemenu" in block.proto.body]
    rest, edge, ink, pressed, pressed_ink = re.findall(r"#[0-9a-f]{6}", style)
    assert contrast(rest, ink) >= 4.5
    assert contrast(pressed, pressed_ink) >= 4.5
    assert contrast(pressed, PAGE) >= 3
    assert edge == pressed


def test_in_the_light_theme_the_norms_keep_their_colours(open_page, shipped):
    app = open_page("compare")
    assert {line["line"]["color"] for line in lines(figures(app)[0])} == {
        NORMS[norm].color for norm in ("bn", "gn", "ln")
    }
    assert not [block for block in app.get("html") if "updatemenu" in block.proto.body]
