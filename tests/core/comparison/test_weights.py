import numpy as np

from core.catalogue import NORMS
from core.comparison.sparsity import histogram
from core.comparison.weights import Weights, relative_sizes


def test_one_line_a_network_in_its_colour_and_dash_with_the_share_in_words():
    half = histogram({"w": np.array([[0.0, 1.0], [0.0, -2.0]])})  # rms of a row: |w| / sqrt(2)
    none = histogram({"w": np.array([[1.0, -1.0]])})
    figure = relative_sizes([Weights("BN + L1", "bn", half), Weights("LN", "ln", none)])
    first, second = figure.data
    assert [first.name, second.name] == ["BN + L1: 50.0 % near zero", "LN: 0.0 % near zero"]
    assert [first.line.color, second.line.color] == [NORMS["bn"].color, NORMS["ln"].color]
    assert [first.line.dash, second.line.dash] == [NORMS["bn"].dash, NORMS["ln"].dash]
    drawn = dict(zip(np.round(first.x, 6), first.y, strict=True))
    assert {x: y for x, y in drawn.items() if y} == {-1.4: 25.0, 0.0: 50.0, 1.4: 25.0}
    assert figure.layout.yaxis.type == "log"
    low, high = figure.layout.xaxis.range
    assert low <= half.edges[0] + 0.1
    assert high >= half.edges[-1] - 0.1


def test_the_second_of_a_norm_is_thinner():
    counted = histogram({"w": np.array([[1.0, -1.0]])})
    first, second = relative_sizes([Weights("a", "gn", counted), Weights("b", "gn", counted)]).data
    assert first.line.color == second.line.color
    assert first.line.width > second.line.width
