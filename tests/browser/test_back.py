"""The browser's Back and Forward: one press, one page, as it was."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from core.records import store as runs
from tests.browser.conftest import DESKTOP, PATIENCE, drawn, settle
from tests.browser.late import LateAnswers, kind
from tests.browser.server import Server
from tests.browser.steady import reads
from tests.wrong_records import config, predictions, record

RUNS = [record(config("bn"), predictions({4: 9})), record(config("ln"), predictions({6: 0}))]
NAVIGATION = "stTopNavLinkContainer"
WRITTEN = {"compare": "compare_runs", "misclassified": "wrong_runs"}
"""What a page writes into its address when it is opened without a word."""


@pytest.fixture(autouse=True)
def two_runs(server: Server) -> None:
    """Compare and Misclassified show them, and name them in their addresses."""
    for one in RUNS:
        runs.save(one, server.runs)


def entries(page: Page) -> int:
    return int(page.evaluate("history.length"))


def at(page: Page) -> tuple[str, dict[str, list[str]]]:
    parts = urlsplit(page.url)
    return parts.path, parse_qs(parts.query)


def written(page: Page, name: str) -> None:
    """Wait until the address names something under ``name``."""
    page.wait_for_function("name => new URL(location.href).searchParams.has(name)", arg=name)


def go_to(page: Page, name: str) -> None:
    page.get_by_test_id(NAVIGATION).get_by_text(name.capitalize(), exact=True).click()
    page.wait_for_url(f"**/{name}*")
    if name in WRITTEN:
        written(page, WRITTEN[name])
    settle(page)


def rests(page: Page) -> None:
    """Wait for the end of a run that is being begun: who goes on meanwhile gets more entries, from Streamlit."""
    drawn(page)
    settle(page)


def runs_that_ended(page: Page) -> list[None]:
    """One entry for each run of the page that the server tells the browser of, from now on."""
    ended: list[None] = []

    def hear(said: str | bytes) -> None:
        if kind(said) == "script_finished":
            ended.append(None)

    page.on("websocket", lambda socket: socket.on("framereceived", hear))
    return ended


def test_who_comes_to_a_page_that_writes_nothing_waits_for_one_run(server, page):
    page.goto(f"{server.url}/compare")
    answer = page.locator(".st-key-one_entry_answer")
    written(page, "compare_runs")
    expect(answer).to_have_count(1)
    rests(page)  # the first visit of a server has a run more, from Streamlit
    ended = runs_that_ended(page)
    page.goto(server.url)
    page.get_by_role("heading", name="Which numbers share a mean?").wait_for()
    rests(page)
    expect(answer).to_have_count(0)  # so nothing will ask for a second one
    reads(page, lambda: len(ended), 1)


def test_every_page_from_home_is_one_press_away_from_home(server, page):
    home = page.get_by_role("heading", name="Which numbers share a mean?")
    page.goto(server.url)
    settle(page)
    before = entries(page)
    for name in ("statistics", "train", "lab", "compare", "misclassified"):
        go_to(page, name)
        assert entries(page) == before + 1, name
        left, heading = page.url, page.locator("h1").inner_text()
        page.go_back()
        expect(home).to_be_visible()
        rests(page)
        expect(page).to_have_url(f"{server.url}/")
        page.go_forward()
        expect(page.locator("h1")).to_have_text(heading)
        rests(page)
        expect(page).to_have_url(left)
        page.go_back()
        expect(home).to_be_visible()
        rests(page)


@pytest.mark.parametrize("name", ["compare", "misclassified"])
def test_a_page_that_is_opened_by_its_address_has_one_entry(server, page, name):
    before = entries(page)
    page.goto(f"{server.url}/{name}")
    written(page, WRITTEN[name])
    settle(page)
    reads(page, lambda: at(page), (f"/{name}", {WRITTEN[name]: [one.run_id for one in RUNS]}))
    assert entries(page) == before + 1


def test_what_is_changed_on_a_page_adds_no_entry_and_is_there_again(server, page):
    page.goto(server.url)
    settle(page)
    go_to(page, "statistics")
    before = entries(page)
    page.get_by_role("radio", name="LayerNorm").click()  # bound: the browser writes it
    written(page, "stats_norm")
    settle(page)
    page.locator(".tensor .board").click()  # not bound: the server writes it
    written(page, "stats_cell")
    settle(page)
    assert entries(page) == before
    left = at(page)
    assert left[1]["stats_norm"] == ["LayerNorm"]
    page.go_back()
    expect(page.get_by_role("heading", name="Which numbers share a mean?")).to_be_visible()
    page.go_forward()
    expect(page.get_by_role("radio", name="LayerNorm")).to_be_checked()
    settle(page)
    reads(page, lambda: at(page), left)


def test_a_page_that_is_left_before_its_pieces_are_there(server, browser):
    """What a piece of the first page says on the way to the second must not empty the second."""
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    code: list[Route] = []
    page.route("**/BidiComponent*.js", lambda route: code.append(route))
    answers = LateAnswers(page)
    page.goto(server.url)
    settle(page)
    answers.late = True
    page.get_by_test_id(NAVIGATION).get_by_text("Statistics", exact=True).click()
    for asked in code:
        asked.continue_()
    page.wait_for_function("Object.hasOwn(history, 'pushState')")  # the piece is there
    answers.come()
    expect(page.get_by_role("heading", name="Who shares a mean?")).to_be_visible()
    settle(page)
    page.locator(".tensor .board").click()  # and it stays
    written(page, "stats_cell")
    page.go_back()
    expect(page.get_by_role("heading", name="Which numbers share a mean?")).to_be_visible()
    context.close()
