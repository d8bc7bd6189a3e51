"""Train in one window: what starts a race and its picture before, bars, standing and curves from then on."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, settle
from tests.browser.one_screen import SIZES as WINDOWS
from tests.browser.one_screen import in_order, outside
from tests.browser.server import Server
from tests.browser.steady import addressed


def _inside(page: Page, parts: dict[str, Locator]) -> None:
    """Every part lies in the window, at both sizes, without scrolling."""
    for window in WINDOWS:
        page.set_viewport_size(window)
        for name, part in parts.items():
            expect(part, name).to_be_in_viewport(ratio=1)
        assert not outside(page, parts), window


def _charts(page: Page) -> dict[str, Locator]:
    return {
        f"chart of {name}": page.get_by_role("img", name=re.compile(f"line chart of .*{name}", re.I))
        for name in ("loss", "accurac")
    }


def test_before_a_race_its_starts_and_the_picture_to_be_and_a_penalty_is_typed(page, server):
    page.goto(f"{server.url}/train")
    settle(page)
    questions = ("Why normalize at all?", "The exercise: BN + L1, GN or LN?", "All of them: which learns fastest?")
    starts = {name: page.get_by_role("button", name=name) for name in (*questions, "Start the race")}
    _inside(page, starts | _charts(page))
    # on a phone a race can be started in the first window, and the empty charts come after
    page.set_viewport_size(PHONE)
    for name, start in starts.items():
        expect(start, name).to_be_in_viewport(ratio=1)
    in_order(page, *starts.values(), *_charts(page).values())
    page.set_viewport_size(WINDOWS[0])
    page.locator("summary", has_text="Variants, batch size").click()
    box = page.get_by_role("combobox", name="L1").first
    box.click()
    box.fill("2e-4")
    box.press("Enter")
    page.wait_for_url(re.compile("train_1_l1=2e-4"))
    settle(page)
    page.reload()
    settle(page)
    page.locator("summary", has_text="Variants, batch size").click()
    expect(page.get_by_test_id("stSelectbox").filter(has_text="L1").first).to_contain_text("L1")
    addressed(page, "train_1_l1", "2e-4")


def _race(page: Page, server: Server, epochs: int, batch_size: int) -> dict[str, Locator]:
    """Start one on digits; what belongs on one screen from then on."""
    page.goto(f"{server.url}/train?train_dataset=digits&train_epochs={epochs}&train_batch_size={batch_size}")
    settle(page)
    page.get_by_role("button", name="Start the race").click()
    page.wait_for_url(re.compile("race="))
    page.locator(".chart polyline").first.wait_for()
    return {
        "settings": page.locator("summary", has_text=f"batch {batch_size}, lr 0.1, seed 0"),
        "standing": page.get_by_role("table", name="Progress and standing of the variants"),
        **{f"bar {i}": page.get_by_role("progressbar").nth(i) for i in range(3)},
        **_charts(page),
    }


def test_during_a_race_all_of_it(page, server):
    parts = _race(page, server, epochs=50, batch_size=1)  # so long that nobody sees its end
    expect(page.get_by_role("button", name="Start the race")).to_be_hidden()
    stop = page.get_by_role("button", name="Stop all")
    _inside(page, {**parts, "stop": stop})
    stop.click()
    page.get_by_text("Stopped", exact=True).wait_for()


def test_after_a_race_all_of_it(page, server):
    parts = _race(page, server, epochs=1, batch_size=128)
    page.get_by_text("Finished", exact=True).wait_for()
    settle(page)
    _inside(page, {**parts, "what it has shown": page.get_by_text("You just saw")})
    # the colours of the bars are those of the curves
    bars = page.locator(".race-bars .done")
    expect(bars).to_have_count(3)
    colors = {"BN + L1": "rgb(0, 114, 178)", "GN (4)": "rgb(0, 158, 115)", "LN": "rgb(213, 94, 0)"}
    for name, color in colors.items():
        expect(page.get_by_role("progressbar", name=name, exact=True).locator(".done")).to_have_css(
            "background-color", color
        )
    # the rows are in the order of their places
    standing = [int(place) for place in page.locator(".race-bars tbody td:nth-child(3)").all_inner_texts()]
    assert len(standing) == len(colors)
    assert standing == sorted(standing)
    # the way back to the form
    parts["settings"].click()
    expect(page.get_by_role("button", name="Start the race")).to_be_visible()
