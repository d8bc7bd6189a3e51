"""On a dark page the norms keep their hue and stand out."""

from __future__ import annotations

import pytest

from core.catalogue import NORMS
from core.comparison import graphs
from core.comparison.methods import as_methods
from core.comparison.on_page import LEAST, on_page, standing_out
from core.palette import band_color, contrast
from tests.core.comparison.test_graphs import run

DARK = "#10151c"


@pytest.mark.parametrize("norm", NORMS)
def test_every_norm_stands_out_and_changes_no_more_than_that_takes(norm):
    color = NORMS[norm].color
    found = standing_out(color, DARK)
    assert contrast(found, DARK) >= LEAST
    assert (found == color) == (contrast(color, DARK) >= LEAST)
    assert found == color or contrast(found, DARK) < LEAST + 1


def test_lines_bands_rings_and_the_arrows_at_their_ends_change_together():
    pair = as_methods([run([90, 98], seed=0), run([94, 99], seed=1), run([93, 97], norm="ln")])
    before = graphs.accuracy_figure(pair)
    after = on_page(before, DARK)
    blue, orange = standing_out(NORMS["bn"].color, DARK), NORMS["ln"].color
    lines = [trace for trace in after.data if trace.mode == "lines+markers"]
    assert [trace.line.color for trace in lines] == [trace.marker.color for trace in lines] == [blue, orange]
    assert [trace.fillcolor for trace in after.data if trace.fill] == [band_color(blue)]
    [rings] = [trace for trace in after.data if trace.marker.symbol == "circle-open"]
    assert list(rings.marker.color) == [blue, orange]
    assert {note.arrowcolor for note in after.layout.annotations if note.arrowcolor} == {blue, orange}
    assert [list(trace.y) for trace in after.data] == [list(trace.y) for trace in before.data]
    assert before.data[1].line.color == NORMS["bn"].color
