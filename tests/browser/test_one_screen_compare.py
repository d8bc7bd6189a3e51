"""Compare on one screen: the answer, the intervals, the matrix and what opens its evidence, without scrolling."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from core.comparison.methods import method_id
from core.config import preset
from tests.browser.conftest import as_new, drawn, settle
from tests.browser.one_screen import SIZES, in_order, no_wider, outside
from tests.browser.steady import addressed, reads, steady

PHONE = {"width": 390, "height": 844}
Y_RANGE = "chart => chart.querySelector('.js-plotly-plot').layout.yaxis.range"
X_RANGE = "chart => chart.querySelector('.js-plotly-plot').layout.xaxis.range"
FONTS = "texts => texts.map(text => parseFloat(getComputedStyle(text).fontSize))"
NODE = "chart => chart.querySelector('.js-plotly-plot').dataset.seen"


@pytest.fixture(scope="module")
def opened(worker_shipping, worker_page) -> Iterator[Page]:
    """The page with the study, loaded once."""
    with as_new(worker_page) as page:
        page.goto(f"{worker_shipping.url}/compare")
        settle(page)
        chart(page, "graph2").locator(".main-svg").first.wait_for()
        yield page


def chart(page: Page, name: str) -> Locator:
    return page.locator(f".st-key-compare_{name}")


def matrix(page: Page) -> Locator:
    return page.locator(".st-key-compare_pairs")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_answer_intervals_matrix_and_picker_share_the_window(opened, size):
    opened.set_viewport_size(size)
    drawn(opened)
    parts = {
        "answer": opened.locator(".st-key-compare_answer"),
        "intervals": chart(opened, "intervals"),
        "matrix": matrix(opened).get_by_role("table"),
        "legend": matrix(opened).locator(".legend"),
        "picker": opened.get_by_test_id("stMultiSelect"),
        "upload": opened.get_by_role("button", name="Add results"),
    }
    parts |= {str(i): button for i, button in enumerate(matrix(opened).get_by_role("button").all())}
    assert outside(opened, parts) == {}
    # no column of the table is cut
    table = opened.locator(".dvn-scroller")
    reads(opened, lambda: table.evaluate("part => part.scrollWidth <= part.clientWidth"), True)


def test_plotly_takes_the_margins_that_it_is_given(opened):
    """Where it needed more it would draw a chart twice: the intervals and both graphs have enough."""
    opened.set_viewport_size(SIZES[0])
    drawn(opened)
    margins = opened.locator(".js-plotly-plot").evaluate_all(
        """charts => charts.map(({ layout, _fullLayout }) =>
             ['l', 'r', 't', 'b'].map(side => [layout.margin[side], _fullLayout._size[side]]))"""
    )
    assert len(margins) == 3
    assert [[taken for _, taken in sides] for sides in margins] == [[given for given, _ in sides] for sides in margins]


def test_on_a_phone_nothing_is_wider_than_the_window(opened):
    opened.set_viewport_size(PHONE)
    drawn(opened)
    no_wider(opened)
    in_order(
        opened,
        opened.locator(".st-key-compare_answer"),
        chart(opened, "intervals"),
        matrix(opened).get_by_role("table"),
        opened.locator(".st-key-compare_questions"),
        chart(opened, "graph1"),
        chart(opened, "graph2"),
    )
    expect(opened.locator(".st-key-compare_questions summary")).to_have_count(3)  # two, and what is folded
    assert min(opened.locator(".js-plotly-plot text:not(:empty)").evaluate_all(FONTS)) >= 11

    def fits() -> bool:
        boxes = [button.bounding_box() for button in matrix(opened).get_by_role("button").all()]
        return all(box and box["height"] >= 44 and box["x"] + box["width"] <= PHONE["width"] for box in boxes)

    reads(opened, fits, True)


def test_a_pair_opens_its_evidence_by_keyboard_and_the_zoom_of_a_graph_stays(opened):
    opened.set_viewport_size(SIZES[0])
    drawn(opened)
    accuracy = chart(opened, "graph2")
    training = accuracy.locator(".updatemenu-button").filter(has_text=re.compile("^training$"))
    box = steady(accuracy.locator(".nsewdrag").first)
    opened.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    opened.mouse.down()
    opened.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.6 * box["height"], steps=4)
    opened.mouse.up()
    opened.wait_for_timeout(400)  # a double click would set the window back

    def shown() -> tuple[list[float], list[float]]:
        return accuracy.evaluate(X_RANGE), accuracy.evaluate(Y_RANGE)

    reads(opened, lambda: (found := shown()[0])[1] - found[0] < 10, True)
    zoomed = shown()
    accuracy.evaluate("chart => { chart.querySelector('.js-plotly-plot').dataset.seen = 'yes' }")
    training.click()
    expect(accuracy.locator(".gtitle")).to_contain_text("Graph 2. Training accuracy")
    reads(opened, shown, zoomed)
    assert accuracy.evaluate(NODE) == "yes"

    button = matrix(opened).get_by_role("button", name=re.compile("^GN \\(4\\) is higher than BN \\+ L1"))
    button.focus()
    opened.keyboard.press("Enter")
    evidence = opened.locator(".st-key-compare_evidence")
    expect(evidence.get_by_text("GN (4) ends 0.08 points above BN + L1.")).to_be_visible()
    settle(opened)
    for size in SIZES:  # evidence and matrix share the window, too
        opened.set_viewport_size(size)
        drawn(opened)
        opened.locator("h1").scroll_into_view_if_needed()
        assert outside(opened, {"evidence": evidence}) == {}
    first, second, _ = (method_id(config) for config in preset("assignment", precision="bf16"))
    addressed(opened, "compare_pair", f"{first}.{second}")
    expect(button).to_have_attribute("aria-pressed", "true")
    reads(opened, shown, zoomed)
    expect(accuracy.locator(".gtitle")).to_contain_text("Graph 2. Training accuracy")
    button.click()
    expect(evidence).to_have_count(0)
    addressed(opened, "compare_pair", None)
